//! What happens to approvals within a transaction of the log.

use rusqlite::Connection;

use crate::chain::ChainId;

use super::{Answer, AnswerError, Approval, Asking, Binding, Standing, State, Way, table};

/// One instant, by the log's time and by the wall clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) now_ns: u64,
    pub(crate) wall_ms: u64,
}

/// What is found for a call that needs a yes.
#[derive(Debug)]
pub(crate) enum Found {
    Not(Standing),
    /// A yes that nobody used, and the entry that it stands in.
    Yes {
        id: String,
        answered_seq: u64,
    },
}

/// What a question comes to.
#[derive(Debug)]
pub(crate) enum Put {
    Answered {
        id: String,
    },
    Full {
        retry_after_ms: u64,
    },
    /// To be recorded by this function's caller, then [`insert`].
    New {
        left_ms: u64,
    },
    /// `remind` if people are to be told once more.
    Same {
        id: String,
        left_ms: u64,
        remind: bool,
    },
}

/// How a question ends before the call comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    No,
    Withdrawn,
    Yes,
}

/// An answer that counts, as it is to be recorded.
#[derive(Debug)]
pub(crate) struct Settled {
    pub(crate) approval: Approval,
    pub(crate) verdict: Verdict,
    pub(crate) bond: Bond,
}

/// What a yes is for, and until when: the log has it, and the table only finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bond {
    pub(crate) binding: [u8; 32],
    pub(crate) expires_ns: u64,
}

/// Open questions of all principals together.
const PENDING_MAX: u64 = 1000;
/// What may be shown of all of them, in bytes.
const SHOWN_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// So long one can look up what became of a question.
const KEPT_NS: u64 = 7 * 24 * 3600 * 1_000_000_000;
const ENDED_MAX: u64 = 10_000;
/// `SQLite` has signed numbers.
const TIME_MAX_NS: u64 = i64::MAX.unsigned_abs();

impl Verdict {
    const ALL: [Self; 3] = [Self::No, Self::Withdrawn, Self::Yes];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Withdrawn => "withdrawn",
            Self::Yes => "yes",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.as_str() == text)
    }
}

impl Moment {
    pub(super) fn after_ms(self, ms: u64) -> u64 {
        self.now_ns.saturating_add(ms.saturating_mul(1_000_000)).min(TIME_MAX_NS)
    }

    pub(super) fn left_ms(self, expires_ns: u64) -> u64 {
        expires_ns.saturating_sub(self.now_ns).div_ceil(1_000_000)
    }

    pub(super) fn wall_of(self, time_ns: u64) -> u64 {
        let past_ms = self.now_ns.saturating_sub(time_ns) / 1_000_000;
        (self.wall_ms + self.left_ms(time_ns)).saturating_sub(past_ms)
    }

    /// What a state comes to by now.
    pub(super) fn seen(self, state: State, expires_ns: u64) -> State {
        let waits = matches!(state, State::Approved | State::Pending);
        if waits && expires_ns <= self.now_ns { State::Expired } else { state }
    }
}

/// How it stands with a call's yes.
pub(crate) fn find(db: &Connection, binding: &Binding, moment: Moment) -> rusqlite::Result<Found> {
    let Some(brief) = table::newest(db, &binding.0, moment.now_ns)? else {
        return Ok(Found::Not(Standing::Unasked));
    };
    let left_ms = moment.left_ms(brief.expires_ns);
    let id = brief.id;
    Ok(match brief.state {
        State::Approved if left_ms > 0 => {
            Found::Yes { id, answered_seq: brief.answered_seq.unwrap_or_default() }
        }
        State::Denied if left_ms > 0 => {
            let (by, reason) = (brief.by.unwrap_or_default(), brief.reason);
            Found::Not(Standing::Denied { id, by, reason, left_ms })
        }
        State::Pending if left_ms > 0 => Found::Not(Standing::Pending { id, left_ms }),
        State::Pending => Found::Not(Standing::Expired { id }),
        _ => Found::Not(Standing::Unasked),
    })
}

/// What becomes of a question.
pub(crate) fn ask(db: &Connection, asking: &Asking, moment: Moment) -> rusqlite::Result<Put> {
    let now_ns = moment.now_ns;
    if let Some(brief) = table::newest(db, &asking.binding.0, now_ns)?.filter(|brief| {
        let lasts = matches!(brief.state, State::Approved | State::Denied | State::Pending);
        lasts && brief.expires_ns > now_ns
    }) {
        let id = brief.id;
        if brief.state != State::Pending {
            return Ok(Put::Answered { id });
        }
        let told_ms = now_ns.saturating_sub(brief.told_ns) / 1_000_000;
        let left_ms = moment.left_ms(brief.expires_ns);
        return Ok(Put::Same { id, left_ms, remind: told_ms >= asking.remind_after_ms });
    }
    table::tidy(db, now_ns, now_ns.saturating_sub(KEPT_NS), ENDED_MAX)?;
    let own = table::open(db, Some(&asking.facts.caller.principal), now_ns)?;
    if own.count >= asking.pending_max {
        return Ok(Put::Full { retry_after_ms: moment.left_ms(own.first_ns) });
    }
    let all = table::open(db, None, now_ns)?;
    if all.count >= PENDING_MAX || all.shown_bytes >= SHOWN_BYTES_MAX {
        return Ok(Put::Full { retry_after_ms: moment.left_ms(all.first_ns) });
    }
    Ok(Put::New { left_ms: asking.timeout_ms })
}

/// The question as entry `seq` records it.
pub(crate) fn insert(
    db: &Connection,
    (id, asking): (&str, &Asking),
    seq: u64,
    moment: Moment,
) -> rusqlite::Result<()> {
    table::insert(db, (id, asking), seq, moment)
}

/// People are told once more.
pub(crate) fn remind(db: &Connection, id: &str, seq: u64, moment: Moment) -> rusqlite::Result<()> {
    table::set_told(db, id, seq, moment)
}

/// Whether an answer counts; nothing is changed before it is recorded.
pub(crate) fn answer(
    db: &Connection,
    (id, answer): (&str, &Answer),
    (chain, moment): (ChainId, Moment),
) -> rusqlite::Result<Result<Settled, AnswerError>> {
    let Some(approval) = table::one(db, id, (chain, moment))? else {
        return Ok(Err(AnswerError::Unknown { id: id.to_owned() }));
    };
    if let Err(why) = open(&approval).and_then(|()| may(&approval, answer)) {
        return Ok(Err(why));
    }
    let verdict = if answer.yes { Verdict::Yes } else { Verdict::No };
    let bond = table::bond(db, id)?;
    Ok(Ok(Settled { approval, verdict, bond }))
}

/// The answer as entry `seq` records it.
pub(crate) fn settle(
    db: &Connection,
    (id, answer): (&str, &Answer),
    seq: u64,
    moment: Moment,
) -> rusqlite::Result<()> {
    table::set_answer(db, (id, answer), seq, moment)
}

/// Whether there is a question to withdraw.
pub(crate) fn withdraw(
    db: &Connection,
    id: &str,
    (chain, moment): (ChainId, Moment),
) -> rusqlite::Result<Option<Settled>> {
    let approval = table::one(db, id, (chain, moment))?;
    let Some(approval) = approval.filter(|approval| approval.state == State::Pending) else {
        return Ok(None);
    };
    let bond = table::bond(db, id)?;
    Ok(Some(Settled { approval, verdict: Verdict::Withdrawn, bond }))
}

pub(crate) fn set_withdrawn(db: &Connection, id: &str, seq: u64) -> rusqlite::Result<()> {
    table::set_withdrawn(db, id, seq)
}

/// What the log does not have is no yes.
pub(crate) fn drop_unsaid(db: &Connection, id: &str, seq: u64) -> rusqlite::Result<()> {
    table::set_void(db, id, seq)
}

/// Uses a yes up for the call of entry `seq`. False if it is not there any more.
pub(crate) fn consume(
    db: &Connection,
    id: &str,
    seq: u64,
    moment: Moment,
) -> rusqlite::Result<bool> {
    table::set_used(db, id, seq, moment.now_ns)
}

/// Nothing of the call that entry `opened` let through was sent: its yes is whole again.
pub(crate) fn give_back(
    db: &Connection,
    (id, opened): (&str, u64),
    seq: u64,
) -> rusqlite::Result<()> {
    table::set_unused(db, (id, opened), seq)
}

/// The entry with the yes that the call of entry `opened` used up.
pub(crate) fn used_by(db: &Connection, id: &str, opened: u64) -> rusqlite::Result<Option<u64>> {
    table::used_by(db, id, opened)
}

/// The yes that the call of entry `opened` used up is for its next round, as entry `seq` says.
pub(crate) fn go_on(
    db: &Connection,
    (id, opened): (&str, u64),
    bond: &Bond,
    seq: u64,
) -> rusqlite::Result<()> {
    table::set_next(db, (id, opened), &bond.binding, seq)
}

fn open(approval: &Approval) -> Result<(), AnswerError> {
    let id = approval.id.clone();
    match approval.state {
        State::Pending => Ok(()),
        State::Approved | State::Denied => {
            let given = approval.given.as_ref();
            let answer = if approval.state == State::Approved { "yes" } else { "no" };
            Err(AnswerError::Answered {
                id,
                answer,
                by: given.map(super::view::Given::name).unwrap_or_default(),
            })
        }
        State::Expired => Err(AnswerError::Expired { id }),
        State::Used => {
            let decision_id = approval.used.clone().unwrap_or_default();
            Err(AnswerError::Used { id, decision_id })
        }
        State::Withdrawn => Err(AnswerError::Withdrawn { id }),
    }
}

/// Whether it is for this person, this way, to answer.
fn may(approval: &Approval, answer: &Answer) -> Result<(), AnswerError> {
    let (by, id) = (&answer.by, || approval.id.clone());
    let principal = &approval.caller.principal;
    if by.way == Way::InClient {
        let listed = approval.in_client;
        return if listed { Ok(()) } else { Err(AnswerError::NotInClient { id: id() }) };
    }
    let own = by.is(principal);
    if own || by.grant.as_deref() == Some(&*approval.caller.grant) {
        return Err(AnswerError::OwnCall { id: id(), who: by.name() });
    }
    let asked = &approval.approvers;
    // That word is a way to answer, whoever may be called so.
    let mut names = asked.iter().filter(|name| *name != Way::InClient.as_str());
    if asked.is_empty() || names.any(|name| by.is_called(name)) {
        return Ok(());
    }
    Err(AnswerError::NotAnApprover { id: id(), who: by.name(), approvers: asked.clone() })
}
