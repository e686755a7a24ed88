//! Messages to others and from others, signed with a secret that both know: what is sent about a
//! question, and the answers that come back. Each that comes counts once.
//!
//! The form is that of Standard Webhooks (<https://www.standardwebhooks.com>), so that there are
//! libraries for it: `webhook-id`, `webhook-timestamp` and `webhook-signature`, which holds
//! `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`.

mod sign;
mod table;

pub use sign::{Delivery, DeliveryError, SigningKey};

pub(crate) use table::{TABLE, use_up, was_used};
