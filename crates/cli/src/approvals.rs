//! Questions to people, as people and programs are shown them.

mod answering;
mod changes;
mod find;
mod json;
mod sheet;
mod text;

pub(crate) use answering::answer;
pub(crate) use changes::Changes;
pub(crate) use find::find;
pub(crate) use json::to_json;
pub(crate) use sheet::{facts, history, sheet};
pub(crate) use text::{arguments, brief, folded, left};

use std::path::Path;

use toolgate_store::{Approval, ApprovalReader};

use crate::exit::Failure;
use crate::output::visible;

/// Reads the approvals of a state directory; it takes no lock.
pub(crate) fn open(state: &Path) -> Result<ApprovalReader, Failure> {
    Ok(ApprovalReader::open(state)?)
}

/// `shop/refund`
pub(crate) fn call(approval: &Approval) -> String {
    let tool = approval.tool.as_deref().unwrap_or(&approval.method);
    visible(&format!("{}/{tool}", approval.caller.server))
}
