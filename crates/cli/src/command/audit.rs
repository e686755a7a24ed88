//! `audit`: reads and verifies the log of a state directory.

mod export;
mod show;
mod tail;
mod verify;

use std::process::ExitCode;

use crate::args::{AuditArgs, AuditCommand};
use crate::exit::Failure;
use crate::place;

pub(super) fn execute(args: AuditArgs) -> Result<ExitCode, Failure> {
    let state = place::state_of(&args.place)?;
    match args.command {
        AuditCommand::Export(export) => export::execute(&state, export),
        AuditCommand::Show(show) => show::execute(&state, &show, args.place.json),
        AuditCommand::Tail(tail) => tail::execute(&state, tail, args.place.json),
        AuditCommand::Verify(verify) => verify::execute(&state, &verify, args.place.json),
    }
}
