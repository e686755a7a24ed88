//! `demo`: the gate at work, with nothing to set up.

use std::process::ExitCode;

use crate::args::DemoArgs;
use crate::demo;
use crate::exit::Failure;

pub(super) fn execute(args: &DemoArgs) -> Result<ExitCode, Failure> {
    if args.once { demo::once() } else { demo::live(args.listen) }
}
