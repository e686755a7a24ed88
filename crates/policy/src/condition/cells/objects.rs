//! Objects: one kind, unless a test names one.

use super::{Cells, Probe, What, judged, parts, quoted};
use crate::condition::Match;
use crate::condition::literal::Literal;
use crate::fold::Key;

pub(super) fn add(probes: &[Probe<'_>], all: &mut Cells) {
    let named: Vec<&Literal> = parts::literals(probes)
        .into_iter()
        .filter(|literal| matches!(literal, Literal::Object(_)))
        .collect();
    if named.is_empty() {
        all.add(probes, "{}".to_owned(), What::Object(None));
        return;
    }
    let what = |_: &[Match]| What::Object(Some("some objects".to_owned()));
    all.add_new(probes, "{}".to_owned(), what);
    all.add_new(probes, "{\"another\":0}".to_owned(), what);
    for literal in named {
        all.add_new(probes, parts::json(literal), what);
        for change in changed(literal) {
            all.add_new(probes, change, what);
        }
    }
    let any = |probe: &Probe<'_>| match (judged(&[*probe], "{}"), judged(&[*probe], "{\"a\":[0]}"))
    {
        (Some(one), Some(other)) if one == other && !compares(*probe) => one,
        _ => vec![Match::No, Match::Unknown, Match::Yes],
    };
    let options: Vec<Vec<Match>> = probes.iter().map(any).collect();
    all.doubt(&options, what, "objects are not compared with objects in full");
}

fn compares(probe: Probe<'_>) -> bool {
    parts::literals(&[probe]).iter().any(|literal| matches!(literal, Literal::Object(_)))
}

/// Objects that differ from it in one thing.
fn changed(literal: &Literal) -> Vec<String> {
    let Literal::Object(members) = literal else { return Vec::new() };
    let changes = [("", "false"), ("", "0"), ("", "\"another\""), ("\u{ad}", "0")];
    let ways = (0..members.len()).flat_map(|at| changes.map(|change| (at, change)));
    let one = |(at, (tail, value)): (usize, (&str, &str))| {
        let member = |(i, (key, own)): (usize, &(Key, Literal))| {
            let (tail, value) =
                if i == at { (tail, value.to_owned()) } else { ("", parts::json(own)) };
            format!("{}:{value}", quoted(&format!("{}{tail}", key.text())))
        };
        let all = members.iter().enumerate().map(member);
        format!("{{{}}}", all.collect::<Vec<_>>().join(","))
    };
    ways.map(one).collect()
}
