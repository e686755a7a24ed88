//! `serve`: the gateway for many servers, principals and grants.

use std::path::Path;
use std::process::ExitCode;

use toolgate_console::Listener;
use toolgate_gateway::{Beside, Reload};

use crate::args::ServeArgs;
use crate::config::console::Console;
use crate::config::{self, Config};
use crate::estate::Estate;
use crate::exit::{Exit, Failure};
use crate::{output, state, wire};

use super::run::failure;

pub(super) fn execute(args: ServeArgs) -> Result<ExitCode, Failure> {
    let (config, remarks) = match &args.config {
        Some(path) => config::read(path).map_err(|error| {
            output::tell(&error.to_string());
            let text = format!("the configuration `{}` cannot be used", path.display());
            Failure::new(Exit::Policy, text)
        })?,
        None => (Config::default(), String::new()),
    };
    let state = state::directory(args.state.or_else(|| config.state.clone()))?;
    // The first line of all is the address.
    let fixed = config.fixed_json();
    let reload = args.config.map(|path| {
        Reload(Box::new(move || {
            let (config, remarks) = config::read(&path).map_err(|error| format!("\n{error}"))?;
            if config.fixed_json() != fixed {
                output::tell(
                    "toolgate: settings other than servers, the organization's policy and \
                     certificates have changed; they take effect with the next start",
                );
            }
            if !remarks.is_empty() {
                output::tell(&remarks);
            }
            wire::configured(&config).map_err(|failure| failure.text)
        }))
    });
    let url = config.console.as_ref().and_then(|console| console.url.clone());
    let near = !config.listen.is_reachable_from_afar();
    let gateway = config.listen.address(config.tls.is_some());
    let beside = |console| beside(console, &state, gateway);
    let console = config.console.clone().map(beside).transpose()?;
    let mut options = wire::serve(config, state, remarks, reload)?;
    if let Some((beside, address)) = console {
        // Whose client is elsewhere finds no page on this machine's own address.
        let pages = url.or_else(|| near.then_some(address));
        options.approval_url = pages.map(|url| format!("{url}/approvals"));
        options.beside = Some(beside);
    }
    let code = toolgate_gateway::serve(options).map_err(failure)?;
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}

/// The console in the same process: it has the gateway's own store and nothing else of it. Its
/// address is taken at once, so that nothing begins if that cannot be. Gives that, too.
fn beside(
    console: Console,
    state: &Path,
    gateway: Option<String>,
) -> Result<(Beside, String), Failure> {
    let listener =
        Listener::bind(console.listen).map_err(|error| super::console::failure(&error))?;
    let own = listener.address();
    let address = console.url.clone().unwrap_or_else(|| own.clone());
    let options = toolgate_console::Options {
        state: state.to_owned(),
        url: console.url,
        read_secret: wire::read_secret,
        explain: super::explain::explain,
        gateway,
        servers: Estate::over(state),
        tell: output::tell,
    };
    let beside = Beside(Box::new(move |store, stopping| {
        Box::pin(async move {
            output::tell(&format!("toolgate: the console is at {address}"));
            let served = toolgate_console::serve(listener, options, store, stopping).await;
            served.map_err(|error| error.to_string())
        })
    }));
    Ok((beside, own))
}
