//! `demo-shop`: the server of the demo, on standard input and output.

use std::io;
use std::process::ExitCode;

use crate::args::DemoShopArgs;
use crate::exit::{Exit, Failure};
use crate::shop;

pub(super) fn execute(args: &DemoShopArgs) -> Result<ExitCode, Failure> {
    shop::serve(io::stdin().lock(), io::stdout().lock(), args.ledger.as_deref())
        .map_err(|e| Failure::new(Exit::Unexpected, format!("the demo shop stopped: {e}")))?;
    Ok(ExitCode::SUCCESS)
}
