//! What must not stand in a file: unfinished work, and traces of the machine it was written on.

use super::{Finding, Tracked, Tree};

/// Written in two halves, so that this file does not find itself.
const UNFINISHED: &[&str] = &[
    concat!("TO", "DO"),
    concat!("to", "do!"),
    concat!("FIX", "ME"),
    concat!("fix", "me"),
    concat!("X", "XX"),
    concat!("x", "xx"),
    concat!("db", "g!"),
    concat!("unimple", "mented!"),
];

const CODE: &[&str] = &["css", "html", "js", "mjs", "py", "rs", "sh", "toml", "ts"];

const PLACES: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/ho", "me/"),
    concat!("/ro", "ot/"),
    concat!("/tm", "p/tgt"),
    concat!("/fa", "rm/"),
    concat!("/Us", "ers/"),
];

/// Homes of nobody, for examples and for tests of path rules; and what attacks look for.
const NOBODY: &[&str] =
    &["$USER", ".ssh", "<you>", "a", "ada", "agent", "alice", "ann", "bob", "me", "user", "you"];

const REGISTRIES: &[&str] = &[
    concat!("crates", ".io"),
    concat!("registry.", "npmjs"),
    concat!("pypi", ".org"),
    concat!("python", "hosted.org"),
    concat!("deb.", "debian"),
    concat!("artifact", "ory"),
];

/// Whose business it is where packages come from.
const OF_PACKAGES: &[&str] = &["Cargo.lock", "deny.toml"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.files.iter().flat_map(check_file).collect()
}

fn check_file(file: &Tracked) -> Vec<Finding> {
    let is_code = CODE.contains(&file.extension()) || file.path == ".ci/run";
    let of_packages = OF_PACKAGES.contains(&file.name());
    let mut found = Vec::new();
    for (number, line) in file.lines() {
        if is_code && let Some(word) = UNFINISHED.iter().find(|word| has_word(line, word)) {
            found.push(file.finding(number, format!("`{word}`: finish it, or write an issue")));
        }
        if let Some(place) = PLACES.iter().find(|place| has_place(line, place)) {
            found.push(file.finding(number, format!("`{place}`: a path of somebody's machine")));
        }
        let registry = REGISTRIES.iter().find(|registry| line.contains(**registry));
        if let Some(registry) = registry.filter(|_| !of_packages) {
            found.push(file.finding(number, format!("`{registry}`: the host of a registry")));
        }
    }
    found
}

/// Whether the word stands in the line, not as a part of a longer one.
fn has_word(line: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word)
        .any(|(at, _)| !line[..at].ends_with(part) && !line[at + word.len()..].starts_with(part))
}

/// Whether an absolute path begins with the place, and not with the home of nobody.
fn has_place(line: &str, place: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || "_-.~*)]}".contains(c);
    let ends_name = |c: char| !c.is_alphanumeric() && !"_-.$<>".contains(c);
    line.match_indices(place).any(|(at, _)| {
        let name = line[at + place.len()..].split(ends_name).next().unwrap_or_default();
        !line[..at].ends_with(inside) && !NOBODY.contains(&name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, line: &str) -> usize {
        check_file(&Tracked::of(path, line)).len()
    }

    #[test]
    fn unfinished_work_is_found_in_code_only() {
        for word in UNFINISHED {
            assert_eq!(found("a.rs", &format!("    {word}()")), 1, "{word}");
            assert_eq!(found("a.md", &format!("    {word}()")), 0, "{word}");
        }
        assert_eq!(found("a.rs", "tool: todoist, create_todo"), 0);
    }

    #[test]
    fn paths_of_a_machine_are_found_everywhere() {
        for place in PLACES {
            assert_eq!(found("a.md", &format!("see {place}x/notes")), 1, "{place}");
            assert_eq!(found("a.md", &format!("see docs{place}x")), 0, "{place}");
        }
        assert_eq!(found("a.yaml", &format!("path_within: {}ann/x", PLACES[1])), 0);
        assert_eq!(found("a.yaml", &format!("path_within: {}anna/x", PLACES[1])), 1);
    }

    #[test]
    fn registries_are_named_by_the_lock_file_only() {
        for registry in REGISTRIES {
            assert_eq!(found("a.json", registry), 1, "{registry}");
            assert_eq!(found("fuzz/Cargo.lock", registry), 0, "{registry}");
        }
    }
}
