//! What differs between two lists of lines.

use std::fmt::Write;

use similar::algorithms::{Capture, Compact, Replace, myers};
use similar::{Change, ChangeTag, DiffOp, group_diff_ops};

/// Lines around a change that are told too.
const CONTEXT: usize = 3;

/// In order, equal stretches included. One algorithm: whoever leaves the choice open carries all.
pub(crate) fn changes(old: &[&str], new: &[&str]) -> Vec<DiffOp> {
    let mut found = Compact::new(Replace::new(Capture::new()), old, new);
    let Ok(()) = myers::diff(&mut found, old, 0..old.len(), new, 0..new.len());
    found.into_inner().into_inner().into_ops()
}

/// A unified diff as of POSIX `diff -u`; empty if nothing differs.
pub fn unified(names: [&str; 2], old: &str, new: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) =
        (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
    let mut out = String::new();
    for hunk in group_diff_ops(changes(&old, &new), CONTEXT) {
        let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else { continue };
        if out.is_empty() {
            out = format!("--- {}\n+++ {}\n", names[0], names[1]);
        }
        let before = span(first.old_range().start, last.old_range().end);
        let after = span(first.new_range().start, last.new_range().end);
        let _ = writeln!(out, "@@ -{before} +{after} @@");
        for change in hunk.iter().flat_map(|op| op.iter_changes(&old[..], &new[..])) {
            line(&mut out, &change);
        }
    }
    out
}

/// Lines count from 1; an empty span stands behind the line before it.
fn span(start: usize, end: usize) -> String {
    match end - start {
        0 => format!("{start},0"),
        1 => (start + 1).to_string(),
        length => format!("{},{length}", start + 1),
    }
}

fn line(out: &mut String, change: &Change<&str>) {
    out.push(match change.tag() {
        ChangeTag::Delete => '-',
        ChangeTag::Equal => ' ',
        ChangeTag::Insert => '+',
    });
    out.push_str(change.value());
    if !change.value().ends_with('\n') {
        out.push_str("\n\\ No newline at end of file\n");
    }
}

#[cfg(test)]
mod tests {
    use super::unified;

    #[test]
    fn a_unified_diff_tells_what_changed_and_what_stands_around_it() {
        let old = "a\nb\nc\nd\ne\nf\ng\nh\ni\n";
        let new = "a\nb\nc\nd\nE\nf\ng\nh\ni\nj";
        let told = "--- old\n+++ new\n@@ -2,8 +2,9 @@\n b\n c\n d\n-e\n+E\n f\n g\n h\n i\n+j\n\
                    \\ No newline at end of file\n";
        assert_eq!(unified(["old", "new"], old, new), told);
    }

    #[test]
    fn hunks_that_are_far_apart_stand_apart() {
        let old = (0..20).fold(String::new(), |text, i| format!("{text}{i}\n"));
        let new = format!("x\n{}", old.replace("19\n", ""));
        let told = unified(["a", "b"], &old, &new);
        assert!(told.contains("@@ -1,3 +1,4 @@\n+x\n 0\n"), "{told}");
        assert!(told.contains("@@ -17,4 +18,3 @@\n 16\n 17\n 18\n-19\n"), "{told}");
    }

    #[test]
    fn the_same_text_and_an_empty_one() {
        assert_eq!(unified(["a", "b"], "x\n", "x\n"), "");
        assert_eq!(unified(["a", "b"], "", "x\n"), "--- a\n+++ b\n@@ -0,0 +1 @@\n+x\n");
    }
}
