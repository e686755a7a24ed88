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
    let mut product_lines = 0;
    for (number, line, is_test) in marked(file) {
        product_lines += usize::from(!is_test);
        if too_wide(line, is_test) {
            let columns = line.chars().count();
            let text = format!("{columns} columns; a line has at most {COLUMNS_MAX}");
            found.push(file.finding(number, text));
        }
    }
    found.extend(too_long(file, product_lines, allowed));
    found
}

/// A web address cannot be broken, and the messages of a test read best as they are sent.
fn too_wide(line: &str, is_test: bool) -> bool {
    let cannot_be_broken = line.contains("https://") || is_test && line.contains('"');
    line.chars().count() > COLUMNS_MAX && !cannot_be_broken
}

fn too_long(file: &Tracked, lines: usize, allowed: Option<usize>) -> Option<Finding> {
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

/// The lines of a file, each with whether it belongs to the tests: all of a file of tests, and
/// what stands under `#[cfg(test)]`, where rustfmt puts the closing brace under the attribute.
fn marked(file: &Tracked) -> impl Iterator<Item = (usize, &str, bool)> {
    let all = file.path.ends_with("/tests.rs")
        || file.path.starts_with("crates/testkit/")
        || file.path.split('/').any(|part| part == "tests");
    let mut inside = false;
    file.lines().map(move |(number, line)| {
        inside |= line == "#[cfg(test)]";
        let is_test = all || inside;
        let ends = !line.starts_with(' ') && (line == "}" || line.ends_with(';'));
        inside &= !ends;
        (number, line, is_test)
    })
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
    fn messages_of_tests_may_be_wide() {
        let text = format!("//! A file.\nconst A: &str = \"{}\";\n", "a".repeat(100));
        assert_eq!(found("src/a.rs", &text, None).len(), 1);
        assert_eq!(found("tests/a.rs", &text, None).len(), 0);
    }

    #[test]
    fn long_files_are_found_and_tests_do_not_count() {
        assert_eq!(found("a.rs", &long(500), None).len(), 0);
        assert_eq!(found("a.rs", &long(501), None).len(), 1);
        assert_eq!(found("tests/a.rs", &long(501), None).len(), 0);
        let tests = "#[cfg(test)]\nmod tests {\n    use super::*;\n}\n";
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
