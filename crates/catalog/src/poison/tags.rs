//! Tags and marks that only a model would obey: a made-up role, a hidden section, a comment.

use std::ops::Range;

use super::evidence::{EVIDENCE_MAX, Evidence};

/// Names of tags that claim to speak for someone else, or to be unseen.
const NAMES: &[&str] = &[
    "admin",
    "cmd",
    "command",
    "critical",
    "hidden",
    "important",
    "instruction",
    "instructions",
    "internal",
    "override",
    "policy",
    "priority",
    "secret",
    "system",
    "system-reminder",
    "system_instruction",
    "system_instructions",
    "system_prompt",
    "sys",
    "urgent",
];
/// Marks of chat templates. They stand in no honest description.
const MARKS: &[&str] = &[
    "<|im_start|>",
    "<|im_end|>",
    "<|system|>",
    "<|user|>",
    "<|assistant|>",
    "<|endoftext|>",
    "<|start_header_id|>",
    "<|eot_id|>",
    "[inst]",
    "[/inst]",
    "<<sys>>",
    "<</sys>>",
];

/// Further on, the end of a section is not looked for, so that a text costs what it is long.
const NEAR_BYTES: usize = 4_000;
const HEAD_BYTES: usize = 60;

pub(super) fn tags(text: &str, found: &mut Vec<Evidence>) {
    let marks = text.bytes().enumerate().filter(|(_, byte)| matches!(byte, b'<' | b'['));
    for (at, _) in marks {
        opened(text, at, found);
        if found.len() >= EVIDENCE_MAX {
            return;
        }
    }
    let mut start = 0;
    for line in text.split('\n') {
        if line.contains(':') {
            headed(line, start, found);
        }
        start += line.len() + 1;
    }
}

fn opened(text: &str, at: usize, found: &mut Vec<Evidence>) {
    let rest = &text[at..];
    let starts =
        |with: &&&str| rest.get(..with.len()).is_some_and(|it| it.eq_ignore_ascii_case(with));
    if let Some(mark) = MARKS.iter().find(starts) {
        push(found, (5, "a mark of a chat template"), at..at + mark.len());
        return;
    }
    if rest.starts_with("<!--") {
        comment(rest, at, found);
        return;
    }
    let close = if rest.starts_with('<') { '>' } else { ']' };
    let Some(end) = rest.bytes().take(60).position(|byte| char::from(byte) == close) else {
        return;
    };
    let inner = rest[1..end].trim_matches(|c: char| c == '/' || c.is_whitespace());
    let inner = inner.to_ascii_lowercase();
    // `Use <system> and <user> tags` speaks about tags.
    let after = &text[at + end + 1..];
    let about = after[..after.floor_char_boundary(30)].to_ascii_lowercase();
    let is_tag = !about.contains(" tag")
        && close == '>'
        && NAMES.contains(&inner.as_str())
        && is_section(text, at + end, &inner);
    let speaks = close == ']' && speaks(&inner);
    if is_tag {
        let weight = if matches!(inner.as_str(), "instructions") {
            2
        } else if inner == "important" || inner == "critical" {
            3
        } else {
            4
        };
        push(found, (weight, "a tag that claims to be someone else's word"), at..at + end + 1);
    } else if speaks {
        push(found, (3, "a mark that claims to be someone else's word"), at..at + end + 1);
    }
}

/// `<secret>` may stand for what is to be filled in; a section has an end, or text behind it.
fn is_section(text: &str, end: usize, name: &str) -> bool {
    let often = matches!(
        name,
        "cmd" | "command" | "internal" | "policy" | "priority" | "secret" | "sys" | "admin"
    );
    let near = &text[end..text.floor_char_boundary(end + NEAR_BYTES)];
    !often || near.to_ascii_lowercase().contains(&format!("</{name}>"))
}

/// `[SYSTEM]`, `[important system instruction]`, `[hidden note]`.
fn speaks(inner: &str) -> bool {
    let mut words = inner.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let first = words.next().unwrap_or_default();
    let strong = [
        "admin",
        "hidden",
        "important",
        "instruction",
        "instructions",
        "override",
        "secret",
        "system",
    ];
    let spoken = [
        "alert",
        "command",
        "instruction",
        "instructions",
        "message",
        "note",
        "notice",
        "override",
        "prompt",
        "system",
        "update",
    ];
    strong.contains(&first)
        && words.clone().count() <= 3
        && words.all(|word| spoken.contains(&word))
}

/// A comment is not shown where a description is rendered.
fn comment(rest: &str, at: usize, found: &mut Vec<Evidence>) {
    let near = &rest[..rest.floor_char_boundary(NEAR_BYTES)];
    let end = near.find("-->").map_or(near.len(), |end| end + 3);
    let words = rest[4..end].split_whitespace().filter(|word| word.len() > 1).count();
    if words > 3 {
        push(found, (4, "a comment, which people do not see"), at..at + end);
    }
}

/// A line that begins `SYSTEM:` or `### Instruction:`.
fn headed(line: &str, at: usize, found: &mut Vec<Evidence>) {
    const HEADS: [&str; 9] = [
        "admin",
        "assistant",
        "hidden instructions",
        "new instructions",
        "system",
        "system instruction",
        "system instructions",
        "system message",
        "system prompt",
    ];
    const ACTS: [&str; 5] = ["command", "directive", "notice", "override", "update"];
    let begin = line.trim_start_matches(['#', '*', ' ', '-', '\t']);
    let start = at + (line.len() - begin.len());
    let begin = &begin[..begin.floor_char_boundary(HEAD_BYTES)];
    let Some((head, _)) = begin.split_once(':') else { return };
    let end = start + head.len() + 1;
    let head = head.trim_end_matches('*').to_ascii_lowercase();
    let claims = HEADS.contains(&head.as_str())
        || head.starts_with("system ") && ACTS.iter().any(|act| head.contains(act))
        || line.starts_with("###") && matches!(head.as_str(), "instruction" | "instructions");
    if claims {
        push(found, (3, "a line that claims to be the system's"), start..end);
    }
}

/// How much a mark weighs, and what it is.
type Weighed = (u32, &'static str);

fn push(found: &mut Vec<Evidence>, (weight, said): Weighed, span: Range<usize>) {
    found.push(Evidence { id: "fake-role", weight, said: said.to_string(), quote: None, span });
}
