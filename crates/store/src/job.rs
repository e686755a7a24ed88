//! What callers ask of the writer, and how they hear what came of it.

use tokio::sync::oneshot;
use toolgate_policy::{Caller, Charge, Weight};

use crate::approval::{Answer as Answered, AnswerError, Approval, Asked, Asking, Standing};
use crate::chain::ChainId;
use crate::delivery::Delivery;
use crate::directory::Act;
use crate::encode::Closing;
use crate::error::{Rejected, Unavailable};
use crate::facts::{Admission, Facts, Frozen, Intent, Opened, Outcome, Refused, Why};

pub(crate) type Answer<T> = oneshot::Sender<Result<T, Unavailable>>;

#[derive(Debug)]
pub(crate) enum Job {
    Admit {
        intent: Intent,
        answer: Answer<Admission>,
    },
    /// What somebody says to an open question.
    Answer {
        id: String,
        given: Answered,
        /// Used up with it, if it came signed.
        delivery: Option<Delivery>,
        answer: Answer<Result<Approval, AnswerError>>,
    },
    Ask {
        /// For a new question.
        id: String,
        asking: Box<Asking>,
        answer: Answer<Asked>,
    },
    /// Acts that belong together, and who wants them.
    Change {
        acts: Vec<Act>,
        by: String,
        answer: Answer<Result<u64, Rejected>>,
    },
    Close(Closing),
    /// Answered once everything before it is committed.
    Flush {
        answer: Answer<()>,
    },
    Note {
        code: String,
        text: String,
        answer: Answer<()>,
    },
    Refuse {
        facts: Facts,
        why: Why,
        answer: Answer<Option<String>>,
    },
    /// Looks how the bounds of these charges stand.
    Weigh {
        caller: Caller,
        charges: Vec<Charge>,
        answer: Answer<Vec<Weight>>,
    },
    Withdraw {
        id: String,
        answer: Answer<bool>,
    },
}

/// What became of a job in a transaction.
#[derive(Debug)]
pub(crate) enum Written {
    Answered(Result<Box<Approval>, AnswerError>),
    Asked(Asked),
    /// As entry `seq`.
    Entry {
        seq: u64,
    },
    Frozen(Frozen),
    Nothing,
    /// As an admitted call.
    Opened {
        seq: u64,
        time_ns: u64,
        /// Whether what limits in shadow would have counted was counted.
        counts: bool,
        /// The yes that is used up with it.
        approval: Option<String>,
    },
    /// As a refusal.
    Refusal(Refused),
    /// The directory cannot be changed like that.
    Rejected(Rejected),
    /// The call was decided by a directory that has changed since.
    Stale,
    Unapproved(Standing),
    Weighed(Vec<Weight>),
}

impl Job {
    pub(crate) fn is_closing(&self) -> bool {
        matches!(self, Self::Close(_))
    }

    /// The transaction was committed. Gives back a closing to write if an admitted call's
    /// caller has gone away meanwhile.
    pub(crate) fn tell(self, written: Written, chain: ChainId) -> Option<Closing> {
        match (self, written) {
            (
                Self::Admit { intent, answer },
                Written::Opened { seq, time_ns, counts, approval },
            ) => {
                let opened = Opened::new(chain.decision(seq), time_ns, intent, counts);
                let opened = opened.with_approval(approval);
                let unheard = answer.send(Ok(Admission::Admitted(opened)));
                let Err(Ok(Admission::Admitted(opened))) = unheard else { return None };
                return opened.closing(Outcome::NotSent, 0, true);
            }
            (Self::Admit { answer, .. }, Written::Unapproved(standing)) => {
                let _ = answer.send(Ok(Admission::Unapproved(standing)));
            }
            (Self::Answer { answer, .. }, Written::Answered(done)) => {
                let _ = answer.send(Ok(done.map(|approval| *approval)));
            }
            (Self::Ask { answer, .. }, Written::Asked(asked)) => {
                let _ = answer.send(Ok(asked));
            }
            (Self::Ask { answer, .. }, Written::Stale) => {
                let _ = answer.send(Ok(Asked::Stale));
            }
            (Self::Withdraw { answer, .. }, written) => {
                let _ = answer.send(Ok(matches!(written, Written::Entry { .. })));
            }
            (Self::Admit { answer, .. }, Written::Frozen(frozen)) => {
                let _ = answer.send(Ok(Admission::Frozen(frozen)));
            }
            (Self::Admit { answer, .. }, Written::Refusal(refused)) => {
                let _ = answer.send(Ok(Admission::Refused(refused)));
            }
            (Self::Admit { answer, .. }, Written::Stale) => {
                let _ = answer.send(Ok(Admission::Stale));
            }
            (Self::Change { answer, .. }, Written::Entry { seq }) => {
                let _ = answer.send(Ok(Ok(seq)));
            }
            (Self::Change { answer, .. }, Written::Rejected(rejected)) => {
                let _ = answer.send(Ok(Err(rejected)));
            }
            (Self::Refuse { answer, .. }, Written::Entry { seq }) => {
                let _ = answer.send(Ok(Some(chain.decision(seq).to_string())));
            }
            (Self::Refuse { answer, .. }, Written::Stale) => {
                let _ = answer.send(Ok(None));
            }
            (Self::Weigh { answer, .. }, Written::Weighed(weights)) => {
                let _ = answer.send(Ok(weights));
            }
            (Self::Flush { answer } | Self::Note { answer, .. }, _) => {
                let _ = answer.send(Ok(()));
            }
            // Nobody waits: a closing, or a call that was given up before it was admitted.
            (
                Self::Admit { .. }
                | Self::Answer { .. }
                | Self::Ask { .. }
                | Self::Change { .. }
                | Self::Close(_)
                | Self::Refuse { .. }
                | Self::Weigh { .. },
                _,
            ) => {}
        }
        None
    }

    /// Nothing was committed. Gives back a closing: it is owed to the log still.
    pub(crate) fn fail(self, why: &Unavailable) -> Option<Closing> {
        let why = why.clone();
        match self {
            Self::Admit { answer, .. } => drop(answer.send(Err(why))),
            Self::Answer { answer, .. } => drop(answer.send(Err(why))),
            Self::Ask { answer, .. } => drop(answer.send(Err(why))),
            Self::Change { answer, .. } => drop(answer.send(Err(why))),
            Self::Close(closing) => return Some(closing),
            Self::Flush { answer } | Self::Note { answer, .. } => drop(answer.send(Err(why))),
            Self::Refuse { answer, .. } => drop(answer.send(Err(why))),
            Self::Weigh { answer, .. } => drop(answer.send(Err(why))),
            Self::Withdraw { answer, .. } => drop(answer.send(Err(why))),
        }
        None
    }
}
