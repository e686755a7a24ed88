//! Follows the directory, whoever changes it.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use crate::report::report;

use super::house::House;

/// A revoked grant's streams are cut off after this time at the latest, and a call that was
/// decided on old terms waits so long.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Enacts each change, and what only time changes.
pub(super) async fn follow(house: Arc<House>) -> Infallible {
    let mut failing = false;
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let looked = house.look();
        if let Err(error) = &looked
            && !failing
        {
            report(&format!("servers, policies and grants stay as they were: {error}"));
        }
        failing = looked.is_err();
        house.health.note_directory(!failing);
        house.expire();
    }
}
