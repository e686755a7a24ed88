//! One spelling for all that mean the same: what `check --print` shows and revisions digest.
//!
//! Names of rules, descriptions and comments are left out, since they decide nothing. `read`
//! makes an equal policy of it.

use bytes::Bytes;
use toolgate_json::{Document, Kind, Reading, Value, quote};

use crate::document::entries::{DEFAULT, Draft, Drafts, Reach, Sections};
use crate::document::line::{Line, Spelling};
use crate::document::modes::Mode;
use crate::document::terms;
use crate::rule::{Policy, Posture, Results, Test};
use crate::terms::Terms;

/// The canonical form of a document, as compact JSON.
pub(crate) fn canonical(
    hidden: &[String],
    (record_arguments, results): (bool, Option<Results>),
    terms: &Terms,
    sections: &Sections,
) -> String {
    let mut document = Spelling::default().text("version", "1");
    document = document.text("default", posture(sections.tools.default));
    if sections.mode == Mode::Shadow {
        document = document.text("mode", Mode::Shadow.as_str());
    }
    let hidden: Vec<_> = hidden.iter().map(|name| text(name)).collect();
    document = document.list("hide", &hidden);
    if record_arguments {
        document = document.text("record", "args");
    }
    document = document.maybe_text("results", results.map(Results::as_str));
    if let Some(approvals) = terms::spell_all(terms) {
        document = document.raw("approvals", &approvals);
    }
    for draft in sections.tools.entries.iter().filter(|draft| draft.reach == Reach::All) {
        document = document.raw("all_tools", &entry(draft, sections.mode));
    }
    document = document.raw("tools", &entries(&sections.tools, Spelling::default(), sections.mode));
    for (key, drafts) in sections.others() {
        let Some(drafts) = drafts else { continue };
        // A prompt called `default` leaves no room for the section's own; then it has none.
        let spelling = if drafts.entries.iter().any(|draft| draft.key == DEFAULT) {
            Spelling::default()
        } else {
            Spelling::default().text(DEFAULT, posture(drafts.default))
        };
        document = document.raw(key, &entries(drafts, spelling, sections.mode));
    }
    document.object()
}

fn posture(posture: Posture) -> &'static str {
    match posture {
        Posture::Allow => "allow",
        Posture::Deny => "deny",
    }
}

fn entries(drafts: &Drafts, spelling: Spelling, mode: Mode) -> String {
    let named = drafts.entries.iter().filter(|draft| draft.reach != Reach::All);
    named.fold(spelling, |spelling, draft| spelling.raw(&draft.key, &entry(draft, mode))).object()
}

/// Conditions directly under the tool follow those in `rules`: so as many of the last ones as
/// can stand there do, and the rest stay rules.
///
/// Each check says its mode where it is not the one `around` it; the entry itself does where
/// something hangs on that.
fn entry(draft: &Draft, around: Mode) -> String {
    let own = draft.mode.filter(|mode| draft.results.is_some() && *mode != around);
    let around = own.unwrap_or(around);
    let (mut checks, mut approvals, mut limits) = (Vec::new(), Vec::new(), Vec::new());
    for line in &draft.lines {
        match line.check.test {
            Test::Approve(_) => approvals.push(line),
            Test::Limit(_) => limits.push(line),
            _ => checks.push(line),
        }
    }
    let (rules, direct) = checks.split_at(checks.len() - direct_count(&checks));
    let is_require = |line: &&&Line| matches!(line.check.test, Test::Require(_));
    let (require, deny_if): (Vec<_>, Vec<_>) = direct.iter().partition(is_require);
    let rules: Vec<_> = rules.iter().chain(&approvals).map(|line| rule(line, around)).collect();
    let items = |lines: &[&Line]| lines.iter().map(|line| item(line, around)).collect::<Vec<_>>();
    let spelling = Spelling::default()
        .maybe_text("mode", own.map(Mode::as_str))
        .list("rules", &rules)
        .list("require", &items(&require))
        .list("deny_if", &items(&deny_if))
        .list("limits", &items(&limits));
    let spelling = if draft.record_arguments { spelling.text("record", "args") } else { spelling };
    spelling.maybe_text("results", draft.results.map(Results::as_str)).object()
}

/// How many of the last checks stand in the order `require`, `deny_if`.
fn direct_count(checks: &[&Line]) -> usize {
    let mut count = 0;
    let mut last_require = false;
    for line in checks.iter().rev() {
        match line.check.test {
            Test::DenyIf(_) if !last_require => {}
            Test::Require(_) => last_require = true,
            _ => break,
        }
        count += 1;
    }
    count
}

fn rule(line: &Line, around: Mode) -> String {
    let spelling = Spelling::default();
    let spelling = match line.check.test {
        Test::Approve(_) => spelling.text("action", "require_approval").and(&line.spelling),
        Test::Deny => spelling.text("action", "deny"),
        Test::DenyIf(_) | Test::Limit(_) | Test::Require(_) => {
            spelling.text("action", "evaluate").list("conditions", &[line.spelling.object()])
        }
        Test::RequiredArgs | Test::Schema => {
            spelling.text("action", "evaluate").raw("validate", &line.spelling.object())
        }
    };
    ending(spelling, line, around)
}

fn item(line: &Line, around: Mode) -> String {
    ending(line.spelling.clone(), line, around)
}

fn ending(spelling: Spelling, line: &Line, around: Mode) -> String {
    let mode = Some(Mode::in_shadow(line.check.shadow)).filter(|mode| *mode != around);
    let spelling = spelling.maybe_text("mode", mode.map(Mode::as_str));
    spelling.maybe_text("on_deny", line.check.on_deny.as_deref()).object()
}

fn text(value: &str) -> String {
    let mut quoted = Vec::new();
    quote(value, &mut quoted);
    String::from_utf8_lossy(&quoted).into_owned()
}

/// The canonical form for people: indented, what is short on one line.
pub fn pretty(policy: &Policy) -> String {
    let bytes = Bytes::copy_from_slice(policy.canonical().as_bytes());
    let Ok(document) = Document::parse(bytes, Reading::Strict) else {
        return policy.canonical().to_owned();
    };
    let mut out = String::new();
    indent(document.root(), 0, &mut out);
    out.push('\n');
    out
}

fn indent(value: Value<'_>, depth: usize, out: &mut String) {
    const WIDTH: usize = 100;
    if is_flat(value) {
        let mut line = String::new();
        inline(value, &mut line);
        if 2 * depth + line.len() <= WIDTH {
            out.push_str(&line);
            return;
        }
    }
    let object = value.kind() == Kind::Object;
    out.push(if object { '{' } else { '[' });
    let mut separator = "";
    let mut start_line = |out: &mut String| {
        out.push_str(separator);
        out.push('\n');
        out.push_str(&"  ".repeat(depth + 1));
        separator = ",";
    };
    for (key, inner) in value.entries() {
        start_line(out);
        out.push_str(&String::from_utf8_lossy(key.raw()));
        out.push_str(": ");
        indent(inner, depth + 1, out);
    }
    for item in value.items() {
        start_line(out);
        indent(item, depth + 1, out);
    }
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
    out.push(if object { '}' } else { ']' });
}

/// On one line, with a space where the eye wants one.
fn inline(value: Value<'_>, out: &mut String) {
    if !has_children(value) {
        out.push_str(&String::from_utf8_lossy(value.raw()));
        return;
    }
    let object = value.kind() == Kind::Object;
    out.push_str(if object { "{ " } else { "[" });
    for (i, (key, inner)) in value.entries().enumerate() {
        out.push_str(if i > 0 { ", " } else { "" });
        out.push_str(&String::from_utf8_lossy(key.raw()));
        out.push_str(": ");
        inline(inner, out);
    }
    for (i, item) in value.items().enumerate() {
        out.push_str(if i > 0 { ", " } else { "" });
        inline(item, out);
    }
    out.push_str(if object { " }" } else { "]" });
}

/// A list of leaves, or an object of leaves and such lists.
fn is_flat(value: Value<'_>) -> bool {
    let leaves = |value: Value<'_>| !value.items().any(has_children);
    value.entries().all(|(_, inner)| inner.entries().next().is_none() && leaves(inner))
        && leaves(value)
}

fn has_children(value: Value<'_>) -> bool {
    value.entries().next().is_some() || value.items().next().is_some()
}
