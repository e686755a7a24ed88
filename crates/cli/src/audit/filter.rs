//! Which decisions are wanted.

use jiff::Timestamp;

use super::Decision;
use crate::args::{DecisionArg, FilterArgs};
use crate::exit::{Exit, Failure};
use crate::output::visible;
use crate::time;

#[derive(Debug, Default)]
pub(crate) struct Filter {
    tool: Option<String>,
    server: Option<String>,
    grant: Option<String>,
    code: Option<String>,
    trace: Option<String>,
    decisions: Vec<DecisionArg>,
    since_ms: Option<u64>,
    until_ms: Option<u64>,
}

impl Filter {
    pub(crate) fn read(args: FilterArgs) -> Result<Self, Failure> {
        let now = Timestamp::now();
        let moment = |option: &str, text: Option<String>| {
            let moment = text.map(|text| time::moment(&text, now)).transpose();
            moment.map_err(|e| Failure::new(Exit::Usage, format!("`{option}`: {e}")))
        };
        Ok(Self {
            tool: args.tool,
            server: args.server,
            grant: args.grant,
            code: args.code,
            trace: args.trace.map(|text| trace(&text)).transpose()?,
            decisions: if args.deny { NOT_ALLOWED.to_vec() } else { args.decisions },
            since_ms: moment("--since", args.since)?,
            until_ms: moment("--until", args.until)?,
        })
    }

    pub(crate) fn wants(&self, decision: &Decision<'_>) -> bool {
        let fits = |glob: &Option<String>, name: &str| {
            glob.as_deref().is_none_or(|glob| matches(glob, name))
        };
        let (caller, tool) = (&decision.facts.caller, decision.tool());
        let tool = fits(&self.tool, tool) || fits(&self.tool, &format!("{}/{tool}", caller.server));
        let place = fits(&self.server, &caller.server) && fits(&self.grant, &caller.grant);
        let code =
            self.code.is_none() || decision.code().is_some_and(|code| fits(&self.code, code));
        let word = self.decisions.is_empty() || self.decisions.contains(&decision.word());
        let trace = self.trace.as_deref();
        let trace = trace.is_none_or(|id| decision.facts.trace.as_deref() == Some(id));
        tool && place && code && word && trace && self.wants_time(decision.entry.wall_ms)
    }

    /// Whether what is no decision is wanted too: notes of the log, of this time.
    pub(crate) fn wants_note(&self, wall_ms: u64) -> bool {
        let names = [&self.tool, &self.server, &self.grant, &self.code, &self.trace];
        names.iter().all(|name| name.is_none())
            && self.decisions.is_empty()
            && self.wants_time(wall_ms)
    }

    /// Whether all since some time are wanted.
    pub(crate) fn has_since(&self) -> bool {
        self.since_ms.is_some()
    }

    fn wants_time(&self, wall_ms: u64) -> bool {
        self.since_ms.is_none_or(|since| wall_ms >= since)
            && self.until_ms.is_none_or(|until| wall_ms < until)
    }
}

const NOT_ALLOWED: [DecisionArg; 3] = [DecisionArg::Deny, DecisionArg::Limit, DecisionArg::Pending];

/// The id alone, of it or of a whole `traceparent`.
fn trace(text: &str) -> Result<String, Failure> {
    let small = text.trim().to_ascii_lowercase();
    let id = small.split('-').nth(usize::from(small.contains('-'))).unwrap_or_default();
    if id.len() == 32 && id.bytes().all(|c| c.is_ascii_hexdigit()) {
        return Ok(id.to_owned());
    }
    let text =
        format!("`--trace {}` is no id of a trace: write its 32 hexadecimal digits", visible(text));
    Err(Failure::new(Exit::Usage, text))
}

/// `*` stands for any characters, `?` for one. Linear: only the last `*` is gone back to.
fn matches(glob: &str, name: &str) -> bool {
    let (glob, name): (Vec<_>, Vec<_>) = (glob.chars().collect(), name.chars().collect());
    let (mut g, mut n) = (0, 0);
    let mut star = None;
    while n < name.len() {
        match glob.get(g) {
            Some('*') => {
                star = Some((g + 1, n));
                g += 1;
            }
            Some(c) if *c == '?' || *c == name[n] => (g, n) = (g + 1, n + 1),
            _ => match star {
                Some((behind, eaten)) => {
                    star = Some((behind, eaten + 1));
                    (g, n) = (behind, eaten + 1);
                }
                None => return false,
            },
        }
    }
    glob[g..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_whole_names() {
        for (glob, name, expected) in [
            ("refund", "refund", true),
            ("refund", "refunds", false),
            ("re*", "refund", true),
            ("*fund*", "refund", true),
            ("*a*b", "xaxxab", true),
            ("*a*b", "xaxxac", false),
            ("r?fund", "refund", true),
            ("*", "", true),
            ("", "x", false),
        ] {
            assert_eq!(matches(glob, name), expected, "{glob} {name}");
        }
    }
}
