//! The findings, for a person.

use super::Pair;
use super::outcome::{Outcome, Status};

/// A line per run, and under each pair what is wrong with it.
pub(super) fn print(pairs: &[Pair]) {
    println!("\nrevision    way               scenarios  scored  checks  failed  suite");
    for pair in pairs {
        for (way, outcome) in [("directly", &pair.direct), ("through the gate", &pair.gated)] {
            println!("{:10}  {way:16}  {}", pair.revision.name(), columns(outcome));
        }
    }
    for problem in pairs.iter().flat_map(Pair::problems) {
        println!("FAILED {problem}");
    }
}

fn columns(outcome: &Outcome) -> String {
    let (passed, failed) = (outcome.count(Status::Success), outcome.count(Status::Failure));
    format!(
        "{:9}  {:6}  {:6}  {failed:6}  {}",
        outcome.scenarios.len(),
        outcome.scored.len(),
        passed + failed,
        if outcome.passed { "passes" } else { "FAILS" }
    )
}
