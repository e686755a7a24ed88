//! `toolgate`: a policy gateway for MCP.

mod ancestry;
mod approvals;
mod args;
mod attacks;
mod audit;
mod catalog;
mod client;
mod command;
mod config;
mod demo;
mod estate;
mod exit;
mod extent;
mod header;
mod json;
mod named;
mod output;
mod place;
mod policy_text;
mod replay;
mod report;
mod scan;
mod screen;
mod sealed;
mod server_name;
mod sheet;
mod shop;
mod state;
mod time;
mod top;
mod usage;
mod who;
mod wire;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let (failure, json) = match usage::read(&std::env::args_os().collect::<Vec<_>>()) {
        Ok(None) => return ExitCode::SUCCESS,
        Ok(Some(cli)) => {
            let json = cli.command.json();
            match command::execute(cli.command) {
                Ok(code) => return code,
                Err(failure) => (failure, json),
            }
        }
        Err(failed) => failed,
    };
    if !failure.text.is_empty() {
        output::tell(&failure.line(json));
    }
    failure.exit.into()
}
