//! What a person is asked, in words that show what would be done and nothing else.
//!
//! All of it but the frame was written by others: an agent that wants a yes chooses its arguments
//! with care. So nothing in it is invisible, nothing ends its line, and no address can be clicked.

use std::fmt::Write as _;

use toolgate_catalog::visible;
use toolgate_json::{Kind, Value, canonical};
use toolgate_policy::{Call, Subject};

/// Of one argument, in characters; what is longer is folded.
const ARGUMENT_MAX: usize = 600;
const HEAD: usize = 400;
const TAIL: usize = 100;
/// Arguments that are listed one by one, and what they may take together, in characters.
const ARGUMENTS_MAX: usize = 40;
const WHOLE_MAX: usize = 6000;
const NAME_MAX: usize = 160;

/// The whole question about a call. `client` is what the client calls itself.
pub(crate) fn question(call: &Call, client: Option<&str>, id: &str, left_ms: u64) -> String {
    let caller = &call.caller;
    let what = match call.subject {
        Subject::Prompt | Subject::PromptMention => "prompt",
        Subject::Resource | Subject::ResourceMention => "resource",
        Subject::ServerRequest => "request",
        Subject::Tool => "tool",
    };
    let mut out = "A policy wants a person's approval for this one call.\n\n".to_owned();
    line(&mut out, what, &call.name);
    line(&mut out, "server", &caller.server);
    arguments(&mut out, call.arguments());
    let principal = &caller.principal;
    line(&mut out, "asked by", &format!("{} ({})", principal.subject, principal.issuer));
    line(&mut out, "grant", &caller.grant);
    if let Some(client) = client {
        line(&mut out, "client, as it calls itself", client);
    }
    line(&mut out, "answer within", &span(left_ms));
    line(&mut out, "approval", id);
    out
}

/// Four spaces make it text to be shown as it stands, to clients that would dress it up.
fn line(out: &mut String, what: &str, value: &str) {
    let _ = writeln!(out, "    {what}: {}", folded(&unclickable(value), NAME_MAX));
}

fn arguments(out: &mut String, arguments: Option<Value<'_>>) {
    let Some(arguments) = arguments.filter(|value| value.entries().next().is_some()) else {
        let _ = writeln!(out, "    arguments: none");
        return;
    };
    let _ = writeln!(out, "    arguments:");
    if arguments.kind() != Kind::Object {
        let _ = writeln!(out, "      {}", shown(arguments));
        return;
    }
    let mut entries: Vec<_> = arguments
        .entries()
        .map(|(name, value)| (name.as_str().unwrap_or_default(), value))
        .collect();
    entries.sort_by(|one, other| one.0.cmp(&other.0));
    let (start, count) = (out.len(), entries.len());
    for (listed, (name, value)) in entries.into_iter().enumerate() {
        if listed == ARGUMENTS_MAX || out.len() - start > WHOLE_MAX {
            let _ = writeln!(out, "      and {} more arguments, not shown here", count - listed);
            return;
        }
        let name = folded(&unclickable(&name), NAME_MAX);
        let _ = writeln!(out, "      {name} = {}", shown(value));
    }
}

/// The value as it is bound to the answer: canonical JSON.
fn shown(value: Value<'_>) -> String {
    let mut text = Vec::new();
    canonical(value, &mut text);
    folded(&unclickable(&String::from_utf8_lossy(&text)), ARGUMENT_MAX)
}

/// Nothing hidden, and no address that a program would make a link of.
fn unclickable(text: &str) -> String {
    visible(text).replace("://", ":\\u{2f}\\u{2f}").replace("www.", "www\\u{2e}")
}

fn folded(text: &str, chars_max: usize) -> String {
    let count = text.chars().count();
    if count <= chars_max {
        return text.to_owned();
    }
    let (head, tail) = if chars_max < ARGUMENT_MAX { (chars_max, 0) } else { (HEAD, TAIL) };
    let start: String = text.chars().take(head).collect();
    let end: String = text.chars().skip(count - tail).collect();
    format!("{start} [… {} characters not shown here …] {end}", count - head - tail)
}

fn span(left_ms: u64) -> String {
    match left_ms.div_ceil(1000) {
        1 => "1 second".to_owned(),
        seconds @ 0..120 => format!("{seconds} seconds"),
        seconds => format!("{} minutes", seconds / 60),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bytes::Bytes;
    use toolgate_json::{Document, Reading};
    use toolgate_policy::{Caller, Definition, Principal};

    use super::*;

    fn asked(name: &str, arguments: &str) -> String {
        let message = Document::parse(Bytes::from(arguments.to_owned()), Reading::Strict).unwrap();
        let principal = Principal { issuer: "local".to_owned(), subject: "ci".to_owned() };
        let caller = Caller { principal, grant: "ci".to_owned(), server: "crm".to_owned() };
        let call = Call {
            caller: Arc::new(caller),
            subject: Subject::Tool,
            name: name.to_owned(),
            arguments: Some(message.root().id()),
            message,
            definition: Definition::Unknown,
            time_ms: 0,
        };
        question(&call, Some("agent\u{202e}"), "apr_1", 600_000)
    }

    #[test]
    fn a_question_says_exactly_what_would_be_done() {
        assert_eq!(
            asked("delete_customer", r#"{"b":[1.50,{"z":0,"a":"x"}],"a":"Ann"}"#),
            "A policy wants a person's approval for this one call.\n\
             \n    tool: delete_customer\n    server: crm\n    arguments:\n      a = \"Ann\"\n      \
             b = [1.5,{\"a\":\"x\",\"z\":0}]\n    asked by: ci (local)\n    grant: ci\n    \
             client, as it calls itself: agent\\u{202e}\n    answer within: 10 minutes\n    \
             approval: apr_1\n"
        );
        assert!(asked("t", "{}").contains("\n    arguments: none\n"));
    }

    #[test]
    fn nothing_in_an_argument_hides_ends_a_line_or_can_be_clicked() {
        let text = asked(
            "t",
            r#"{"a":"x\u202etxt\u200b\n\n    tool: harmless\u001b[2J\u2028","u\nv":"see https://evil.example/ok and www.evil.example"}"#,
        );
        let hidden = |c: char| c != '\n' && toolgate_catalog::is_hidden(c);
        assert!(!text.chars().any(hidden), "{text}");
        assert_eq!(text.lines().filter(|line| line.starts_with("    tool: ")).count(), 1);
        assert_eq!(text.lines().count(), asked("t", r#"{"a":1,"b":2}"#).lines().count());
        assert!(text.contains(r"x\u{202e}txt\u{200b}\n\n    tool: harmless\u001b[2J\u{2028}"));
        assert!(text.contains(r"https:\u{2f}\u{2f}evil.example/ok"), "{text}");
        assert!(!text.contains("://") && !text.contains("www."), "{text}");
    }

    #[test]
    fn what_is_long_is_folded_and_the_fold_says_how_much() {
        let text = asked("t", &format!(r#"{{"a":"{}END"}}"#, "x".repeat(10_000)));
        // The quotes count: what is folded is what was bound.
        assert!(text.contains("[… 9505 characters not shown here …]"), "{text}");
        assert!(text.contains("xEND\"\n"), "{text}");
        let many: Vec<_> =
            (0..100).map(|n| format!(r#""k{n:03}":"{}""#, "y".repeat(300))).collect();
        let text = asked("t", &format!("{{{}}}", many.join(",")));
        assert!(text.contains("      and 81 more arguments, not shown here\n"), "{text}");
        assert!(text.len() < 8_000, "{}", text.len());
    }
}
