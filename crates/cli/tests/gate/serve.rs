//! Many servers, principals and grants behind one address.

mod administration;
mod apart;
mod children;
mod grants;
mod health;
mod hosts;
mod jwt;
mod limits;
mod memory;
mod oauth;
mod signals;
mod sockets;
mod strangers;
mod tls;
