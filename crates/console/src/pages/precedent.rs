//! What helps whoever answers: the risk of the tool, and what was answered to calls of it before.

use toolgate_store::{Approval, ReadError, State, Which};

use crate::house::{House, Readers};
use crate::moment;
use crate::reply::Refusal;

use super::foreign::Foreign;
use super::servers;

/// All there is of it.
#[derive(Default)]
pub(super) struct Precedent {
    pub(super) risk: Option<servers::Brief>,
    pub(super) past: Vec<Past>,
    pub(super) more: usize,
}

/// A question about a call of the same tool, that has ended.
pub(super) struct Past {
    pub(super) id: String,
    pub(super) state: &'static str,
    pub(super) who: Foreign,
    pub(super) by: Option<Foreign>,
    pub(super) reason: Option<Foreign>,
    pub(super) when: String,
    pub(super) is_same_caller: bool,
}

const PAST_MAX: usize = 8;

pub(super) async fn of(house: &House, approval: &Approval) -> Result<Precedent, Refusal> {
    let approval = approval.clone();
    house.apart(move |readers| look(readers, &approval)).await
}

fn look(readers: &Readers, approval: &Approval) -> Result<Precedent, ReadError> {
    let Some(tool) = approval.tool.as_deref() else { return Ok(Precedent::default()) };
    let server = &approval.caller.server;
    let all = readers.approvals.list(Which::All)?;
    let is_like = |one: &&Approval| {
        one.id != approval.id
            && one.state != State::Pending
            && one.caller.server == *server
            && one.tool.as_deref() == Some(tool)
    };
    let mut past: Vec<_> = all.iter().filter(is_like).collect();
    past.reverse();
    let more = past.len().saturating_sub(PAST_MAX);
    let past = past.into_iter().take(PAST_MAX).map(|one| line(one, approval)).collect();
    Ok(Precedent { risk: servers::brief(readers, server, tool)?, past, more })
}

fn line(one: &Approval, now: &Approval) -> Past {
    let given = one.given.as_ref();
    let at_ms = given.map_or(one.asked_ms, |given| given.answered_ms);
    let principal = &one.caller.principal;
    Past {
        id: one.id.clone(),
        state: super::approvals::state(one.state),
        who: Foreign::of(&format!("{}:{}", principal.issuer, principal.subject)),
        by: given.map(|given| Foreign::of(&given.name())),
        reason: given.and_then(|given| given.reason.as_deref()).map(Foreign::of),
        when: format!("{} ago", moment::span(moment::now_ms().saturating_sub(at_ms))),
        is_same_caller: one.caller == now.caller,
    }
}
