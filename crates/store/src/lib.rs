//! The audit log, the limits, the approvals, the directory, the clock and the locks of one state
//! directory.
//!
//! The log is appended to, never changed, and every counter is derived from it; the directory of
//! servers, policies and grants stands beside it, and each change of it is in the log. One
//! transaction spends all limits of a call and records it, or does neither. Several processes may
//! use one directory at a time.

mod approval;
mod chain;
mod clock;
mod counters;
mod currency;
mod database;
mod decode;
mod digest;
mod directory;
mod encode;
mod entry;
mod error;
mod facts;
mod failure;
mod head;
mod history;
mod job;
mod ledger;
mod lock;
mod log;
mod network;
mod open;
mod queue;
mod seal;
mod secrets;
mod serving;
mod snapshot;
mod state_dir;
mod store;
mod transaction;
mod verify;
mod writer;

pub use approval::{
    Answer, AnswerError, Approval, ApprovalReader, Approver, Asked, Asking, Binding, Bound, Given,
    Owed, Question, Rule, Standing, State, Verdict, Way, Which,
};
pub use chain::{ChainId, DecisionId};
pub use clock::{Clock, SystemClock};
pub use directory::{
    Act, CONFIGURED, Directory, DirectoryReader, Extent, Freeze, Freezes, Grant, NewGrant,
    NewSurvey, Origin, Pin, PinnedTool, PolicyText, SeenTool, Server, Survey, SurveyTool, Token,
    TokenHash,
};
pub use entry::{
    Answered, Changed, Closed, Denied, Entry, Kind, Level, Note, Opening, Spent, Would,
};
pub use error::{ChangeError, OpenError, ReadError, Rejected, Unavailable};
pub use facts::{
    Admission, Arguments, Effect, Facts, Frozen, Intent, Opened, Outcome, Refused, Why,
};
pub use head::Head;
pub use log::{Call, Entries, Follow, Log};
pub use seal::{KeyRing, KeySource, SealError};
pub use secrets::{SecretError, Secrets};
pub use serving::Serving;
pub use store::{Durability, Options, Store};
pub use verify::{Fault, HeadCheck, Report, Verified};
