//! What the server noted, beside what was sent.

use std::path::Path;

use serde_json::Value;

use super::corpus::{Fate, Sent};
use crate::Result;

pub(super) struct Verdict {
    pub(super) sent: usize,
    /// How often a tool ran that no policy allows.
    pub(super) forbidden: usize,
    pub(super) problems: Vec<String>,
}

/// The notes of one server, in order.
#[derive(Default)]
struct Notes {
    /// Method and mark of each message its parser made.
    seen: Vec<(String, Option<String>)>,
    /// What `echo` was given.
    echoed: Vec<String>,
    /// Tools no policy allows.
    forbidden: usize,
    /// What its parser could not read.
    broken: Vec<String>,
}

/// Problems of the server's side: what it saw must be what was sent, once and in order.
pub(super) fn judge(log: &Path, sent: &[&Sent]) -> Result<Verdict> {
    let notes = read(log)?;
    let mut problems = Vec::new();
    if notes.forbidden > 0 {
        problems.push(format!("a forbidden tool ran {} times", notes.forbidden));
    }
    let broken = notes.broken.iter();
    problems.extend(broken.map(|text| format!("the server could not read: {text}")));

    problems.extend(order_problem(&notes, sent));
    let echoes = passed(sent).filter_map(|(_, _, echo)| echo);
    if notes.echoed.iter().ne(echoes.clone()) {
        let (ran, wanted) = (notes.echoed.len(), echoes.count());
        problems.push(format!("`echo` ran {ran} times, with other words or not {wanted} times"));
    }
    Ok(Verdict { sent: sent.len(), forbidden: notes.forbidden, problems })
}

fn passed<'a>(
    sent: &'a [&Sent],
) -> impl Iterator<Item = (&'a Sent, &'a str, Option<&'a String>)> + Clone {
    sent.iter().filter_map(|sent| match &sent.fate {
        Fate::Passes { mark, echo } => Some((*sent, mark.as_str(), echo.as_ref())),
        Fate::Refused => None,
    })
}

/// The first difference, in order, between what was seen and what was sent.
fn order_problem(notes: &Notes, sent: &[&Sent]) -> Option<String> {
    let mut seen = notes.seen.iter();
    for (sent, mark, _) in passed(sent) {
        let is_same = |(method, seen): &&(String, Option<String>)| {
            method == sent.method && seen.as_ref().is_none_or(|seen| seen == mark)
        };
        let next = seen.next();
        if !next.as_ref().is_some_and(is_same) {
            return Some(format!("{}: the server saw {next:?} in its place", sent.label));
        }
    }
    seen.next().map(|more| format!("the server saw more than was sent: {more:?}"))
}

/// The handshake is not of the corpus, and the gate may ask for the tools by itself.
fn is_own(method: &str, mark: Option<&str>) -> bool {
    matches!(method, "initialize" | "notifications/initialized" | "server/discover")
        || (method == "tools/list" && mark.is_none())
}

fn read(log: &Path) -> Result<Notes> {
    let mut notes = Notes::default();
    for line in std::fs::read_to_string(log)?.lines() {
        let note: Value = serde_json::from_str(line)?;
        if let Some(text) = note["broken"].as_str() {
            notes.broken.push(text.replace('\n', " ").chars().take(200).collect());
        }
        match note["ran"].as_str() {
            Some("echo") => {
                let said = note["arguments"]["message"].as_str().unwrap_or_default();
                notes.echoed.push(said.to_owned());
            }
            Some("danger") => notes.forbidden += 1,
            _ => {}
        }
        let message = &note["seen"];
        let mark = message["params"]["_meta"]["mark"].as_str();
        let method = message["method"].as_str();
        if let Some(method) = method.filter(|method| !is_own(method, mark)) {
            notes.seen.push((method.to_owned(), mark.map(str::to_owned)));
        }
    }
    Ok(notes)
}

#[cfg(test)]
mod tests {
    use super::super::corpus::{Era, echo};
    use super::*;

    const ECHO: &str = r#"{"seen":{"method":"tools/call","params":{"_meta":{"mark":"one"}}}}
{"ran":"echo","arguments":{"message":"one"}}
"#;

    /// The problems when `echo` was sent once and the server noted this.
    fn problems(log: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        std::fs::write(&path, log).unwrap();
        judge(&path, &[&echo(Era::Legacy, "one", 1)]).unwrap().problems
    }

    #[test]
    fn what_was_sent_was_seen_once() {
        let handshake = r#"{"seen":{"method":"initialize"}}"#;
        assert_eq!(problems(&format!("{handshake}\n{ECHO}")), Vec::<String>::new());
    }

    #[test]
    fn a_message_too_many_is_found() {
        assert_eq!(problems(&format!("{ECHO}{ECHO}")).len(), 2);
        let other = r#"{"seen":{"method":"ping","params":{"_meta":{"mark":"two"}}}}"#;
        assert_eq!(problems(&format!("{ECHO}{other}")).len(), 1);
    }

    #[test]
    fn a_message_too_few_is_found() {
        assert_eq!(problems("").len(), 2);
    }

    #[test]
    fn other_words_are_found() {
        assert_eq!(problems(&ECHO.replace(r#""message":"one""#, r#""message":"two""#)).len(), 1);
        assert_eq!(problems(&ECHO.replace(r#""mark":"one""#, r#""mark":"two""#)).len(), 1);
    }

    #[test]
    fn broken_lines_and_forbidden_tools_are_found() {
        assert_eq!(problems(&format!("{ECHO}{}", r#"{"broken":"half a line"}"#)).len(), 1);
        assert_eq!(problems(&format!("{ECHO}{}", r#"{"ran":"danger"}"#)).len(), 1);
    }
}
