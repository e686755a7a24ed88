//! `audit`: reads and verifies the log of a state directory.

mod export;
mod show;
mod tail;
mod verify;

use std::process::ExitCode;

use crate::args::{AuditArgs, AuditCommand};
use crate::exit::Failure;
use crate::state;

pub(super) fn execute(args: AuditArgs) -> Result<ExitCode, Failure> {
    let state = state::directory(args.state)?;
    match args.command {
        AuditCommand::Export(export) => export::execute(&state, export),
        AuditCommand::Show(show) => show::execute(&state, &show, args.json),
        AuditCommand::Tail(tail) => tail::execute(&state, tail, args.json),
        AuditCommand::Verify(verify) => verify::execute(&state, &verify, args.json),
    }
}
