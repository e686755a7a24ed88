//! Follows the directory, whoever changes it.

use std::convert::Infallible;
use std::path::Path;
use std::sync::Weak;
use std::time::Duration;

use toolgate_store::{Directory, DirectoryReader, OpenError, ReadError};

use crate::report::report;

use super::house::House;

/// A revoked grant is cut off after this time at the latest, and a call that was decided on old
/// terms waits so long.
const LOOK_EVERY: Duration = Duration::from_millis(50);

pub(super) struct Follower(DirectoryReader);

impl Follower {
    pub(super) fn open(state: &Path) -> Result<Self, OpenError> {
        DirectoryReader::open(state).map(Self)
    }

    pub(super) fn first(&self) -> Result<Directory, ReadError> {
        self.0.read()
    }

    /// Enacts each change, and what only time changes.
    pub(super) async fn follow(self, house: Weak<House>) -> Infallible {
        let mut failing = false;
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let Some(house) = house.upgrade() else { std::future::pending().await };
            let looked = self.look(&house);
            if let Err(error) = &looked
                && !failing
            {
                report(&format!("servers, policies and grants stay as they were: {error}"));
            }
            failing = looked.is_err();
            house.expire();
        }
    }

    fn look(&self, house: &House) -> Result<(), ReadError> {
        if self.0.seq()? != house.seq() {
            house.enact(self.0.read()?);
        }
        Ok(())
    }
}
