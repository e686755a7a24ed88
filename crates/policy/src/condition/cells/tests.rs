//! Every value falls into the cell that is judged as it is, or into a doubt.

use proptest::prelude::*;
use toolgate_json::{Kind, Value};

use super::*;
use crate::condition::Operator;

impl Cells {
    /// Whether the value is in a cell, or in doubt; the cell if it is in one.
    pub(crate) fn find(&self, probes: &[Probe<'_>], value: Value<'_>) -> Result<usize, bool> {
        let answers: Vec<Match> = probes.iter().map(|probe| probe.judge(value)).collect();
        let countable = value.as_number().is_some_and(|literal| {
            toolgate_json::Decimal::known(literal)
                .is_some_and(|number| crate::amount::Amount::new(&number).is_some())
        });
        let holds = |what: &What| holds(what, value, countable);
        let is_named =
            self.sure.iter().any(|c| matches!(c.what, What::Quoted(_)) && holds(&c.what));
        let is_it = |cell: &Cell| {
            holds(&cell.what)
                && cell.answers == answers
                && !(is_named && matches!(cell.what, What::Text(_)))
        };
        let in_doubt = self.open.is_some()
            || self.doubts.iter().any(|doubt| holds(&doubt.what) && doubt.answers == answers);
        self.sure.iter().position(is_it).ok_or(in_doubt)
    }
}

fn holds(what: &What, value: Value<'_>, countable: bool) -> bool {
    let unclear =
        value.as_number().is_some_and(|literal| toolgate_json::Decimal::known(literal).is_none());
    match (what, value.kind()) {
        (What::Boolean(own), _) => value.as_bool() == Some(*own),
        (What::List(_), Kind::Array)
        | (What::Null, Kind::Null)
        | (What::Object(_), Kind::Object)
        | (What::Text(_), Kind::String) => true,
        (What::Quoted(own), Kind::String) => quoted(&value.as_str().unwrap()) == *own,
        (What::Number(span), Kind::Number) if !unclear => {
            let number = toolgate_json::Decimal::known(value.as_number().unwrap()).unwrap();
            let inside = if span.is_point {
                span.low.as_ref() == Some(&number)
            } else {
                span.low.as_ref().is_none_or(|low| *low < number)
                    && span.high.as_ref().is_none_or(|high| number < *high)
            };
            inside && span.countable.is_none_or(|own| own == countable)
        }
        (What::Unclear, Kind::Number) => unclear,
        _ => false,
    }
}

const TESTS: &[(&str, &str)] = &[
    ("eq", "5"),
    ("eq", "\"a\""),
    ("eq", "null"),
    ("eq", "[1,\"a\"]"),
    ("eq", "{\"k\":1}"),
    ("neq", "5"),
    ("in", "[1,2,\"a\",null]"),
    ("in", "[[1],[1,2]]"),
    ("not_in", "[\"a\",\"b\"]"),
    ("lt", "10"),
    ("lte", "0.5"),
    ("gt", "-3"),
    ("gte", "5"),
    ("regex", "\"^a\""),
    ("regex", "\"b$\""),
    ("regex", "\"(?i)\\\\bdrop\\\\b\""),
    ("matches", "\"[a-c]{1,3}\""),
    ("contains", "\"b\""),
    ("contains", "1"),
    ("exists", "true"),
    ("path_within", "[\"/srv/data\",\"docs\"]"),
    ("path_within", "\"/srv\""),
    ("host_in", "[\"example.com\",\"*.example.com\"]"),
    ("host_in", "\"a.example.com\""),
    ("length", "{\"min\":1,\"max\":2}"),
    ("length", "{\"max\":5}"),
    ("each", "{\"op\":\"lte\",\"value\":5}"),
    ("each", "{\"op\":\"in\",\"value\":[\"a\",1]}"),
    ("any", "{\"op\":\"gt\",\"value\":5}"),
    ("any", "{\"op\":\"eq\",\"value\":\"a\"}"),
    ("host_public", "true"),
    ("host_public", "false"),
    ("path_sensitive", "true"),
    ("path_sensitive", "false"),
];

const VALUES: &[&str] = &[
    "null",
    "true",
    "false",
    "0",
    "5",
    "4.9",
    "5.0",
    "10",
    "-3",
    "-3.5",
    "0.5",
    "1e30",
    "1e-30",
    "9007199254740993",
    "1e400",
    "\"a\"",
    "\"b\"",
    "\"ab\"",
    "\"abc\"",
    "\"Drop it\"",
    "\"\"",
    "\"é\"",
    "\"/srv/data/x\"",
    "\"/srv\"",
    "\"/SRV/data\"",
    "\"/srv/data/*\"",
    "\"docs/../x\"",
    "\"docs\"",
    "\"/srv／data\"",
    "\"example.com\"",
    "\"https://a.example.com/b\"",
    "\"https://b.a.example.com\"",
    "\"http://[::1]\"",
    "\"https://other.org\"",
    "\"http://10.0.0.1/\"",
    "\"/home/ann/.ssh/id_rsa\"",
    "\".env\"",
    "[]",
    "[1]",
    "[1,2]",
    "[1,\"a\"]",
    "[\"a\",\"b\"]",
    "[6]",
    "[null]",
    "[[1]]",
    "[1,2,3,4,5,6,7]",
    "{}",
    "{\"k\":1}",
    "{\"K\":1}",
    "{\"k\":\"x\"}",
    "{\"k\":1,\"l\":2}",
];

fn operators() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0..TESTS.len(), 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_value_has_its_cell_or_is_in_doubt(chosen in operators(), counted: bool) {
        let made: Vec<Operator> = chosen
            .iter()
            .map(|i| Operator::new(TESTS[*i].0, read(TESTS[*i].1).unwrap().root()).unwrap())
            .collect();
        let probes: Vec<Probe<'_>> = made.iter().map(Probe::Is).collect();
        let cells = of(&probes, counted);
        for text in VALUES {
            let document = read(text).unwrap();
            let found = cells.find(&probes, document.root());
            prop_assert!(found != Err(false), "{text} by {:?}: {cells:#?}", chosen.iter().map(|i| TESTS[*i]).collect::<Vec<_>>());
        }
        for cell in &cells.sure {
            let document = read(&cell.value).unwrap();
            let found = cells.find(&probes, document.root());
            prop_assert!(found.is_ok(), "{cell:?}");
        }
    }
}

#[test]
fn patterns_that_cannot_both_match_make_no_cell() {
    let both = ["\"a+\"", "\"b+\""]
        .map(|text| Operator::new("matches", read(text).unwrap().root()).unwrap());
    let probes = [Probe::Is(&both[0]), Probe::Is(&both[1])];
    let cells = of(&probes, false);
    assert!(cells.doubts.is_empty() && cells.open.is_none());
    let texts = cells.sure.iter().filter(|cell| matches!(cell.what, What::Text(_)));
    let answers: Vec<&[Match]> = texts.map(|cell| &cell.answers[..]).collect();
    assert_eq!(answers.len(), 3, "{answers:?}");
    assert!(!answers.contains(&&[Match::Yes, Match::Yes][..]));
}

#[test]
fn a_gap_between_two_numbers_is_there_only_if_a_double_lies_in_it() {
    let bounds = ["0.1", "0.10000000000000002"];
    let both = bounds.map(|text| Operator::new("lte", read(text).unwrap().root()).unwrap());
    let probes = [Probe::Is(&both[0]), Probe::Is(&both[1])];
    let cells = of(&probes, false);
    let is_between = |cell: &Cell| match &cell.what {
        What::Number(span) => !span.is_point && span.low.is_some() && span.high.is_some(),
        _ => false,
    };
    assert!(!cells.sure.iter().any(is_between));
}
