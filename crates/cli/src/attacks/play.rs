//! One attack, played without its policy and with it.

use std::path::Path;

use toolgate_catalog::attacks::{Attack, Side, Step};

use super::agent::{Agent, Heard};
use super::ledger::{self, Deed};
use super::record::Record;
use super::setting::{Setting, Stage};

/// What came of it.
pub(crate) struct Played {
    pub(super) attack: &'static Attack,
    pub(super) without: Act,
    pub(super) with: Act,
}

/// One play.
pub(super) struct Act {
    pub(super) setting: Setting,
    /// One for each step.
    pub(super) takes: Vec<Take>,
    /// Where there was a gate.
    pub(super) record: Option<Record>,
}

/// What came of one step.
#[derive(Debug)]
pub(super) struct Take {
    /// One for each time.
    pub(super) heard: Vec<Heard>,
    /// What the server did about it.
    pub(super) deeds: Vec<Deed>,
}

impl Take {
    pub(super) fn harms(&self) -> usize {
        self.deeds.iter().filter(|deed| deed.harm).count()
    }

    /// Whether honest work got through without the policy and with it.
    pub(super) fn passed(without: &Self, with: &Self) -> bool {
        without.went_through() && with.went_through()
    }

    /// Every time answered, and done by the server.
    fn went_through(&self) -> bool {
        let answered = self.heard.iter().all(|heard| *heard == Heard::Answer);
        answered && self.deeds.len() == self.heard.len() && self.harms() == 0
    }
}

impl Played {
    /// Whether everything was as it should be: harm from each attack without the policy, from
    /// none with it, honest work through both times, and a record that holds.
    pub(crate) fn is_stopped(&self) -> bool {
        let attacks = self.takes(Side::Attack);
        let mut honest = self.takes(Side::Honest).into_iter();
        let recorded = self.with.record.as_ref().is_some_and(|record| record.intact);
        attacks.iter().all(|(without, with)| without.harms() > 0 && with.harms() == 0)
            && honest.all(|(without, with)| Take::passed(without, with))
            && recorded
    }

    /// The steps of one side, without the policy and with it.
    pub(super) fn takes(&self, side: Side) -> Vec<(&Take, &Take)> {
        let takes = self.without.takes.iter().zip(&self.with.takes);
        let steps = self.attack.steps.iter().zip(takes);
        steps.filter(|(step, _)| step.side == side).map(|(_, takes)| takes).collect()
    }
}

/// Plays it twice, in a directory that is gone afterwards.
pub(crate) fn play(attack: &'static Attack) -> Result<Played, String> {
    let place = tempfile::tempdir().map_err(|e| format!("cannot make a directory: {e}"))?;
    let [before, after] = Setting::both(attack);
    let without = act(attack, before, place.path())?;
    let with = act(attack, after, place.path())?;
    Ok(Played { attack, without, with })
}

fn act(attack: &Attack, setting: Setting, place: &Path) -> Result<Act, String> {
    let stage = Stage::new(place, setting, attack);
    let stage = stage.map_err(|e| format!("cannot set the stage: {e}"))?;
    let takes = perform(attack, &stage).map_err(|why| {
        let said = stage.said();
        let said = said.lines().last().map(|line| format!(" ({line})"));
        why + &said.unwrap_or_default()
    })?;
    let record = match setting {
        Setting::Alone => None,
        _ => Some(Record::read(&stage.state()).map_err(|failure| failure.text)?),
    };
    Ok(Act { setting, takes, record })
}

fn perform(attack: &Attack, stage: &Stage) -> Result<Vec<Take>, String> {
    let pinned = attack.play.as_ref().is_some_and(|play| play.pinned);
    let mut agent = Agent::meet(stage.wire(attack)?)?;
    let mut takes = Vec::with_capacity(attack.steps.len());
    for (at, step) in attack.steps.iter().enumerate() {
        if pinned {
            agent.look()?;
        }
        takes.push(take(&mut agent, step, at, &stage.ledger())?);
    }
    agent.leave()?;
    Ok(takes)
}

fn take(agent: &mut Agent, step: &Step, at: usize, ledger: &Path) -> Result<Take, String> {
    let before = ledger::read(ledger).len();
    let heard: Result<_, _> = (0..step.times).map(|_| agent.act(step, at)).collect();
    // The server writes before it answers: what is not there now never came.
    Ok(Take { heard: heard?, deeds: ledger::read(ledger).split_off(before) })
}

#[cfg(test)]
mod tests;
