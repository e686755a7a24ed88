//! The same for programs: JSON in, JSON out, the token of an account with every request.

mod answers;
mod approvals;
mod read;

use crate::door::Asked;
use crate::house::House;
use crate::identity::Somebody;
use crate::reply::{Refusal, Reply};
use crate::route::Place;

pub(crate) use answers::signed_answer;

pub(crate) async fn answer(
    house: &House,
    place: Place,
    somebody: &Somebody,
    asked: Asked<'_>,
) -> Result<Reply, Refusal> {
    match place {
        Place::ApprovalsJson => approvals::list(house, &asked),
        Place::ApprovalJson => approvals::show(house, &asked),
        Place::ApproveJson => approvals::answer(house, somebody, &asked, true).await,
        Place::DenyJson => approvals::answer(house, somebody, &asked, false).await,
        _ => Err(Refusal::unavailable("there is nothing to answer here")),
    }
}
