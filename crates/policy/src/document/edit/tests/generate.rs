//! Documents at random, as people write them.

use std::fmt::Write as _;

/// `SplitMix64` (Steele, Lea and Flood, 2014): small, and the same everywhere.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(n).unwrap()).unwrap()
    }

    pub(super) fn one<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

enum Tree {
    Leaf(String),
    List(Vec<Tree>),
    Map(Vec<(String, Tree)>),
}

fn leaf(text: &str) -> Tree {
    Tree::Leaf(text.to_owned())
}

fn map<const N: usize>(members: [(&str, Tree); N]) -> Tree {
    Tree::Map(members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

const NAMES: &[&str] = &[
    "get",
    "send_mail",
    "get_*",
    "*",
    "delete/all",
    "a~b",
    "with space",
    "ünï",
    "2",
    "no",
    "x: y",
];

fn condition(dice: &mut Dice) -> Tree {
    let values = ["5", "\"a\"", "true", "[1, \"b\"]", "\"it's # here\"", "{\"k\": [1]}"];
    let paths = ["args.amount", "args.to[0]", "args.a.b"];
    let path = format!("\"{}\"", dice.one(&paths));
    let value = value(dice.one::<&str>(&values));
    map([("path", Tree::Leaf(path)), ("op", leaf("\"eq\"")), ("value", value)])
}

fn value(json: &str) -> Tree {
    match json {
        "[1, \"b\"]" => Tree::List(vec![leaf("1"), leaf("\"b\"")]),
        "{\"k\": [1]}" => map([("k", Tree::List(vec![leaf("1")]))]),
        other => leaf(other),
    }
}

fn limit(dice: &mut Dice) -> Tree {
    let window = *dice.one(&["\"minute\"", "\"day\"", "90"]);
    let mut members = vec![("max".to_owned(), leaf("10")), ("window".to_owned(), leaf(window))];
    if dice.chance(30) {
        members.push(("scope".to_owned(), leaf("\"global\"")));
    }
    if dice.chance(20) {
        members.push(("on_deny".to_owned(), leaf("\"slow: down\"")));
    }
    Tree::Map(members)
}

fn some(dice: &mut Dice, one: fn(&mut Dice) -> Tree) -> Tree {
    let count = 1 + dice.below(2);
    Tree::List((0..count).map(|_| one(dice)).collect())
}

/// The first two dialects: what holds stands in rules.
fn rule(dice: &mut Dice) -> Tree {
    match dice.below(4) {
        0 => map([("action", leaf("\"allow\"")), ("rate_limit", rate(dice))]),
        1 => map([("name", leaf("\"big: ones\"")), ("conditions", some(dice, condition))]),
        2 => map([("action", leaf("\"require_approval\"")), ("on_deny", leaf("\"ask\""))]),
        _ => map([("validate", map([("required_args", leaf("true"))]))]),
    }
}

fn rate(dice: &mut Dice) -> Tree {
    if dice.chance(50) {
        leaf("\"10/minute\"")
    } else {
        map([("max", leaf("3")), ("window", leaf("60"))])
    }
}

fn tool(dice: &mut Dice) -> Tree {
    let mut members = Vec::new();
    let mut put = |key: &str, value| members.push((key.to_owned(), value));
    if dice.chance(15) {
        put("action", leaf(dice.one::<&str>(&["\"allow\"", "\"evaluate\""])));
    }
    if dice.chance(35) {
        put("rules", some(dice, rule));
    }
    if dice.chance(35) {
        put("limits", some(dice, limit));
    }
    if dice.chance(25) {
        put("require", some(dice, condition));
    }
    if dice.chance(25) {
        put("deny_if", some(dice, condition));
    }
    if dice.chance(15) {
        put("rate_limit", rate(dice));
    }
    if dice.chance(25) {
        put("require_approval", if dice.chance(50) { leaf("true") } else { some(dice, condition) });
        if dice.chance(50) {
            put("hold", leaf("\"0s\""));
            put("approvers", Tree::List(vec![leaf("\"olga\""), leaf("\"ann\"")]));
        }
    }
    if dice.chance(15) {
        put("record", leaf("\"args\""));
    }
    if dice.chance(10) {
        put("mode", leaf("\"shadow\""));
    }
    // People write keys in any order.
    for at in 1..members.len() {
        let other = dice.below(at + 1);
        members.swap(at, other);
    }
    Tree::Map(members)
}

fn policy(dice: &mut Dice) -> Tree {
    let mut members = Vec::new();
    if dice.chance(70) {
        members.push(("version".to_owned(), leaf("\"1\"")));
    }
    if dice.chance(80) {
        members.push(("default".to_owned(), leaf("\"deny\"")));
    }
    if dice.chance(30) {
        let hidden = if dice.chance(30) {
            leaf("\"secret\"")
        } else {
            Tree::List(vec![leaf("\"drop_*\""), leaf("\"with space\"")])
        };
        members.push(("hide".to_owned(), hidden));
    }
    let mut tools: Vec<(String, Tree)> = Vec::new();
    for _ in 0..dice.below(5) {
        let name = *dice.one(NAMES);
        if tools.iter().all(|(known, _)| known != name) {
            tools.push((name.to_owned(), tool(dice)));
        }
    }
    if !tools.is_empty() || members.is_empty() || dice.chance(50) {
        members.push(("tools".to_owned(), Tree::Map(tools)));
    }
    if dice.chance(20) {
        members.push(("all_tools".to_owned(), map([("limits", some(dice, limit))])));
    }
    if dice.chance(15) {
        members.push(("description".to_owned(), leaf("\"what # it is for\"")));
    }
    Tree::Map(members)
}

pub(super) fn document(dice: &mut Dice) -> String {
    let tree = policy(dice);
    let mut out = String::new();
    match dice.below(6) {
        0 => flow(&tree, dice, true, &mut out),
        1 => pretty(&tree, 0, &mut out),
        _ => {
            let width = 2 + 2 * dice.below(2);
            if dice.chance(40) {
                out.push_str("# What this is for.\n\n");
            }
            if dice.chance(10) {
                out.push_str("---\n");
            }
            block(&tree, 0, width, dice, &mut out);
            if dice.chance(10) {
                out.push_str("# The end.\n");
            }
            if dice.chance(10) {
                out.push_str("...\n");
            }
        }
    }
    if dice.chance(10) {
        out = out.replace('\n', "\r\n");
    }
    if dice.chance(5) {
        out.truncate(out.trim_end().len());
    }
    out
}

/// One line, in brackets.
fn flow(tree: &Tree, dice: &mut Dice, is_json: bool, out: &mut String) {
    match tree {
        Tree::Leaf(text) => out.push_str(&scalar(text, dice, is_json)),
        Tree::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                flow(item, dice, is_json, out);
            }
            if !is_json && !items.is_empty() && dice.chance(5) {
                out.push(',');
            }
            out.push(']');
        }
        Tree::Map(members) => {
            let pad = if dice.chance(30) { " " } else { "" };
            let _ = write!(out, "{{{pad}");
            for (at, (key, value)) in members.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                let key = scalar(&format!("\"{key}\""), dice, is_json);
                let _ = write!(out, "{key}: ");
                flow(value, dice, is_json, out);
            }
            let _ = write!(out, "{pad}}}");
        }
    }
}

/// JSON in lines.
fn pretty(tree: &Tree, depth: usize, out: &mut String) {
    let margin = "  ".repeat(depth + 1);
    let end = "  ".repeat(depth);
    match tree {
        Tree::List(items) if !items.is_empty() => {
            out.push_str("[\n");
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { ",\n" } else { "" });
                out.push_str(&margin);
                pretty(item, depth + 1, out);
            }
            let _ = write!(out, "\n{end}]");
        }
        Tree::Map(members) if !members.is_empty() => {
            out.push_str("{\n");
            for (at, (key, value)) in members.iter().enumerate() {
                out.push_str(if at > 0 { ",\n" } else { "" });
                let _ = write!(out, "{margin}\"{key}\": ");
                pretty(value, depth + 1, out);
            }
            let _ = write!(out, "\n{end}}}");
        }
        other => flow(other, &mut Dice::new(0), true, out),
    }
    if depth == 0 {
        out.push('\n');
    }
}

fn block(tree: &Tree, depth: usize, width: usize, dice: &mut Dice, out: &mut String) {
    let margin = " ".repeat(depth);
    match tree {
        Tree::Map(members) => {
            for (key, value) in members {
                remark(&margin, dice, out);
                let key = scalar(&format!("\"{key}\""), dice, false);
                let _ = write!(out, "{margin}{key}:");
                behind(value, depth, width, dice, out);
            }
        }
        Tree::List(items) => {
            for item in items {
                remark(&margin, dice, out);
                let _ = write!(out, "{margin}-");
                match item {
                    // A mapping that begins behind its dash.
                    Tree::Map(members) if !members.is_empty() && dice.chance(60) => {
                        let mut inner = String::new();
                        block(item, depth + 2, width, &mut Dice::new(3), &mut inner);
                        out.push(' ');
                        out.push_str(inner.trim_start());
                    }
                    other => behind(&shallow(other), depth, width, dice, out),
                }
            }
        }
        Tree::Leaf(_) => {}
    }
}

/// Items are written in brackets where they are not laid out.
fn shallow(tree: &Tree) -> Tree {
    let mut text = String::new();
    flow(tree, &mut Dice::new(5), true, &mut text);
    Tree::Leaf(text)
}

fn behind(value: &Tree, depth: usize, width: usize, dice: &mut Dice, out: &mut String) {
    let empty = match value {
        Tree::Leaf(_) => true,
        Tree::List(items) => items.is_empty(),
        Tree::Map(members) => members.is_empty(),
    };
    if empty || (depth > 0 && dice.chance(30)) {
        out.push(' ');
        flow(value, dice, false, out);
        tail(dice, out);
        return;
    }
    tail(dice, out);
    // A list may stand as deep as its key.
    let step = if matches!(value, Tree::List(_)) && dice.chance(20) { 0 } else { width };
    block(value, depth + step, width, dice, out);
}

fn remark(margin: &str, dice: &mut Dice, out: &mut String) {
    if dice.chance(8) {
        let _ = writeln!(out, "{margin}# note {}", dice.below(100));
    }
    if dice.chance(4) {
        out.push('\n');
    }
}

fn tail(dice: &mut Dice, out: &mut String) {
    if dice.chance(10) {
        let _ = write!(out, "  # why {}", dice.below(100));
    }
    out.push('\n');
}

/// As it is, in other quotes, or in none.
fn scalar(json: &str, dice: &mut Dice, is_json: bool) -> String {
    let Some(text) = json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return json.to_owned();
    };
    let safe = text.chars().all(|c| c.is_ascii_alphabetic() || c == '_') && text != "no";
    let is_bare = safe && text != "true" && !text.is_empty();
    match (is_json, dice.below(4)) {
        (false, 0) if !text.contains(['\'', '\\']) => format!("'{text}'"),
        (false, 1 | 2) if is_bare => text.to_owned(),
        _ => json.to_owned(),
    }
}
