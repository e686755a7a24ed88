//! No message shows a secret, whatever becomes of the text around it.

use std::path::Path;

use toolgate_policy::document::{Colour, Diagnostic, render};

use super::{FOLDER, documents};
use crate::config::read_text;

/// Every secret in the documents.
const SECRET: &str = "hunter2";

fn shown(text: &str) -> String {
    match read_text("toolgate.yaml", text, Some(Path::new(FOLDER))) {
        Ok((config, told)) => {
            let canonical = config.json();
            format!("{}{config:?}{canonical}", render(&told, text, Colour::Off))
        }
        Err(told) => {
            let json: String = told.iter().map(Diagnostic::json).collect();
            render(&told, text, Colour::Off) + &json
        }
    }
}

fn texts() -> impl Iterator<Item = String> {
    let all = documents("good").into_iter().chain(documents("bad"));
    all.map(|document| document.text).filter(|text| text.contains(SECRET))
}

#[track_caller]
fn keeps(text: &str) {
    let shown = shown(text);
    assert!(!shown.contains(SECRET), "{shown}\nof\n{text}");
}

#[test]
fn secrets_are_not_shown() {
    let mut count = 0;
    for text in texts() {
        keeps(&text);
        count += 1;
    }
    assert!(count >= 5);
}

#[test]
fn secrets_are_not_shown_when_the_end_is_lost() {
    for text in texts() {
        for (end, _) in text.char_indices() {
            keeps(&text[..end]);
        }
    }
}

#[test]
fn secrets_are_not_shown_when_a_character_is_lost() {
    for text in texts() {
        for (at, c) in text.char_indices() {
            keeps(&format!("{}{}", &text[..at], &text[at + c.len_utf8()..]));
        }
    }
}

#[test]
fn secrets_are_not_shown_when_the_indent_is_lost() {
    for text in texts() {
        for (at, _) in text.match_indices("\n  ") {
            keeps(&format!("{}\n{}", &text[..at], text[at..].trim_start()));
        }
    }
}
