//! Many servers, principals and grants behind one address.

mod administration;
mod apart;
mod children;
mod expiring;
mod explaining;
mod grants;
mod hanging;
mod health;
mod hosts;
mod jwt;
mod limits;
mod looking;
mod memory;
mod messages;
mod oauth;
mod pins;
mod shared;
mod signals;
mod sockets;
mod strangers;
mod subscriptions;
mod telemetry;
mod tls;
