//! Text to builder and back: documents at random, in every dialect and layout.

mod generate;

use super::source::{Source, json};
use super::*;
use crate::document::read;
use generate::{Dice, document};

/// Tree and comments: meaning, order, and what people wrote beside it.
fn shape(text: &str) -> (String, Vec<String>) {
    let source = Source::read(text).unwrap_or_else(|error| panic!("{error}\nin\n{text}"));
    let comments = source.comments.iter().map(|span| &text[span.start..span.end]);
    let comments = comments.map(|comment| comment.trim_end().to_owned()).collect();
    (String::from_utf8(json(&source.tree)).unwrap(), comments)
}

fn meaning(text: &str) -> String {
    let (policy, _) = read("p", text).unwrap_or_else(|told| panic!("{}\nin\n{text}", told[0]));
    policy.canonical().to_owned()
}

fn done(text: &str, what: &Edit) -> String {
    edit(text, what).unwrap_or_else(|error| panic!("{error}: {what:?}\nin\n{text}"))
}

fn sample_condition() -> Condition {
    let (path, op, value) = ("args.zip".to_owned(), "eq".to_owned(), "\"1: #2\"".to_owned());
    Condition { path, op, value }
}

fn sample_limit() -> Limit {
    let (max, window) = ("7".to_owned(), "hour".to_owned());
    Limit { max, window, scope: Some("principal".to_owned()), increment_from: None }
}

/// What says what is there already.
fn idle(outline: &Outline) -> Vec<Edit> {
    let mut edits = vec![Edit::Mode { tool: None, shadow: outline.shadow }];
    edits.extend(outline.default.as_deref().map(|word| Edit::Default { allow: word == "allow" }));
    for tool in &outline.tools {
        let pattern = tool.hidden_by.as_ref().is_some_and(|by| *by != tool.name);
        if !pattern {
            let stance = tool.stance.clone();
            edits.push(Edit::Stance { tool: tool.name.clone(), stance });
        }
        if let Some(shadow) = tool.shadow {
            edits.push(Edit::Mode { tool: Some(tool.name.clone()), shadow });
        }
    }
    edits
}

/// An edit and the one that undoes it.
fn pair(dice: &mut Dice, outline: &Outline) -> (Edit, Edit) {
    let listed: Vec<_> = outline.tools.iter().filter(|t| t.cover != Cover::Unlisted).collect();
    let Some(tool) = (!listed.is_empty()).then(|| *dice.one(&listed)) else {
        let tool = "brand new".to_owned();
        let forget = Edit::Forget { tool: tool.clone() };
        return (Edit::Stance { tool, stance: Stance::Allow }, forget);
    };
    let name = tool.name.clone();
    let count = |list: &str| {
        let of = |part: &&Part| part.pointer.contains(&format!("/{list}/"));
        tool.parts.iter().filter(of).count()
    };
    let entry = format!("/tools/{}", name.replace('~', "~0").replace('/', "~1"));
    match dice.below(6) {
        0 => {
            let index = count("limits");
            let pointer = format!("{entry}/limits/{index}");
            (Edit::AddLimit { tool: name, limit: sample_limit(), at: None }, Edit::Drop { pointer })
        }
        1 => {
            let pointer = format!("{entry}/require/0");
            let condition = sample_condition();
            let add =
                Edit::AddCondition { tool: name, list: List::Require, condition, at: Some(0) };
            (add, Edit::Drop { pointer })
        }
        2 => {
            let limits = tool.parts.iter().filter_map(|part| match &part.kind {
                PartKind::Limit(limit) if part.pointer.contains("/limits/") => {
                    Some((limit, &part.pointer))
                }
                _ => None,
            });
            let limits: Vec<_> = limits.collect();
            if limits.is_empty() {
                return pair(dice, outline);
            }
            let (limit, pointer) = *dice.one(&limits);
            let at = pointer.rsplit('/').next().unwrap().parse().ok();
            let add = Edit::AddLimit { tool: name, limit: limit.clone(), at };
            (Edit::Drop { pointer: pointer.clone() }, add)
        }
        3 => {
            let tool = "br~and/new: #1".to_owned();
            let forget = Edit::Forget { tool: tool.clone() };
            (Edit::Stance { tool, stance: Stance::Allow }, forget)
        }
        4 => {
            let old = outline.default.as_deref() != Some("deny");
            (Edit::Default { allow: !old }, Edit::Default { allow: old })
        }
        _ => {
            if tool.hidden_by.is_some() {
                return pair(dice, outline);
            }
            let back = Edit::Stance { tool: name.clone(), stance: tool.stance.clone() };
            let stances = [
                Stance::Allow,
                Stance::Deny,
                Stance::Hide,
                Stance::Approve(Vec::new()),
                Stance::Approve(vec![sample_condition()]),
            ];
            (Edit::Stance { tool: name, stance: dice.one(&stances).clone() }, back)
        }
    }
}

#[test]
fn documents_survive_the_builder() {
    survive(0..5_000);
}

#[test]
fn other_documents_survive_it_too() {
    survive(5_000..10_000);
}

/// A layout may stand in the way, seldom; in all others tree and comments are as they were.
fn survive(seeds: std::ops::Range<u64>) {
    let (mut refused, mut made) = (0, 0);
    for seed in seeds {
        let mut dice = Dice::new(seed);
        let text = document(&mut dice);
        let found = outline(&text).unwrap();
        for idle in idle(&found) {
            assert_eq!(done(&text, &idle), text, "{idle:?}");
        }
        let before = (meaning(&text), shape(&text));
        let (there, back) = pair(&mut dice, &found);
        let Ok(changed) = edit(&text, &there) else {
            refused += 1;
            continue;
        };
        made += 1;
        let comments = shape(&changed).1;
        assert_eq!(comments, before.1.1, "{there:?}\nof\n{text}\nis\n{changed}");
        let again = done(&changed, &back);
        assert_eq!(meaning(&again), before.0, "{there:?}\nof\n{text}\nand back\n{again}");
        let after = shape(&again);
        assert_eq!(after.1, before.1.1, "{there:?}\nof\n{text}\nand back\n{again}");
        assert!(in_order(&text, &again), "{there:?}\nof\n{text}\nand back\n{again}");
    }
    assert!(refused * 50 < made, "{refused} of {made} were refused");
}

/// Whether every key of `old` stands in `new`, in the same order.
fn in_order(old: &str, new: &str) -> bool {
    fn keys(node: &crate::document::node::Node, at: &str, out: &mut Vec<String>) {
        for member in node.members() {
            let here = format!("{at}/{}", member.key);
            out.push(here.clone());
            keys(&member.node, &here, out);
        }
        for (index, item) in node.items().iter().enumerate() {
            keys(item, &format!("{at}/{index}"), out);
        }
    }
    let all = |text: &str| {
        let mut out = Vec::new();
        keys(&Source::read(text).unwrap().tree, "", &mut out);
        out
    };
    let new = all(new);
    let mut rest = new.iter();
    all(old).iter().all(|key| rest.any(|other| other == key))
}

const COMMENTED: &str = "\
# Who may refund, and how much.
version: \"1\"
default: 'deny'   # as it should be
hide: [drop_*]

tools:
  # Reading is fine.
  get: {}  # no checks
  refund:
    limits:  # see the handbook
      - {max: 10, window: minute}  # ten
    # Large ones never.
    deny_if:
      - path: args.amount
        op: gt
        value: 500
  send: {action: deny, reason: \"no\"}
";

#[track_caller]
fn becomes(text: &str, what: &Edit, old: &str, new: &str) {
    assert_eq!(text.matches(old).count(), 1, "{old}");
    assert_eq!(done(text, what), text.replace(old, new));
}

fn stance(tool: &str, stance: Stance) -> Edit {
    Edit::Stance { tool: tool.to_owned(), stance }
}

#[test]
fn a_few_bytes_change_and_all_else_stays() {
    becomes(
        COMMENTED,
        &Edit::Default { allow: true },
        "default: 'deny'   #",
        "default: \"allow\"   #",
    );
    becomes(
        COMMENTED,
        &stance("get", Stance::Deny),
        "  get: {}  # no checks\n",
        "  get:  # no checks\n    action: deny\n",
    );
    becomes(
        COMMENTED,
        &stance("send", Stance::Approve(Vec::new())),
        "send: {action: deny, reason: \"no\"}",
        "send: {action: allow, reason: \"no\", require_approval: true}",
    );
    becomes(COMMENTED, &stance("get", Stance::Hide), "hide: [drop_*]", "hide: [drop_*, get]");
    let limit = Edit::AddLimit { tool: "refund".to_owned(), limit: sample_limit(), at: None };
    let new = "# ten\n      - {max: 7, window: hour, scope: principal}\n";
    becomes(COMMENTED, &limit, "# ten\n", new);
    let condition = Edit::AddCondition {
        tool: "refund".to_owned(),
        list: List::DenyIf,
        condition: sample_condition(),
        at: None,
    };
    let new = "value: 500\n      - {path: args.zip, op: eq, value: \"1: #2\"}\n";
    becomes(COMMENTED, &condition, "value: 500\n", new);
    let shadow = Edit::Mode { tool: None, shadow: true };
    becomes(COMMENTED, &shadow, "should be\n", "should be\nmode: shadow\n");
}

/// What somebody wrote beside something outlives it.
#[test]
fn comments_stay_where_their_rule_was() {
    let drop = Edit::Drop { pointer: "/tools/refund/limits/0".to_owned() };
    becomes(
        COMMENTED,
        &drop,
        "limits:  # see the handbook\n      - {max: 10, window: minute}  # ten\n",
        "limits: []  # see the handbook\n      # ten\n",
    );
}

#[test]
fn json_stays_json_and_as_it_is_laid_out() {
    let text =
        "{\n  \"default\": \"deny\",\n  \"tools\": {\n    \"a\": { \"limits\": [] }\n  }\n}\n";
    let new = "{ \"limits\": [] },\n    \"b\": {\"action\": \"deny\"}\n";
    becomes(text, &stance("b", Stance::Deny), "{ \"limits\": [] }\n", new);
    let new = "\"deny\",\n  \"hide\": [\"a\"],\n";
    becomes(text, &stance("a", Stance::Hide), "\"deny\",\n", new);
}

#[test]
fn a_rule_from_elsewhere_joins_those_that_are_there() {
    let rule = "deny_if:\n  - {path: args.to, op: eq, value: x}\nreason: not to x\n";
    let add = Edit::AddRule { tool: "refund".to_owned(), text: rule.to_owned() };
    let new = "value: 500\n      - {path: args.to, op: eq, value: x}\n    reason: \"not to x\"\n";
    becomes(COMMENTED, &add, "value: 500\n", new);
    let document: Vec<_> = rule.lines().map(|line| format!("    {line}")).collect();
    let text = format!("tools:\n  \"refund\":\n{}\n", document.join("\n"));
    let add = Edit::AddRule { tool: "refund".to_owned(), text };
    becomes(COMMENTED, &add, "value: 500\n", new);
    let text = "require_approval: true".to_owned();
    let add = |tool: &str| Edit::AddRule { tool: tool.to_owned(), text: text.clone() };
    let asked = done(COMMENTED, &add("refund"));
    assert!(matches!(edit(&asked, &add("refund")), Err(EditError::Layout(_))));
    let add = Edit::AddRule { tool: "get".to_owned(), text: "[".to_owned() };
    assert!(matches!(edit(COMMENTED, &add), Err(EditError::Value(_))));
}

#[test]
fn what_would_not_be_seen_is_written_as_an_escape() {
    let tool = "a\u{202e}b\u{7}".to_owned();
    let text = done("default: deny\n", &Edit::Stance { tool: tool.clone(), stance: Stance::Deny });
    let due = "default: deny\ntools:\n  \"a\\u202eb\\u0007\":\n    action: deny\n";
    assert_eq!(text, due);
    assert_eq!(outline(&text).unwrap().tools[0].name, tool);
}

#[test]
fn rules_of_others_are_shown_and_left_alone() {
    let text = "default: deny\ntools:\n  t:\n    rules:\n      - name: a\n        action: deny\n    record: args\n";
    let found = outline(text).unwrap();
    let parts: Vec<_> = found.tools[0].parts.iter().map(|part| (&*part.text, part.line)).collect();
    assert_eq!(parts, [("name: a\naction: deny", 5), ("record: args", 7)]);
    let drop = Edit::Drop { pointer: "/tools/t/record".to_owned() };
    assert!(matches!(edit(text, &drop), Err(EditError::Layout(_))));
}

#[test]
fn a_text_that_is_broken_is_not_edited() {
    for text in ["", "tools: [", "{\"a\":1", "- a", "a: 1\na: 2\n"] {
        assert_eq!(
            edit(text, &Edit::Default { allow: false }),
            Err(EditError::Unreadable),
            "{text}"
        );
    }
}
