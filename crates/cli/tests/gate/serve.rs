//! Many servers, principals and grants behind one address.

mod administration;
mod children;
mod grants;
