//! Many servers, principals and grants behind one address.

mod administration;
mod apart;
mod children;
mod grants;
mod looking;
mod oauth;
mod pins;
