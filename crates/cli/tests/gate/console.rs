//! Where people look and answer: pages for browsers, JSON for programs, signed answers.

mod answering;
mod desk;
mod edges;
mod export;
mod freezing;
mod grants;
mod hostile;
mod live;
mod log;
mod matrix;
mod overview;
mod people;
mod policies;
mod servers;
mod serving;
mod signing_in;
mod webhooks;
