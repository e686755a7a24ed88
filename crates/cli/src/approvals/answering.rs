//! A person's answer, given here.

use std::path::Path;

use toolgate_store::{Answer, AnswerError, Approval, Approver, Durability, Options, Store, Way};

use super::{history, open};
use crate::exit::{Exit, Failure};
use crate::{ancestry, place, who};

const REASON_BYTES_MAX: usize = 512;

/// Gives the approval as it is then. What cannot be answered stays as it was.
pub(crate) fn answer(
    state: &Path,
    id: &str,
    yes: bool,
    reason: Option<String>,
) -> Result<Approval, Failure> {
    ancestry::refuse_servers(state, "answer in a person's place")?;
    let reason = reason.map(one_line).transpose()?;
    let store = Store::open(state, Options { durability: Durability::Full })?;
    let by = Approver { issuer: "os".to_owned(), subject: who::name(), way: Way::Cli, grant: None };
    let (answered, finished) = place::block_on(async {
        let answered = store.answer(id, Answer { yes, by, reason }).await;
        (answered, store.finish().await)
    })?;
    finished.map_err(|error| Failure::new(Exit::State, error.to_string()))?;
    answered.map_err(|error| refused(state, id, error))
}

/// It stands in answers to agents, and in lines for people.
fn one_line(reason: String) -> Result<String, Failure> {
    if reason.len() > REASON_BYTES_MAX || reason.chars().any(char::is_control) {
        let text = format!("`--reason` is one line of at most {REASON_BYTES_MAX} bytes");
        return Err(Failure::new(Exit::Usage, text));
    }
    Ok(reason)
}

fn refused(state: &Path, id: &str, error: AnswerError) -> Failure {
    if let AnswerError::Unavailable(why) = error {
        return Failure::new(Exit::State, why.to_string());
    }
    let over = matches!(
        error,
        AnswerError::Answered { .. }
            | AnswerError::Expired { .. }
            | AnswerError::Used { .. }
            | AnswerError::Withdrawn { .. }
    );
    let there = open(state).ok().and_then(|reader| reader.show(id).ok().flatten());
    let text = match there.filter(|_| over) {
        Some(approval) => {
            format!("approval `{id}` cannot be answered any more: {}", history(&approval))
        }
        None => error.to_string(),
    };
    Failure::new(Exit::Unexpected, format!("{text}; nothing changed"))
}
