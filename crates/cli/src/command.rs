//! One file per command: from what was typed to what is done.

mod account;
mod approvals;
mod attacks;
mod audit;
mod catalog;
mod check;
mod child;
mod completions;
mod console;
mod demo;
mod demo_shop;
mod explain;
mod freeze;
mod grant;
mod policy;
mod replay;
mod report;
mod run;
mod scan;
mod serve;
mod server;
mod test;
mod thaw;
mod tools;
mod top;

use std::process::ExitCode;

pub(crate) use run::{failure, start};

use crate::args::Command;
use crate::exit::Failure;

pub(crate) fn execute(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Account(args) => account::execute(args),
        Command::Approvals(args) => approvals::execute(args),
        Command::Attacks(args) => attacks::execute(args),
        Command::Audit(args) => audit::execute(args),
        Command::Catalog(args) => catalog::execute(args),
        Command::Check(args) => check::execute(&args),
        Command::Child(args) => Err(child::execute(&args)),
        Command::Completions(args) => completions::execute(&args),
        Command::Console(args) => console::execute(args),
        Command::Demo(args) => demo::execute(&args),
        Command::DemoShop(args) => demo_shop::execute(&args),
        Command::Explain(args) => explain::execute(&args),
        Command::Freeze(args) => freeze::execute(&args),
        Command::Grant(args) => grant::execute(args),
        Command::Policy(args) => policy::execute(args),
        Command::Replay(args) => replay::execute(args),
        Command::Report(args) => report::execute(args),
        Command::Run(args) => run::execute(args),
        Command::Scan(args) => scan::execute(&args),
        Command::Serve(args) => serve::execute(args),
        Command::Server(args) => server::execute(args),
        Command::Test(args) => test::execute(&args),
        Command::Thaw(args) => thaw::execute(&args),
        Command::Tools(args) => tools::execute(args),
        Command::Top(args) => top::execute(&args),
    }
}
