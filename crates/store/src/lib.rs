//! What one state directory holds: audit log, limits, approvals, the directory, clock, locks.
//!
//! The log is only appended to, and counters are derived from it. One transaction spends all limits
//! of a call and records it, or does neither. Several processes may share a directory.

mod approval;
mod chain;
mod clock;
mod counters;
mod database;
mod decode;
mod delivery;
mod digest;
mod directory;
mod encode;
mod entry;
mod error;
mod facts;
mod failure;
mod head;
mod job;
mod ledger;
mod lock;
mod log;
mod open;
mod queue;
mod secrets;
mod serving;
mod state_dir;
mod store;
mod transaction;
mod writer;

pub use approval::{
    Answer, AnswerError, Approval, ApprovalReader, Approver, Asked, Asking, Binding, Bound, Given,
    Owed, Question, Rule, Standing, State, Verdict, Way, Which,
};
pub use chain::{ChainId, DecisionId};
pub use clock::{Clock, SystemClock};
pub use delivery::{Delivery, DeliveryError, SigningKey};
pub use directory::{
    Account, Act, CONFIGURED, Directory, DirectoryReader, Extent, Freeze, Freezes, Grant,
    NewAccount, NewGrant, NewSurvey, Origin, Pin, PinnedTool, PolicyText, Power, Role, SeenTool,
    Server, Survey, SurveyTool, Token, TokenHash, TokenKind,
};
pub use entry::{
    Answered, Changed, Closed, Denied, Entry, Kind, Level, Note, Opening, Spent, Would,
};
pub use error::{ChangeError, OpenError, ReadError, Rejected, Unavailable};
pub use facts::{
    Admission, Arguments, Effect, Facts, Frozen, Intent, Opened, Outcome, Refused, Why,
};
pub use head::Head;
pub use log::{
    Budget, Budgets, Call, Entries, Fault, Follow, Format, Glance, HeadCheck, Log, Report,
    Verified, replay,
};
pub use secrets::{KeyRing, KeySource, SealError, SecretError, Secrets};
pub use serving::Serving;
pub use store::{Durability, Options, Store};
