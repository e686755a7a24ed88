//! A person's yes to exactly one call: asked for, given, used once.
//!
//! One table beside the log. Every change of it is in the log, in the same transaction: a
//! question, an answer, the call that used it. It goes by the log's own time, so that setting a
//! clock brings nothing back to life.

mod answer;
mod ask;
mod binding;
mod perform;
mod read;
mod table;
mod view;

pub use answer::{Answer, AnswerError, Approver, Way};
pub use ask::{Asked, Asking, Owed, Question, Standing};
pub use binding::{Binding, Bound};
pub use perform::Verdict;
pub use read::{ApprovalReader, Which};
pub use view::{Approval, Given, Rule, State};

pub(crate) use ask::random_id;
pub(crate) use perform::{
    Bond, Found, Moment, Put, Settled, answer, ask, consume, drop_unsaid, find, give_back, go_on,
    insert, remind, set_withdrawn, settle, used_by, withdraw,
};
pub(crate) use table::{TABLE, one};
