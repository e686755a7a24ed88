//! A call's arguments, as a person who answers for them reads them: every value, exactly.
//!
//! What is long is folded with its start and its end shown, and whoever says yes has to say that
//! they looked: the dangerous part of a text is the one that nobody scrolls to.

use bytes::Bytes;
use toolgate_json::{Document, Kind, Reading, Value};

use super::foreign::{Foreign, look_alikes};

/// All of it.
#[derive(Debug, Default)]
pub(super) struct Arguments {
    pub(super) rows: Vec<Row>,
    /// Values behind the last row; none of them is shown.
    pub(super) left_out: usize,
    /// The exact text.
    pub(super) text: Foreign,
}

/// One value that holds no others.
#[derive(Debug)]
pub(super) struct Row {
    /// As policies name it: `args.to[0].email`.
    pub(super) path: Foreign,
    pub(super) kind: &'static str,
    pub(super) value: Shown,
    /// What is odd about it.
    pub(super) remarks: Vec<String>,
}

/// A value, whole or folded.
#[derive(Debug)]
pub(super) struct Shown {
    /// All of it, or its start.
    pub(super) head: Foreign,
    pub(super) fold: Option<Fold>,
}

#[derive(Debug)]
pub(super) struct Fold {
    pub(super) chars: usize,
    pub(super) middle: Foreign,
    pub(super) tail: Foreign,
}

const ROWS_MAX: usize = 400;
const CHARS_MAX: usize = 2000;
const LINES_MAX: usize = 40;
/// Of a folded value's start, and of its end.
const KEPT_CHARS: usize = 500;

impl Arguments {
    /// Of canonical JSON text; what cannot be read is shown as it is.
    pub(super) fn of(text: &str) -> Self {
        let bytes = Bytes::copy_from_slice(text.as_bytes());
        let mut all = Self { text: Foreign::of(text), ..Self::default() };
        if let Ok(document) = Document::parse(bytes, Reading::Plain) {
            all.walk(document.root(), "args");
        }
        all
    }

    /// Whether something has to be unfolded to be seen.
    pub(super) fn is_folded(&self) -> bool {
        self.left_out > 0 || self.rows.iter().any(|row| row.value.fold.is_some())
    }

    fn walk(&mut self, value: Value<'_>, path: &str) {
        match value.kind() {
            Kind::Object if value.entries().next().is_some() => {
                for (key, value) in value.entries() {
                    self.walk(value, &member(path, &key.as_str().unwrap_or_default()));
                }
            }
            Kind::Array if value.items().next().is_some() => {
                for (at, item) in value.items().enumerate() {
                    self.walk(item, &format!("{path}[{at}]"));
                }
            }
            _ if self.rows.len() == ROWS_MAX => self.left_out += 1,
            _ => self.rows.push(Row::of(value, path)),
        }
    }
}

impl Row {
    fn of(value: Value<'_>, path: &str) -> Self {
        let (kind, text) = match value.kind() {
            Kind::String => ("text", value.as_str().unwrap_or_default().into_owned()),
            Kind::Number => ("number", raw(value)),
            Kind::True | Kind::False => ("yes or no", raw(value)),
            Kind::Null => ("nothing", raw(value)),
            Kind::Array => ("empty list", raw(value)),
            Kind::Object => ("empty object", raw(value)),
        };
        let mut remarks = Vec::new();
        if kind == "text" && text.is_empty() {
            remarks.push("an empty text".to_owned());
        }
        let marks = Foreign::of(&text).0.iter().filter(|p| p.mark && !p.breaks).count();
        if marks > 0 {
            let s = if marks == 1 { "" } else { "s" };
            remarks.push(format!("{marks} character{s} that would not be seen, shown by name"));
        }
        if let (words @ [_, ..], s) = (&look_alikes(&text)[..], "letters that look like others") {
            remarks.push(format!("{s}: {}", words.join(", ")));
        }
        Self { path: Foreign::of(path), kind, value: Shown::of(&text), remarks }
    }
}

impl Shown {
    fn of(text: &str) -> Self {
        let chars: Vec<char> = text.chars().collect();
        let lines = text.split('\n').count();
        if chars.len() <= CHARS_MAX && lines <= LINES_MAX {
            return Self { head: Foreign::of(text), fold: None };
        }
        // Many short lines are folded by their lines.
        let kept = if lines > LINES_MAX { kept_of_lines(&chars) } else { KEPT_CHARS };
        let part =
            |from: usize, to: usize| Foreign::of(&chars[from..to].iter().collect::<String>());
        let end = chars.len() - kept;
        let fold = Fold {
            chars: end.saturating_sub(kept),
            middle: part(kept, end),
            tail: part(end, chars.len()),
        };
        Self { head: part(0, kept), fold: Some(fold) }
    }
}

/// So many characters from either end that neither has more lines than a page.
fn kept_of_lines(chars: &[char]) -> usize {
    let end_of = |chars: &mut dyn Iterator<Item = &char>| {
        let mut lines = 0;
        chars
            .take_while(|c| {
                lines += usize::from(**c == '\n');
                lines < LINES_MAX / 4
            })
            .count()
    };
    let (front, back) = (end_of(&mut chars.iter()), end_of(&mut chars.iter().rev()));
    front.min(back).min(KEPT_CHARS).min(chars.len() / 2)
}

fn raw(value: Value<'_>) -> String {
    String::from_utf8_lossy(value.raw()).into_owned()
}

/// A key that is no plain name is quoted, as in a policy's path.
fn member(path: &str, key: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    if !key.is_empty() && key.bytes().all(plain) {
        return format!("{path}.{key}");
    }
    format!("{path}[{}]", crate::json::string(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(foreign: &Foreign) -> String {
        foreign.0.iter().map(|piece| piece.text.as_str()).collect()
    }

    #[test]
    fn every_value_has_a_row_with_its_path() {
        let arguments =
            Arguments::of(r#"{"a b":"x","n":{"k":[1,{"z":null}]},"t":true,"e":[],"s":""}"#);
        let rows: Vec<_> = arguments
            .rows
            .iter()
            .map(|row| (plain(&row.path), row.kind, plain(&row.value.head)))
            .collect();
        let row = |path: &str, kind, value: &str| (path.to_owned(), kind, value.to_owned());
        assert_eq!(
            rows,
            [
                row("args[\"a b\"]", "text", "x"),
                row("args.n.k[0]", "number", "1"),
                row("args.n.k[1].z", "nothing", "null"),
                row("args.t", "yes or no", "true"),
                row("args.e", "empty list", "[]"),
                row("args.s", "text", ""),
            ]
        );
        assert!(!arguments.is_folded());
    }

    /// Head, middle and tail together are the text, whatever is folded.
    #[test]
    fn folding_loses_nothing() {
        let long = "x".repeat(CHARS_MAX) + "rm -rf /" + &"y".repeat(CHARS_MAX);
        let lines = "a\n".repeat(LINES_MAX * 3);
        for text in [long, lines, "é".repeat(CHARS_MAX + 1), "\n".repeat(500)] {
            let shown = Shown::of(&text);
            let fold = shown.fold.as_ref().unwrap();
            let whole = [&shown.head, &fold.middle, &fold.tail].map(plain).concat();
            assert_eq!(whole, plain(&Foreign::of(&text)));
            assert!(fold.chars > 0);
        }
    }

    #[test]
    fn what_is_odd_is_remarked() {
        let arguments = Arguments::of(r#"{"to":"pаypal\u202e","note":""}"#);
        assert_eq!(arguments.rows[0].remarks.len(), 2, "{:?}", arguments.rows[0].remarks);
        assert_eq!(arguments.rows[1].remarks, ["an empty text"]);
    }

    #[test]
    fn too_many_values_are_counted_and_count_as_folded() {
        let text = format!("[{}]", vec!["1"; ROWS_MAX + 7].join(","));
        let arguments = Arguments::of(&text);
        assert_eq!((arguments.rows.len(), arguments.left_out), (ROWS_MAX, 7));
        assert!(arguments.is_folded());
    }
}
