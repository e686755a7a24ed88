//! Many servers, principals and grants behind one address.

mod administration;
mod grants;
mod looking;
mod pins;
