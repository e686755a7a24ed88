//! `server`: what stands behind the gateway.

mod login;
mod test;

use std::path::Path;
use std::process::ExitCode;

use toolgate_policy::document::Severity;
use toolgate_store::{Act, Directory, SecretError, Secrets, Server};

use crate::args::{AddServerArgs, ServerArgs, ServerCommand};
use crate::config;
use crate::config::secret::Show;
use crate::config::server::Reach;
use crate::exit::{Exit, Failure};
use crate::json::{self, Object};
use crate::{header, output, place, sealed, sheet};

pub(super) fn execute(args: ServerArgs) -> Result<ExitCode, Failure> {
    let (state, json) = (place::state_of(&args.place)?, args.place.json);
    match args.command {
        ServerCommand::Add(args) => add(&state, &args, json)?,
        ServerCommand::List => list(&place::read(&state)?, json)?,
        ServerCommand::Login(args) => {
            login::login(&state, &args.name)?;
            told(json, &args.name, "logged in")?;
        }
        ServerCommand::Logout(args) => {
            login::logout(&state, &args.name)?;
            told(json, &args.name, "logged out")?;
        }
        ServerCommand::RotateKey => rotate_key(&state, json)?,
        ServerCommand::Remove(args) => {
            let before = place::read(&state)?;
            place::change(&state, vec![Act::RemoveServer { name: args.name.clone() }])?;
            forget(&state, before.servers.get(&args.name))?;
            login::logout(&state, &args.name)?;
            told(json, &args.name, "removed")?;
        }
        ServerCommand::Show(args) => show(&place::read(&state)?, &args.name, json)?,
        ServerCommand::Test(args) => test::execute(&state, &args.name, json)?,
    }
    Ok(Exit::Ok.into())
}

/// Nobody needs the credentials any more that were kept for it.
fn forget(state: &Path, server: Option<&Server>) -> Result<(), Failure> {
    let settings = server.and_then(|server| config::server_from_json(&server.spec).ok());
    let forgotten = settings.map_or(Ok(()), |settings| sealed::forget(state, &settings, None));
    forgotten.map_err(|why| Failure::new(Exit::State, why))
}

fn add(state: &Path, args: &AddServerArgs, json: bool) -> Result<(), Failure> {
    let entry = entry(args)?;
    let (server, remarks) = config::server_entry(&args.name, &entry)
        .map_err(|why| Failure::new(Exit::Usage, format!("server `{}`: {why}", args.name)))?;
    for remark in remarks.iter().filter(|remark| remark.severity == Severity::Warning) {
        let help = remark.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
        let text = format!("server `{}`: {}{help}", args.name, remark.message);
        output::tell(&format!("toolgate: warning: {}", output::visible(&text)));
    }
    let server = Server::of_cli(&args.name, server.to_json());
    place::change(state, vec![Act::PutServer(server)])?;
    told(json, &args.name, "registered")
}

/// What was typed, as it would stand in a config file.
fn entry(args: &AddServerArgs) -> Result<String, Failure> {
    let tools_changed = args.tools_changed.as_deref();
    let Some(url) = &args.url else {
        let command = json::array(args.command.iter().map(|word| json::string(word)));
        let env = args.env.iter().try_fold(Object::new(), |env, typed| {
            let (name, source) = header::source(typed, "--env")?;
            Ok::<_, Failure>(env.text(name, source))
        })?;
        let entry = Object::new().raw("command", command).raw("env", env.finish());
        return Ok(entry.maybe_text("tools_changed", tools_changed).finish());
    };
    let headers = args.headers.iter().try_fold(Object::new(), |headers, typed| {
        header::read(typed)?;
        let (name, source) = header::source(typed, "--header")?;
        Ok::<_, Failure>(headers.text(name, source))
    })?;
    let entry = Object::new().text("url", url).raw("headers", headers.finish());
    let entry = entry.maybe_text("transport", args.transport.as_deref());
    Ok(entry.maybe_text("tools_changed", tools_changed).finish())
}

fn told(json: bool, server: &str, what: &str) -> Result<(), Failure> {
    if json {
        let object = Object::new().text("server", server).text("done", what);
        return output::print(&(object.finish() + "\n"));
    }
    output::print(&format!("server `{server}` {what}\n"))
}

fn list(directory: &Directory, json: bool) -> Result<(), Failure> {
    if json {
        let servers = json::array(directory.servers.values().map(to_json));
        return output::print(
            &(Object::new().plain("version", 1).raw("servers", servers).finish() + "\n"),
        );
    }
    let rows = directory.servers.values().map(|server| {
        let live = directory.grants.values().filter(|grant| grant.revoked_ms.is_none());
        let used = live.filter(|grant| grant.servers.contains(&server.name)).count();
        let origin = server.origin.as_str().to_owned();
        [server.name.clone(), reach(server), origin, used.to_string()]
    });
    sheet::print(["server", "reached by", "kept by", "grants"], rows)
}

fn reach(server: &Server) -> String {
    match config::server_from_json(&server.spec).map(|server| server.reach) {
        Ok(Reach::Command(command)) => command.words(Show::NoSecrets).join(" "),
        Ok(Reach::Url(remote)) => remote.address(Show::NoSecrets),
        Err(why) => format!("cannot be read: {why}"),
    }
}

fn rotate_key(state: &Path, json: bool) -> Result<(), Failure> {
    let failed = |error: SecretError| Failure::new(Exit::State, error.to_string());
    let count = Secrets::open(state, None).and_then(|secrets| secrets.rotate()).map_err(failed)?;
    if json {
        return output::print(&(Object::new().plain("resealed", count).finish() + "\n"));
    }
    output::print(&format!("a new key seals all {count} kept secrets\n"))
}

fn known<'a>(directory: &'a Directory, name: &str) -> Result<&'a Server, Failure> {
    directory.servers.get(name).ok_or_else(|| {
        let text = format!("there is no server `{name}`; `toolgate server list` has them all");
        Failure::new(Exit::Usage, text)
    })
}

fn show(directory: &Directory, name: &str, json: bool) -> Result<(), Failure> {
    let server = known(directory, name)?;
    let text = to_json(server);
    output::print(&if json { json::versioned(&text) + "\n" } else { json::indented(&text) })
}

/// Without plain secrets.
fn to_json(server: &Server) -> String {
    let object = Object::new().text("server", &server.name).text("origin", server.origin.as_str());
    match config::server_from_json(&server.spec) {
        Ok(settings) => object.raw("settings", settings.shown()).finish(),
        Err(why) => object.text("error", &why).finish(),
    }
}
