//! The question that somebody means.

use toolgate_store::{Approval, ApprovalReader, Which};

use crate::exit::{Exit, Failure};
use crate::output::visible;

const PREFIX: &str = "apr_";
const NAMED_MAX: usize = 8;

/// By its whole id, or by a beginning that only one has; what waits comes before what is over.
pub(crate) fn find(reader: &ApprovalReader, typed: &str) -> Result<Approval, Failure> {
    if let Some(approval) = reader.show(typed)? {
        return Ok(approval);
    }
    let pending = reader.list(Which::Pending)?;
    let begin = |approval: &Approval| begins(&approval.id, typed);
    let mut meant: Vec<Approval> = pending.iter().filter(|it| begin(it)).cloned().collect();
    if meant.is_empty() {
        meant = reader.list(Which::All)?.into_iter().filter(begin).collect();
    }
    match (meant.pop(), meant.len()) {
        (Some(approval), 0) => Ok(approval),
        (Some(last), _) => {
            meant.push(last);
            let text = format!("`{}` may be {}; write more of it", visible(typed), named(&meant));
            Err(Failure::new(Exit::Unexpected, text))
        }
        (None, _) => {
            let there = match pending.len() {
                0 => "nothing is pending".to_owned(),
                _ => format!("pending is {}", named(&pending)),
            };
            let text = format!("there is no approval `{}`; {there}", visible(typed));
            Err(Failure::new(Exit::Unexpected, text))
        }
    }
}

fn begins(id: &str, typed: &str) -> bool {
    let digits = id.strip_prefix(PREFIX).unwrap_or(id);
    !typed.is_empty()
        && (id.starts_with(typed) && typed.len() > PREFIX.len() || digits.starts_with(typed))
}

fn named(approvals: &[Approval]) -> String {
    let ids: Vec<_> = approvals.iter().take(NAMED_MAX).map(|it| it.id.as_str()).collect();
    let more = match approvals.len().saturating_sub(NAMED_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    ids.join(", ") + &more
}
