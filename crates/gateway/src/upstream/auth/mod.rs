//! Credentials for URL servers, by OAuth 2.1: the gate is the client, agents never see a token.
//!
//! `authorizer` hands out the header and renews what it stands for; `login` is the part that
//! needs a person. Tokens are kept sealed, and sent to nobody but the authorization server they
//! came from and the server they are for.

mod authorizer;
mod challenge;
mod client;
mod discovery;
mod error;
mod form;
mod kept;
mod login;
mod metadata;
mod pause;
mod pkce;
mod redirect;
mod registration;
mod resource;
mod settings;
mod token;
mod vault;
mod words;

pub(crate) use authorizer::Authorizer;
pub use error::AuthError;
pub use login::{Login, login};
pub use vault::Vault;
pub(crate) use words::harmless;

#[cfg(test)]
mod tests;
