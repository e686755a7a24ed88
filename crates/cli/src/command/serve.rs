//! `serve`: the gateway for many servers, principals and grants.

use std::process::ExitCode;

use toolgate_gateway::Reload;

use crate::args::ServeArgs;
use crate::config::{self, Config};
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
    let options = wire::serve(config, state, remarks, reload)?;
    let code = toolgate_gateway::serve(options).map_err(failure)?;
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}
