//! The form of a Rust file: its first line, its length, its width.

use super::{Finding, Tracked, Tree};

const LINES_MAX: usize = 500;
const LIB_LINES_MAX: usize = 60;
const COLUMNS_MAX: usize = 100;

/// Longer files, each with the length it may have. The list may only shrink: so may each length.
const LONGER: &[(&str, usize)] = &[];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.with_extension("rs").flat_map(|file| check_file(file, allowed(&file.path))).collect()
}

fn allowed(path: &str) -> Option<usize> {
    LONGER.iter().find(|(longer, _)| *longer == path).map(|(_, lines)| *lines)
}

fn check_file(file: &Tracked, allowed: Option<usize>) -> Vec<Finding> {
    let mut found = Vec::new();
    if !file.lines().next().is_some_and(|(_, line)| line.starts_with("//! ")) {
        found.push(file.finding(1, "the first line says what the file is for, behind `//!`"));
    }
    found.extend(file.lines().filter(|(_, line)| too_wide(line)).map(|(number, line)| {
        let columns = line.chars().count();
        file.finding(number, format!("{columns} columns; a line has at most {COLUMNS_MAX}"))
    }));
    found.extend(length(file, allowed));
    found
}

/// A web address cannot be broken.
fn too_wide(line: &str) -> bool {
    line.chars().count() > COLUMNS_MAX && !line.contains("https://")
}

fn length(file: &Tracked, allowed: Option<usize>) -> Option<Finding> {
    if is_test(&file.path) {
        return None;
    }
    let lines = lines_without_tests(file.text.as_deref()?);
    let max = if file.name() == "lib.rs" { LIB_LINES_MAX } else { LINES_MAX };
    let text = match allowed {
        Some(_) if lines <= max => format!("{lines} lines: take it off the list of longer files"),
        Some(noted) if lines < noted => format!("{lines} lines: the list may say so, not {noted}"),
        Some(noted) if lines > noted => format!("{lines} lines without tests; it had {noted}"),
        None if lines > max => format!("{lines} lines without tests; at most {max}"),
        Some(_) | None => return None,
    };
    Some(file.finding(1, text))
}

fn is_test(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.split('/').any(|folder| folder == "tests")
}

/// Counts lines, but for modules and items under `#[cfg(test)]`. rustfmt puts the closing brace
/// under the attribute.
fn lines_without_tests(text: &str) -> usize {
    let mut count = 0;
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line == "#[cfg(test)]" {
            lines.by_ref().find(|line| *line == "}" || line.ends_with(';'));
        } else {
            count += 1;
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str, allowed: Option<usize>) -> Vec<String> {
        let file = Tracked::of(path, text);
        check_file(&file, allowed).into_iter().map(|finding| finding.text).collect()
    }

    fn long(lines: usize) -> String {
        format!("//! A file.\n{}", "\n".repeat(lines - 1))
    }

    #[test]
    fn a_file_without_its_sentence_is_found() {
        assert_eq!(found("a.rs", "//! A file.\n", None).len(), 0);
        assert_eq!(found("a.rs", "use std::fs;\n", None).len(), 1);
        assert_eq!(found("a.rs", "//!\n", None).len(), 1);
    }

    #[test]
    fn columns_are_counted_as_characters() {
        let line = |c: &str, count| format!("//! A file.\n// {}\n", c.repeat(count));
        assert_eq!(found("a.rs", &line("é", 97), None).len(), 0);
        assert_eq!(found("a.rs", &line("e", 98), None).len(), 1);
    }

    #[test]
    fn long_files_are_found_and_tests_do_not_count() {
        assert_eq!(found("a.rs", &long(500), None).len(), 0);
        assert_eq!(found("a.rs", &long(501), None).len(), 1);
        assert_eq!(found("tests/a.rs", &long(501), None).len(), 0);
        let tests = "#[cfg(test)]\nmod tests {\n    fn a() {}\n}\n";
        assert_eq!(found("a.rs", &format!("{}{tests}", long(500)), None).len(), 0);
        assert_eq!(found("a.rs", &format!("{}{tests}\n", long(500)), None).len(), 1);
    }

    #[test]
    fn lib_rs_is_a_table_of_contents() {
        assert_eq!(found("src/lib.rs", &long(61), None).len(), 1);
    }

    #[test]
    fn an_exception_may_only_shrink() {
        assert_eq!(found("a.rs", &long(600), Some(600)).len(), 0);
        assert_eq!(found("a.rs", &long(601), Some(600)).len(), 1);
        assert_eq!(found("a.rs", &long(599), Some(600)).len(), 1);
        assert_eq!(found("a.rs", &long(400), Some(600)).len(), 1);
    }
}
