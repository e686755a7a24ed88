//! When a play counts as stopped, and when not.

use toolgate_catalog::attacks::find;

use super::*;

fn deed(harm: bool) -> Deed {
    Deed { did: "it".to_owned(), harm }
}

fn answered(harm: bool) -> Take {
    Take { heard: vec![Heard::Answer], deeds: vec![deed(harm)] }
}

fn denied() -> Take {
    let heard = Heard::Denied { code: "rule_deny".to_owned(), text: "no".to_owned() };
    Take { heard: vec![heard], deeds: Vec::new() }
}

/// One honest step and two attacks, as `force-push` and others begin.
fn played(with: [Take; 3]) -> Played {
    let attack = find("shell-metacharacters").unwrap();
    let record = Some(Record { intact: true, ..Record::default() });
    let without = vec![answered(false), answered(true), answered(true)];
    Played {
        attack,
        without: Act { setting: Setting::Open, takes: without, record: record.clone() },
        with: Act { setting: Setting::Guarded, takes: with.into(), record },
    }
}

fn good() -> Played {
    played([answered(false), denied(), denied()])
}

#[test]
fn it_is_stopped_if_no_attack_and_all_honest_work_gets_through() {
    assert!(good().is_stopped());
    assert!(!played([answered(false), denied(), answered(true)]).is_stopped(), "one got through");
    assert!(!played([denied(), denied(), denied()]).is_stopped(), "honest work was denied");
}

/// What the agent hears is not what counts: a denial of something that was done is no denial.
#[test]
fn a_denial_that_arrived_is_harm() {
    let late = Take { deeds: vec![deed(true)], ..denied() };
    assert!(!played([answered(false), denied(), late]).is_stopped());
}

#[test]
fn an_attack_that_does_no_harm_without_the_policy_shows_nothing() {
    let mut played = good();
    played.without.takes[2] = answered(false);
    assert!(!played.is_stopped());
}

#[test]
fn an_answer_without_a_deed_is_not_honest_work_done() {
    let silent = Take { heard: vec![Heard::Answer], deeds: Vec::new() };
    assert!(!played([silent, denied(), denied()]).is_stopped());
}

#[test]
fn a_record_that_does_not_hold_counts_as_none() {
    for record in [None, Some(Record::default())] {
        let mut played = good();
        played.with.record = record;
        assert!(!played.is_stopped());
    }
}
