//! `tools`: what servers say of their tools, as it was and as it is.

use std::path::Path;
use std::process::ExitCode;

use bytes::Bytes;
use toolgate_catalog::{DiffLine, Fingerprint, diff, narrows};
use toolgate_json::{Document, Reading};
use toolgate_store::{Act, Directory, Pin, PinnedTool};

use crate::args::{AcceptArgs, ToolsArgs, ToolsCommand, ToolsDiffArgs};
use crate::exit::{Exit, Failure};
use crate::json::{self, Object};
use crate::{output, place, sheet, time};

pub(super) fn execute(args: ToolsArgs) -> Result<ExitCode, Failure> {
    let (state, json) = (place::state_of(&args.place)?, args.place.json);
    match args.command {
        ToolsCommand::Accept(args) => accept(&state, args, json)?,
        ToolsCommand::Diff(args) => show_changes(&state, &args, json)?,
        ToolsCommand::List(args) => list(&place::read(&state)?, args.server.as_deref(), json)?,
    }
    Ok(Exit::Ok.into())
}

fn accept(state: &Path, args: AcceptArgs, json: bool) -> Result<(), Failure> {
    let AcceptArgs { server, tool, fingerprint, .. } = args;
    let act = Act::AcceptTools { server: server.clone(), tool: tool.clone(), fingerprint };
    place::change(state, vec![act])?;
    if json {
        let object = Object::new().text("server", &server).maybe_text("tool", tool.as_deref());
        return output::print(&(object.text("done", "accepted").finish() + "\n"));
    }
    output::print(&match tool {
        Some(tool) => format!("tool `{}` of server `{server}` accepted\n", output::visible(&tool)),
        None => format!("all changes of server `{server}` accepted\n"),
    })
}

/// Every pinned tool of one server or of all.
fn pinned<'a>(
    directory: &'a Directory,
    server: Option<&str>,
) -> impl Iterator<Item = (&'a str, &'a str, &'a Pin)> {
    let servers = directory.pins.iter();
    let servers = servers.filter(move |(name, _)| server.is_none_or(|server| server == *name));
    servers.flat_map(|(server, pins)| {
        pins.iter().map(move |(tool, pin)| (server.as_str(), tool.as_str(), pin))
    })
}

fn known(directory: &Directory, server: Option<&str>) -> Result<(), Failure> {
    match server {
        Some(name)
            if !directory.pins.contains_key(name) && !directory.servers.contains_key(name) =>
        {
            let text = format!("there is no server `{name}`; `toolgate server list` has them all");
            Err(Failure::new(Exit::Usage, text))
        }
        _ => Ok(()),
    }
}

fn list(directory: &Directory, server: Option<&str>, json: bool) -> Result<(), Failure> {
    known(directory, server)?;
    let all = pinned(directory, server);
    if json {
        let tools = json::array(all.map(|(server, tool, pin)| {
            Object::new()
                .text("server", server)
                .text("tool", tool)
                .text("fingerprint", &Fingerprint::from(pin.fingerprint).to_string())
                .text("seen", &time::utc(pin.seen_ms))
                .maybe_text("changed", pin.changed.map(hex).as_deref())
                .maybe_text("gone", pin.gone_ms.map(time::utc).as_deref())
                .finish()
        }));
        return output::print(
            &(Object::new().plain("version", 1).raw("tools", tools).finish() + "\n"),
        );
    }
    let rows = all.map(|(server, tool, pin)| {
        let short = Fingerprint::from(pin.fingerprint).short();
        [server.to_owned(), tool.to_owned(), short, time::local(pin.seen_ms), state(pin)]
    });
    sheet::print(["server", "tool", "fingerprint", "since", "state"], rows)
}

fn state(pin: &Pin) -> String {
    match (pin.gone_ms, pin.changed, pin.changed_ms) {
        (Some(at), _, _) => format!("gone {}: see `tools diff`", time::local(at)),
        (None, Some(_), Some(at)) => format!("changed {}: see `tools diff`", time::local(at)),
        (None, Some(_), None) => "changed: see `tools diff`".to_owned(),
        (None, None, _) => "unchanged".to_owned(),
    }
}

fn hex(fingerprint: [u8; 32]) -> String {
    Fingerprint::from(fingerprint).to_string()
}

/// One tool that is no longer what it was.
struct Changed {
    server: String,
    tool: String,
    from: Fingerprint,
    to: Fingerprint,
    /// Nothing where a definition was too long to keep.
    difference: Option<(Vec<DiffLine>, bool)>,
}

/// One tool that its server no longer lists.
struct Gone<'a> {
    server: &'a str,
    tool: &'a str,
    from: Fingerprint,
    since_ms: u64,
}

impl<'a> Gone<'a> {
    fn of((server, tool, pin): (&'a str, &'a str, &Pin)) -> Option<Self> {
        Some(Self { server, tool, from: pin.fingerprint.into(), since_ms: pin.gone_ms? })
    }

    fn to_json(&self) -> String {
        Object::new()
            .text("server", self.server)
            .text("tool", self.tool)
            .text("from", &self.from.to_string())
            .text("gone", &time::utc(self.since_ms))
            .finish()
    }

    fn to_text(&self) -> String {
        let Self { server, tool, from, since_ms } = self;
        let (at, from) = (time::local(*since_ms), from.short());
        let accept = format!("toolgate tools accept {server} {}", copied(tool));
        let shown = output::visible(tool);
        format!("{server} / {shown}: {from}, gone {at}\n  To let it go: {accept}\n")
    }
}

fn show_changes(state: &Path, args: &ToolsDiffArgs, json: bool) -> Result<(), Failure> {
    let directory = place::read(state)?;
    known(&directory, args.server.as_deref())?;
    let (server, tool) = (args.server.as_deref(), args.tool.as_deref());
    let named = |name: &str| tool.is_none_or(|tool| tool == name);
    if let (Some(server), Some(tool)) = (server, tool)
        && !pinned(&directory, Some(server)).any(|(_, name, _)| named(name))
    {
        let text =
            format!("server `{server}` has shown no tool `{tool}`; see `toolgate tools list`");
        return Err(Failure::new(Exit::Usage, text));
    }
    let all = || pinned(&directory, server).filter(|(_, name, _)| named(name));
    let gone: Vec<Gone<'_>> = all().filter_map(Gone::of).collect();
    let mut changes = Vec::new();
    for (server, tool, _) in all().filter(|(.., pin)| pin.changed.is_some()) {
        changes.extend(read(state, server, tool)?);
    }
    if json {
        let changes = json::array(changes.iter().map(to_json));
        let gone = json::array(gone.iter().map(Gone::to_json));
        let told = Object::new().plain("version", 1).raw("changes", changes).raw("gone", gone);
        return output::print(&(told.finish() + "\n"));
    }
    if changes.is_empty() && gone.is_empty() {
        return output::print("no tool has changed\n");
    }
    let told = changes.iter().map(to_text).chain(gone.iter().map(Gone::to_text));
    output::print(&told.collect::<Vec<_>>().join("\n"))
}

/// Nothing if the change was taken back or accepted meanwhile, or the tool is gone.
fn read(state: &Path, server: &str, tool: &str) -> Result<Option<Changed>, Failure> {
    let there = place::reader(state)?.pinned_tool(server, tool)?;
    let Some(PinnedTool { pin, definition, changed_definition }) = there else { return Ok(None) };
    let Some(to) = pin.changed.filter(|_| pin.gone_ms.is_none()) else { return Ok(None) };
    let parse = |text: Option<String>| Document::parse(Bytes::from(text?), Reading::Plain).ok();
    let difference = match (parse(definition), parse(changed_definition)) {
        (Some(old), Some(new)) => {
            Some((diff(old.root(), new.root()), narrows(old.root(), new.root())))
        }
        (None, _) | (_, None) => None,
    };
    let (from, to) = (pin.fingerprint.into(), to.into());
    Ok(Some(Changed { server: server.to_owned(), tool: tool.to_owned(), from, to, difference }))
}

fn to_json(change: &Changed) -> String {
    let object = Object::new()
        .text("server", &change.server)
        .text("tool", &change.tool)
        .text("from", &change.from.to_string())
        .text("to", &change.to.to_string());
    let Some((lines, narrows)) = &change.difference else { return object.finish() };
    let lines = lines.iter().map(|line| json::string(&signed(line)));
    object.plain("narrows", narrows).raw("diff", json::array(lines)).finish()
}

fn to_text(change: &Changed) -> String {
    let Changed { server, tool, from, to, difference } = change;
    let tool = output::visible(tool);
    let mut text = format!("{server} / {tool}: {}, now {}\n", from.short(), to.short());
    match difference {
        Some((lines, narrows)) => {
            text.extend(lines.iter().map(|line| format!("  {}\n", signed(line))));
            text.push_str(if *narrows {
                "  It asks for less, and says nothing new.\n"
            } else {
                ""
            });
        }
        None => text.push_str("  The definition is too long to be kept, so there is no diff.\n"),
    }
    let named = copied(&tool);
    let accept = format!("toolgate tools accept {server} {named} --fingerprint {}", to.short());
    format!("{text}  To take it: {accept}\n")
}

/// A name that a shell might read in another way is not for copying.
fn copied(tool: &str) -> &str {
    let plain = tool.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    if plain && !tool.starts_with('-') { tool } else { "TOOL" }
}

fn signed(line: &DiffLine) -> String {
    format!("{} {}", if line.is_new { '+' } else { '-' }, line.text)
}
