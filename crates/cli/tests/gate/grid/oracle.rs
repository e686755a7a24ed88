//! What a rule means for every reader of the arguments.

use std::cmp::Ordering;
use std::fmt;

use serde_json::{Value, json};

use crate::exact::{Exact, Number};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Condition,
    DenyIf,
    Require,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    pub(super) kind: Kind,
    pub(super) path: &'static [&'static str],
    pub(super) op: &'static str,
    pub(super) bound: &'static str,
}

/// What some reader sees at a rule's path.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum View {
    Absent,
    /// As a reader of 64-bit floats has it, to whom the bound is one too.
    Double(Number),
    /// As it is written.
    Exact(Number),
    /// A number beyond every bound.
    Infinite {
        negative: bool,
    },
    /// No number: nobody can say how it compares.
    Other,
}

impl Rule {
    pub(super) fn document(&self) -> Value {
        let bound: Value = serde_json::from_str(self.bound).unwrap();
        let path = format!("args.{}", self.path.join("."));
        let condition = json!({"path": path, "op": self.op, "value": bound});
        match self.kind {
            Kind::Condition => json!({"rules": [{"conditions": [condition]}]}),
            Kind::DenyIf => json!({"deny_if": [condition]}),
            Kind::Require => json!({"require": [condition]}),
        }
    }

    /// Whether allowing was right whoever reads the arguments.
    pub(super) fn holds_for_all_readers(&self, arguments: &Exact) -> bool {
        views(arguments, self.path).iter().all(|view| self.holds(view))
    }

    /// Whether the documents promise that the call passes: it holds, and nothing is in doubt.
    pub(super) fn allows(&self, arguments: &Exact) -> bool {
        is_certain(arguments, self.path) && self.holds_for_all_readers(arguments)
    }

    fn holds(&self, view: &View) -> bool {
        let hit = match view {
            View::Absent => return self.kind == Kind::DenyIf,
            View::Other => return false,
            View::Infinite { negative } => {
                self.meets(if *negative { Ordering::Less } else { Ordering::Greater })
            }
            View::Double(number) => self.meets(number.cmp(&Number::as_double(self.bound).unwrap())),
            View::Exact(number) => self.meets(number.cmp(&Number::read(self.bound).unwrap())),
        };
        hit == (self.kind != Kind::DenyIf)
    }

    fn meets(&self, order: Ordering) -> bool {
        match self.op {
            "eq" => order.is_eq(),
            "gt" => order.is_gt(),
            "gte" => order.is_ge(),
            "lt" => order.is_lt(),
            "lte" => order.is_le(),
            _ => unreachable!(),
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {} {} {}", self.kind, self.path.join("."), self.op, self.bound)
    }
}

/// What all readers together could see at a path.
pub(super) fn views(arguments: &Exact, path: &[&str]) -> Vec<View> {
    let [key, rest @ ..] = path else { return numbers(arguments) };
    if matches!(arguments, Exact::Null) {
        return vec![View::Absent];
    }
    if !matches!(arguments, Exact::Object(_)) {
        return vec![View::Other];
    }
    let (named, alike) = (arguments.named(key), arguments.alike(key));
    // Who knows the very name sees nothing where only a twin stands.
    let mut views = if named.is_empty() { vec![View::Absent] } else { Vec::new() };
    views.extend(alike.into_iter().flat_map(|member| views_of(member, rest)));
    views
}

fn views_of(value: &Exact, rest: &[&str]) -> Vec<View> {
    if rest.is_empty() { numbers(value) } else { views(value, rest) }
}

/// The exact value, and what a 64-bit float makes of it.
fn numbers(value: &Exact) -> Vec<View> {
    let Exact::Number(literal) = value else { return vec![View::Other] };
    let exact = Number::read(literal).unwrap();
    let infinite = View::Infinite { negative: exact.is_negative() };
    let double = Number::as_double(literal).map_or(infinite, View::Double);
    vec![View::Exact(exact), double]
}

/// No twin on the way, and a number that all readers read alike.
pub(super) fn is_certain(value: &Exact, path: &[&str]) -> bool {
    match (path, value) {
        ([], Exact::Number(literal)) => Number::is_known(literal),
        ([], _) => false,
        (_, Exact::Null) => true,
        ([key, rest @ ..], Exact::Object(_)) => match value.alike(key)[..] {
            [] => true,
            [member] => value.named(key).len() == 1 && is_certain(member, rest),
            _ => false,
        },
        (_, _) => false,
    }
}

/// An oracle that agrees with everything proves nothing.
#[test]
fn the_oracle_tells_readers_apart() {
    let rule = |kind, op, bound| Rule { kind, path: &["amount"], op, bound };
    let lte = rule(Kind::Require, "lte", "500");
    let free = rule(Kind::DenyIf, "gt", "500");
    for (arguments, required, not_denied) in [
        (r#"{"amount":500}"#, true, true),
        (r#"{"amount":501}"#, false, false),
        (r#"{"amount":1,"Amount":501}"#, false, false),
        (r#"{"Amount":501}"#, false, false),
        (r#"{"Amount":1}"#, false, true),
        (r#"{"amount":"1"}"#, false, false),
        (r#"{"amount":1e400}"#, false, false),
        (r#"{"amount":-1e400}"#, true, true),
        (r#"{"amount":500.00000000000000001}"#, false, false),
        ("{}", false, true),
    ] {
        let read = Exact::read(arguments).unwrap();
        assert_eq!(lte.holds_for_all_readers(&read), required, "{arguments}");
        assert_eq!(free.holds_for_all_readers(&read), not_denied, "{arguments}");
    }
    let wide = rule(Kind::Require, "lte", "9007199254740992");
    let read = Exact::read(r#"{"amount":9007199254740993}"#).unwrap();
    assert!(!wide.holds_for_all_readers(&read));
    let below = rule(Kind::Require, "lt", "19.99");
    let read_as_equal = Exact::read(r#"{"amount":19.98999999999999999}"#).unwrap();
    assert!(!below.holds_for_all_readers(&read_as_equal));
    let equal = rule(Kind::DenyIf, "eq", "9007199254740992");
    assert!(!equal.holds_for_all_readers(&read), "a float is equal to it");
    for (arguments, certain) in [
        (r#"{"amount":0.1}"#, true),
        (r#"{"amount":9007199254740993}"#, false),
        (r#"{"Amount":1}"#, false),
        (r#"{"amount":1,"AMOUNT":1}"#, false),
        (r#"{"amount":null}"#, false),
        ("{}", true),
    ] {
        let read = Exact::read(arguments).unwrap();
        assert_eq!(is_certain(&read, &["amount"]), certain, "{arguments}");
    }
}
