//! Questions, answers and their use, each recorded with what it changes.

use crate::approval::{
    self, Answer, AnswerError, Asked, Asking, Binding, Bond, Moment, Put, Question, Standing,
};
use crate::decode;
use crate::delivery::{self, Delivery};
use crate::encode::{self, Closing};
use crate::facts::{Effect, Facts, Intent, Why};
use crate::failure::Failure;
use crate::job::Written;
use crate::ledger::Broken;

use super::Page;

const PENDING: &str = "approval_pending";
const FULL: &str = "approvals_full";

impl Page<'_> {
    pub(super) fn moment(&self) -> Moment {
        Moment { now_ns: self.stamp.time_ns, wall_ms: self.stamp.wall_ms }
    }

    /// Uses the yes up with the admission; a limit's refusal leaves it as it is.
    pub(super) fn admit_approved(
        &mut self,
        intent: &Intent,
        (id, answered_seq): (&str, u64),
        binding: Binding,
    ) -> Result<Written, Failure> {
        if !self.is_said(id, answered_seq, binding)? {
            return self.drop_unsaid(id);
        }
        let facts = Facts { approval: Some(id.to_owned()), ..intent.facts.clone() };
        let written = self.admit_as(&facts, intent)?;
        let Written::Opened { seq, .. } = written else { return Ok(written) };
        let db = self.database.connection();
        if !approval::consume(db, id, seq, self.moment())? {
            // Found a moment ago, in this very transaction.
            return Err(Broken::Entry { seq, what: "has an approval that is gone" }.into());
        }
        Ok(written)
    }

    /// Whether the log has this yes, to this very call, and still.
    fn is_said(&self, id: &str, seq: u64, binding: Binding) -> Result<bool, Failure> {
        let said = self.database.entry(seq)?.and_then(|raw| decode::yes(raw.body));
        Ok(said.is_some_and(|(said, bond)| {
            said == id && bond.binding == binding.0 && bond.expires_ns > self.stamp.time_ns
        }))
    }

    /// What the yes is for next that a call used up, if its server wants another round: for no
    /// longer than the log says.
    pub(super) fn goes_on(&self, closing: &Closing) -> Result<Option<Bond>, Failure> {
        let (Some(id), Some(next)) = (&closing.approval, closing.next) else { return Ok(None) };
        let db = self.database.connection();
        let Some(seq) = approval::used_by(db, id, closing.opened)? else { return Ok(None) };
        let said = self.database.entry(seq)?.and_then(|raw| decode::yes(raw.body));
        let said = said.filter(|(said, _)| *said == **id);
        Ok(said.map(|(_, bond)| Bond { binding: next.0, ..bond }))
    }

    /// A yes that was not used, or goes on, as entry `seq` records it.
    pub(super) fn give_back(
        &self,
        closing: &Closing,
        goes_on: Option<&Bond>,
        seq: u64,
    ) -> Result<(), Failure> {
        let Some(id) = &closing.approval else { return Ok(()) };
        let (db, used) = (self.database.connection(), (&**id, closing.opened));
        match goes_on {
            Some(bond) => approval::go_on(db, used, bond, seq)?,
            None if closing.next.is_none() => approval::give_back(db, used, seq)?,
            None => {}
        }
        Ok(())
    }

    /// Somebody meddled with the table: what only it says lets nothing pass.
    fn drop_unsaid(&mut self, id: &str) -> Result<Written, Failure> {
        let text = format!("the table has a yes for {id} that the log does not have");
        encode::note(self.body, self.stamp, "approval_forged", &text);
        let seq = self.append()?;
        approval::drop_unsaid(self.database.connection(), id, seq)?;
        Ok(Written::Unapproved(Standing::Unasked))
    }

    pub(super) fn ask(&mut self, id: &str, asking: &Asking) -> Result<Written, Failure> {
        let (db, moment) = (self.database.connection(), self.moment());
        let asked = match approval::ask(db, asking, moment)? {
            Put::Answered { id } => Asked::Answered { id },
            Put::Full { retry_after_ms } => {
                let why = (Effect::Deny, FULL, Some(retry_after_ms));
                let seq = self.held(asking, why, None)?;
                Asked::Full { decision_id: self.decision(seq), retry_after_ms }
            }
            Put::New { left_ms } => {
                let seq = self.held(asking, waiting(asking), Some(id))?;
                approval::insert(db, (id, asking), seq, moment)?;
                self.bytes += asking.arguments.len().min(Asking::ARGUMENTS_BYTES_MAX);
                let (id, decision_id) = (id.to_owned(), self.decision(seq));
                Asked::New(Question { id, decision_id, left_ms, tell: true })
            }
            Put::Same { id, left_ms, remind } => {
                let seq = self.held(asking, waiting(asking), Some(&id))?;
                if remind {
                    approval::remind(db, &id, seq, moment)?;
                }
                let decision_id = self.decision(seq);
                Asked::Same(Question { decision_id, id, left_ms, tell: remind })
            }
        };
        Ok(Written::Asked(asked))
    }

    /// Records a call that does not go on for now.
    fn held(
        &mut self,
        asking: &Asking,
        (effect, code, retry_after_ms): (Effect, &str, Option<u64>),
        id: Option<&str>,
    ) -> Result<u64, Failure> {
        let rule = asking.rules.first();
        let why = Why {
            effect,
            code: code.to_owned(),
            pointer: rule.map(|rule| rule.pointer.clone()).unwrap_or_default(),
            layer: rule.map_or(0, |rule| rule.layer),
            retry_after_ms,
        };
        let facts = Facts { approval: id.map(str::to_owned), ..asking.facts.clone() };
        encode::denied(self.body, self.stamp, &facts, &why, (&[], &[]));
        Ok(self.append()?)
    }

    /// A delivery that is used up is so with the answer, or not at all.
    pub(super) fn answer(
        &mut self,
        id: &str,
        given: &Answer,
        delivery: Option<&Delivery>,
    ) -> Result<Written, Failure> {
        let (db, chain) = (self.database.connection(), self.ledger.head.chain);
        if let Some(used) = delivery.map(|one| delivery::was_used(db, one)).transpose()?.flatten() {
            return Ok(Written::Answered(Err(AnswerError::Replayed { delivery: used })));
        }
        let at = (chain, self.moment());
        let settled = match approval::answer(db, (id, given), at)? {
            Ok(settled) => settled,
            Err(why) => return Ok(Written::Answered(Err(why))),
        };
        encode::answered(self.body, self.stamp, &settled, Some(given));
        let seq = self.append()?;
        approval::settle(db, (id, given), seq, self.moment())?;
        if let Some(delivery) = delivery {
            delivery::use_up(db, delivery, self.stamp.wall_ms)?;
        }
        let shown = approval::one(db, id, at)?.unwrap_or(settled.approval);
        Ok(Written::Answered(Ok(Box::new(shown))))
    }

    pub(super) fn withdraw(&mut self, id: &str) -> Result<Written, Failure> {
        let (db, chain) = (self.database.connection(), self.ledger.head.chain);
        let Some(settled) = approval::withdraw(db, id, (chain, self.moment()))? else {
            return Ok(Written::Nothing);
        };
        encode::answered(self.body, self.stamp, &settled, None);
        let seq = self.append()?;
        approval::set_withdrawn(db, id, seq)?;
        Ok(Written::Entry { seq })
    }

    fn decision(&self, seq: u64) -> String {
        self.ledger.head.chain.decision(seq).to_string()
    }
}

fn waiting(asking: &Asking) -> (Effect, &'static str, Option<u64>) {
    (Effect::Pending, PENDING, asking.retry_after_ms)
}
