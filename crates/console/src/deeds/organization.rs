//! The policy that stands above every grant's.

use toolgate_store::{Act, Origin};

use crate::house::House;
use crate::identity::Somebody;
use crate::reply::Refusal;

pub(crate) async fn set(
    house: &House,
    somebody: &Somebody,
    policy: Option<String>,
) -> Result<(), Refusal> {
    let act = Act::SetOrganization { policy, origin: Origin::Cli };
    super::change(house, somebody, vec![act]).await
}
