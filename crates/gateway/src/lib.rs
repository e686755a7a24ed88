//! The policy enforcement point: downstream, one call's life, upstream.
//!
//! Read `call.rs` first: it is the whole life of a call. Only `enforce` makes a permit, only the
//! method table makes a relay, and an upstream accepts nothing else.

mod approval;
mod asked_back;
mod call;
mod clock;
mod deadline;
mod definitions;
mod denial;
mod downstream;
mod enforce;
mod freeze;
mod gate;
mod identity;
mod inbox;
mod inspect;
mod judge;
mod listing;
mod metrics;
mod options;
mod otlp;
mod outbox;
mod pins;
mod quota;
mod random;
mod record;
mod relay;
mod report;
mod request;
mod run;
mod serve;
mod session;
mod signal;
mod snapshot;
mod subject;
mod trace;
mod upstream;
mod ways;

pub use approval::webhook::read_secret;
pub use inspect::{Asking, Inspection, inspect};
pub use options::{
    AuthFlow, AuthSpec, Header, Options, RunError, RunErrorKind, SecretSource, Transport,
    UpstreamSpec, UrlSpec,
};
pub use pins::ToolsChanged;
pub use report::mute;
pub use run::run;
pub use serve::{
    Beside, ClaimGrant, ClaimTest, Configured, JwtIssuer, Limits, Listen, ReadServer, Reload,
    ServeOptions, ServerSpec, Telemetry, TlsFiles, serve,
};
pub use snapshot::revision;
pub use upstream::auth::{AuthError, Login, Vault, login};
pub use upstream::{
    CommandSpec, Resources, Sandbox, ServerStderr, Variable, become_server, can_fence_files,
};
