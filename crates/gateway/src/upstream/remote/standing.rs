//! The stream on which a legacy server says what belongs to no request.

use std::sync::Weak;

use super::Shared;
use super::stream::{self, Place, Told};

/// Listens as long as the session lasts. A server that has no such stream is left in peace.
pub(super) async fn listen(shared: Weak<Shared>) {
    let mut place = Place::default();
    loop {
        let Some(strong) = shared.upgrade() else { return };
        let mut ended = strong.ended.subscribe();
        let told = Told { shared: &strong, request: None };
        let round = async {
            // In a box: what asking takes is not kept while nothing but listening is left.
            match Box::pin(strong.listen(&place)).await {
                Ok(body) => {
                    stream::read(body, &told, &mut place).await;
                    true
                }
                Err(refused) => refused.is_none(),
            }
        };
        let again = tokio::select! {
            again = round => again,
            _ = ended.wait_for(|ended| *ended) => false,
        };
        if !again {
            return;
        }
        drop(strong);
        tokio::time::sleep(place.retry()).await;
    }
}
