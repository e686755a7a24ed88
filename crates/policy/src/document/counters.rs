//! Limits whose counters are not what their names make believe.

use std::collections::HashMap;

use crate::document::entries::Draft;
use crate::document::findings::{Finding, Findings, quoted};
use crate::document::node::Node;
use crate::rule::{Check, Increment, Limit, Test};

pub(crate) fn warn(document: &Node, drafts: &[Draft], findings: &mut Findings) {
    for draft in drafts {
        let mut first: HashMap<&str, (&Check, &Limit)> = HashMap::new();
        let mut bounds = HashMap::new();
        for (check, limit) in limits(draft) {
            let (_, known) = *first.entry(&limit.counter).or_insert((check, limit));
            if let (Increment::Argument(one), Increment::Argument(other)) =
                (&known.increment, &limit.increment)
                && one != other
            {
                let name = quoted(&limit.counter);
                let message = format!(
                    "{name} adds up `{other}` here and `{one}` elsewhere: only the larger counts"
                );
                tell(document, check, first.get(&*limit.counter), message, findings)
                    .help("give them two names; one counter adds up one argument of a call");
            }
            let bound = (&limit.counter, limit.window, limit.scope, adds_up(limit), check.shadow);
            if let Some(earlier) = bounds.insert(bound, (check, limit)) {
                let message = format!("{} is limited twice in one window", quoted(&limit.counter));
                tell(document, check, Some(&earlier), message, findings)
                    .help("the smaller `max` decides: remove the other");
            }
        }
    }
}

fn limits(draft: &Draft) -> impl Iterator<Item = (&Check, &Limit)> {
    draft.lines.iter().filter_map(|line| match &line.check.test {
        Test::Limit(limit) => Some((&line.check, limit)),
        _ => None,
    })
}

fn adds_up(limit: &Limit) -> &str {
    match &limit.increment {
        Increment::Argument(path) => path.as_str(),
        Increment::Fixed(_) => "",
    }
}

fn tell<'a>(
    document: &Node,
    check: &Check,
    other: Option<&(&Check, &Limit)>,
    message: String,
    findings: &'a mut Findings,
) -> &'a mut Finding {
    let span = |check: &Check| document.at(&check.pointer).map(|node| node.span);
    let finding = findings.warning(span(check).unwrap_or(document.span), message);
    if let Some(other) = other.and_then(|(check, _)| span(check)) {
        finding.related(other, "the other one");
    }
    finding
}
