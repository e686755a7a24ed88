//! What holds for all policies and all calls.

use std::collections::HashMap;
use std::num::NonZeroU64;
use std::sync::Arc;

use bytes::Bytes;
use proptest::prelude::*;
use toolgate_json::{Document, Reading};

use crate::amount::Amount;
use crate::call::{Call, Caller, Definition, Principal, Subject};
use crate::condition::{Condition, OPERATORS, Operator};
use crate::decide;
use crate::decision::{Decision, Obligation};
use crate::definition::ToolDefinition;
use crate::glob::Glob;
use crate::limit::{Align, Refund, Scope, Window};
use crate::path::Path;
use crate::rule::{
    Ask, Check, Entry, Increment, Index, Limit, Names, Policy, Posture, Section, Test,
};
use crate::terms::Terms;

mod shadow;

/// A check, before it is made: checks cannot be copied, and properties need the same one twice.
#[derive(Clone, Debug)]
pub(crate) enum Rule {
    Approve(Vec<Asked>),
    Deny,
    DenyIf(Asked),
    Limit(Option<String>, Scope),
    Require(Asked),
    RequiredArgs,
    Schema,
}

/// A condition, before it is made.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    path: String,
    op: String,
    value: String,
}

/// Which entry a rule stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    Every,
    Exact,
    Other,
    Pattern,
}

fn json(text: &str) -> Document {
    Document::parse(Bytes::copy_from_slice(text.as_bytes()), Reading::Strict).unwrap()
}

impl Asked {
    fn make(&self) -> Condition {
        let operator = Operator::new(&self.op, json(&self.value).root());
        Condition { path: Path::parse(&self.path).unwrap(), operator: operator.unwrap() }
    }
}

impl Rule {
    fn make(&self) -> Test {
        match self {
            Self::Approve(asked) => Test::Approve(Ask {
                conditions: asked.iter().map(Asked::make).collect(),
                terms: Terms::default(),
            }),
            Self::Deny => Test::Deny,
            Self::DenyIf(asked) => Test::DenyIf(asked.make()),
            Self::Limit(path, scope) => Test::Limit(Limit {
                counter: "c".into(),
                increment: match path {
                    Some(path) => Increment::Argument(Path::parse(path).unwrap()),
                    None => Increment::Fixed(Amount::ONE),
                },
                window: Window { length_s: NonZeroU64::MIN, align: Align::Sliding },
                max: Amount::ONE,
                scope: *scope,
                refund: Refund::NotSent,
            }),
            Self::Require(asked) => Test::Require(asked.make()),
            Self::RequiredArgs => Test::RequiredArgs,
            Self::Schema => Test::Schema,
        }
    }
}

pub(crate) fn policy(default: Posture, rules: &[(Place, Rule)]) -> Policy {
    let mut entries: Vec<Entry> = Vec::new();
    let mut index = Index::default();
    let mut at = HashMap::new();
    for (place, rule) in rules {
        let entry = *at.entry(*place).or_insert_with(|| {
            let pointer = Arc::default();
            let (checks, results) = (Vec::new(), None);
            entries.push(Entry { pointer, checks, record_arguments: false, results });
            entries.len() - 1
        });
        let check = Check { pointer: "/p".into(), on_deny: None, shadow: false, test: rule.make() };
        entries[entry].checks.push(check);
    }
    for (place, entry) in at {
        match place {
            Place::Every => index.every.push(entry),
            Place::Exact => {
                index.exact.insert("tool".to_owned(), entry);
            }
            Place::Other => {
                index.exact.insert("other".to_owned(), entry);
            }
            Place::Pattern => index.globs.push((Glob::parse("to*").unwrap(), entry)),
        }
    }
    let hidden = Names::default();
    Policy {
        shadow: false,
        hidden,
        tools: Section { default, entries, index },
        prompts: None,
        resources: None,
        server_requests: None,
        record_arguments: false,
        results: None,
        looks_at_results: false,
        shadowed: Vec::new(),
        canonical: String::new(),
    }
}

pub(crate) fn call(arguments: Option<&str>, is_known: bool) -> Call {
    let message =
        json(&arguments.map_or("{}".to_owned(), |text| format!(r#"{{"arguments":{text}}}"#)));
    let tool =
        json(r#"{"inputSchema":{"properties":{"a":{"type":"number"},"b":{}},"required":["a"]}}"#);
    let definition = if is_known {
        Definition::Known(Arc::new(ToolDefinition::read(tool.root()).unwrap()))
    } else {
        Definition::Unknown
    };
    let principal = Principal { issuer: "i".to_owned(), subject: "s".to_owned() };
    let caller = Caller { principal, grant: "g".to_owned(), server: "s".to_owned() };
    Call {
        caller: Arc::new(caller),
        subject: Subject::Tool,
        name: "tool".to_owned(),
        arguments: message.root().get("arguments").map(toolgate_json::Value::id),
        message,
        definition,
        time_ms: 0,
    }
}

/// What is owed if the call is allowed.
fn owed(rules: &[(Place, Rule)], default: Posture, said: &Said) -> Option<Vec<Obligation>> {
    let call = call(said.arguments.as_deref(), said.is_known);
    match decide(&policy(default, rules), call) {
        Decision::Allow(allowed) => Some(allowed.obligations().to_vec()),
        Decision::Deny(denied) => {
            assert!(!denied.reason.message.is_empty());
            None
        }
    }
}

/// The call's part of a decision.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) arguments: Option<String>,
    pub(crate) is_known: bool,
}

fn any_json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        "-?(0|[1-9][0-9]{0,3})(\\.[0-9]{1,3})?([eE][+-]?[0-9]{1,3})?",
        Just("9007199254740993".to_owned()),
        Just("500.00000000000000001".to_owned()),
        "[a-c /.]{0,6}".prop_map(|text| format!("\"{text}\"")),
        Just(r#""/srv/data/a""#.to_owned()),
        Just(r#""https://example.com/a""#.to_owned()),
        "\\PC{0,8}".prop_map(|text| {
            let mut out = Vec::new();
            toolgate_json::quote(&text, &mut out);
            String::from_utf8(out).unwrap()
        }),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|items| format!("[{}]", items.join(","))),
            object(inner),
        ]
    })
}

/// Keys are few, so that rules meet them, and twins of one another.
fn object(member: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let key = prop::sample::select(vec!["a", "A", "b", "B", "ａ", "c", "a.b", "\u{200b}b"]);
    prop::collection::hash_map(key, member, 0..4).prop_map(|members| {
        let members: Vec<_> =
            members.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
        format!("{{{}}}", members.join(","))
    })
}

pub(crate) fn said() -> impl Strategy<Value = Said> {
    (prop::option::weighted(0.95, object(any_json())), any::<bool>())
        .prop_map(|(arguments, is_known)| Said { arguments, is_known })
}

fn path() -> impl Strategy<Value = String> {
    let paths = ["args.a", "args.b", "args.a.b", "args.a[0]", "args.b[1].a", r#"args["a.b"]"#];
    prop::sample::select(paths.to_vec()).prop_map(str::to_owned)
}

fn asked() -> impl Strategy<Value = Asked> {
    let value = (prop::sample::select(OPERATORS.to_vec()), any_json(), 0..5_u8).prop_map(
        |(op, json, number)| {
            let value = match op {
                "in" | "not_in" => format!("[{number},\"a\"]"),
                "lt" | "lte" | "gt" | "gte" => format!("{number}.5"),
                "regex" | "matches" => r#""^[a-c]*$""#.to_owned(),
                "exists" | "host_public" | "path_sensitive" => (number % 2 == 0).to_string(),
                "path_within" => r#"["/srv/data","a"]"#.to_owned(),
                "host_in" => r#"["example.com","*.a.com"]"#.to_owned(),
                "length" => format!(r#"{{"max":{number}}}"#),
                "any" | "each" => format!(r#"{{"op":"lte","value":{number}}}"#),
                _ => json,
            };
            (op.to_owned(), value)
        },
    );
    let known = |(op, value): &(String, String)| Operator::new(op, json(value).root()).is_ok();
    (path(), value.prop_filter("numbers that policies cannot name", known))
        .prop_map(|(path, (op, value))| Asked { path, op, value })
}

fn rule() -> impl Strategy<Value = Rule> {
    let scopes = vec![Scope::Global, Scope::Grant, Scope::Principal, Scope::Server];
    prop_oneof![
        3 => prop::collection::vec(asked(), 0..3).prop_map(Rule::Approve),
        1 => Just(Rule::Deny),
        6 => asked().prop_map(Rule::DenyIf),
        3 => (prop::option::of(path()), prop::sample::select(scopes))
            .prop_map(|(path, scope)| Rule::Limit(path, scope)),
        4 => asked().prop_map(Rule::Require),
        1 => Just(Rule::RequiredArgs),
        1 => Just(Rule::Schema),
    ]
}

pub(crate) fn placed() -> impl Strategy<Value = (Place, Rule)> {
    let places = vec![Place::Every, Place::Exact, Place::Exact, Place::Other, Place::Pattern];
    (prop::sample::select(places), rule())
}

pub(crate) fn posture() -> impl Strategy<Value = Posture> {
    prop::sample::select(vec![Posture::Allow, Posture::Deny])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn adding_a_denial_never_allows(
        mut rules in prop::collection::vec(placed(), 0..5),
        at in any::<prop::sample::Index>(),
        place in prop::sample::select(vec![Place::Every, Place::Exact, Place::Pattern]),
        default in posture(),
        said in said(),
    ) {
        rules.insert(at.index(rules.len() + 1), (place, Rule::Deny));
        prop_assert_eq!(owed(&rules, default, &said), None);
    }

    #[test]
    fn adding_a_check_to_a_listed_tool_never_turns_a_denial_into_an_allowance(
        mut rules in prop::collection::vec(placed(), 0..5),
        added in placed(),
        at in any::<prop::sample::Index>(),
        said in said(),
    ) {
        // Listed already: the first mention of a tool is what allows it under `default: deny`.
        rules.push((Place::Exact, Rule::Approve(Vec::new())));
        let before = owed(&rules, Posture::Deny, &said);
        rules.insert(at.index(rules.len() + 1), added);
        let after = owed(&rules, Posture::Deny, &said);
        if let Some(after) = after {
            let before = before.expect("the denial became an allowance");
            prop_assert!(approvals(&after) >= approvals(&before));
        }
    }

    #[test]
    fn the_order_of_rules_changes_no_outcome(
        (rules, shuffled) in prop::collection::vec(placed(), 0..6)
            .prop_flat_map(|rules| (Just(rules.clone()), Just(rules).prop_shuffle())),
        default in posture(),
        said in said(),
    ) {
        let sorted = |obligations: Option<Vec<Obligation>>| obligations.map(|all| {
            let approvals = approvals(&all);
            let mut spent: Vec<String> = all.iter().filter_map(|one| match one {
                Obligation::Approve(_) => None,
                Obligation::Spend(charges) => Some(charges),
            }).flatten().map(|charge| format!("{} {}", charge.counter, charge.amount)).collect();
            spent.sort();
            (approvals, spent)
        });
        let (one, other) = (owed(&rules, default, &said), owed(&shuffled, default, &said));
        prop_assert_eq!(sorted(one), sorted(other));
    }

    #[test]
    fn a_call_is_counted_once_per_counter_and_approvals_come_first(
        rules in prop::collection::vec(placed(), 0..6),
        default in posture(),
        said in said(),
    ) {
        let owed = owed(&rules, default, &said).unwrap_or_default();
        let spends = owed.iter().filter(|one| matches!(one, Obligation::Spend(_))).count();
        prop_assert!(spends <= 1);
        if let Some(Obligation::Spend(charges)) = owed.last() {
            let mut counters: Vec<_> = charges.iter().map(|charge| &charge.counter).collect();
            counters.sort();
            counters.dedup();
            prop_assert_eq!(counters.len(), charges.len());
        } else {
            prop_assert_eq!(spends, 0);
        }
    }
}

pub(crate) fn approvals(obligations: &[Obligation]) -> usize {
    obligations.iter().filter(|one| matches!(one, Obligation::Approve(_))).count()
}
