//! A document that is cut off never passes for another one unnoticed.

use super::{good, policy};
use crate::document::{is_truncation_of, read};

#[test]
fn no_piece_of_a_json_document_is_one() {
    for document in good().into_iter().filter(super::Document::is_json) {
        let whole = document.text.trim_end();
        for (end, _) in whole.char_indices() {
            assert!(read("cut", &whole[..end]).is_err(), "{} cut at {end}", document.name);
        }
    }
}

/// A piece that reads as another policy is known as a piece of the last one; and if it ends
/// within a word, its author hears of it even without a last one.
#[test]
fn no_piece_of_a_yaml_document_goes_unnoticed() {
    let mut pieces = 0;
    for document in good().into_iter().filter(|document| !document.is_json()) {
        let whole = policy(&document.text);
        for (end, _) in document.text.char_indices() {
            let piece = &document.text[..end];
            let Ok((policy, told)) = read("cut", piece) else { continue };
            if policy.canonical() == whole.canonical() {
                continue;
            }
            pieces += 1;
            assert!(is_truncation_of(piece, &document.text), "{} cut at {end}", document.name);
            let closed = piece.trim_end_matches(' ').ends_with(['\n', '}', ']', '"', '\'']);
            let comment = piece.lines().next_back().is_some_and(|line| line.contains('#'));
            let warned = told.iter().any(|diagnostic| diagnostic.message.contains("cut off"));
            assert!(closed || comment || warned, "{} cut at {end}:\n{piece}", document.name);
        }
    }
    assert!(pieces > 100, "too few pieces: {pieces}");
}

#[test]
fn a_lost_default_would_widen_and_is_noticed() {
    let whole = "tools:\n  run: {}\ndefault: deny\n";
    let piece = "tools:\n  run: {}\n";
    assert_ne!(policy(whole).canonical(), policy(piece).canonical());
    assert!(is_truncation_of(piece, whole));
    assert!(!is_truncation_of(whole, piece), "it only grew");
}

#[test]
fn white_space_at_the_end_is_nothing_lost() {
    assert!(!is_truncation_of("default: deny", "default: deny\n\n"));
    assert!(!is_truncation_of("default: deny\n", "default: deny"));
    assert!(is_truncation_of("default: deny\n\n\n", "default: deny\ntools: {}\n"));
    assert!(is_truncation_of("", "default: deny\n"));
}

#[test]
fn changed_documents_are_no_pieces() {
    assert!(!is_truncation_of("default: allow\n", "default: deny\ntools: {}\n"));
    assert!(!is_truncation_of("tools: {}\n", "default: deny\ntools: {}\n"));
}

/// The start of the next document is no piece of the last one: only an end mark tells.
#[test]
fn with_an_end_mark_every_cut_is_noticed() {
    let last = "default: deny\ntools: {a: {}}\n...\n";
    let next = "description: new\ntools:\n  a: {}\n  b: {rate_limit: 1/day}\ndefault: deny\n...\n";
    assert!(!is_truncation_of(next, last));
    for (end, _) in next.trim_end().char_indices() {
        assert!(is_truncation_of(&next[..end], last), "cut at {end}");
    }
    policy(next);
    assert!(!is_truncation_of("{\"default\": \"deny\"}", last), "JSON ends with its bracket");
}
