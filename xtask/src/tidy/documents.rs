//! The documents: short where they promise it, and each one reachable.

use std::collections::HashSet;

use super::{Finding, Tracked, Tree};

/// What a newcomer reads first stays readable.
const LINES_MAX: &[(&str, usize)] = &[("ARCHITECTURE.md", 200), ("CONTRIBUTING.md", 100)];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut found: Vec<Finding> = LINES_MAX.iter().filter_map(|row| too_long(tree, *row)).collect();
    let mut linked = HashSet::new();
    for document in tree.with_extension("md") {
        for (line, target) in links(document) {
            let path = resolve(&document.path, &target);
            if !tree.has(&path) {
                found
                    .push(document.finding(line, format!("links to `{path}`, which is not there")));
            }
            if path != document.path {
                linked.insert(path);
            }
        }
    }
    let ours = tree.with_extension("md").filter(|document| document.path.starts_with("docs/"));
    found.extend(
        ours.filter(|document| !linked.contains(&document.path))
            .map(|document| document.finding(1, "no other document links here")),
    );
    found
}

fn too_long(tree: &Tree, (path, max): (&str, usize)) -> Option<Finding> {
    let document = tree.file(path)?;
    let lines = document.lines().count();
    (lines > max).then(|| document.finding(max + 1, format!("{lines} lines; at most {max}")))
}

/// The targets of its links that are files, with their lines; code blocks have none.
fn links(document: &Tracked) -> Vec<(usize, String)> {
    let mut in_code = false;
    let mut found = Vec::new();
    for (number, line) in document.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if !in_code {
            found.extend(targets(line).map(|target| (number, target)));
        }
    }
    found
}

/// What stands in `[text](target)`, without the heading behind `#`.
fn targets(line: &str) -> impl Iterator<Item = String> {
    line.split("](").skip(1).filter_map(|rest| {
        let (target, _) = rest.split_once(')')?;
        let (path, _) = target.split_once('#').unwrap_or((target, ""));
        let is_file = !path.is_empty() && !path.contains(':');
        is_file.then(|| path.to_owned())
    })
}

/// The path from the root of what a document calls `target`.
fn resolve(document: &str, target: &str) -> String {
    let folder = document.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(target.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        check(&Tree::of(files)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_document_that_nobody_links_is_found() {
        let guide = ("docs/guide.md", "[self](guide.md)");
        assert_eq!(found(&[guide]), ["docs/guide.md:1: no other document links here"]);
        assert_eq!(found(&[guide, ("README.md", "see [it](docs/guide.md#start)")]).len(), 0);
    }

    #[test]
    fn a_broken_link_is_found_with_its_line() {
        let text = "\n[a](../docs/b.md)\n```\n[c](c.md)\n```\n[w](https://example.com)\n";
        assert_eq!(
            found(&[("README.md", "[docs](docs/a.md)"), ("docs/a.md", text)]),
            ["docs/a.md:2: links to `docs/b.md`, which is not there"]
        );
    }

    #[test]
    fn the_first_documents_stay_short() {
        let lines = "a\n".repeat(201);
        assert_eq!(found(&[("ARCHITECTURE.md", &lines)]).len(), 1);
        assert_eq!(found(&[("ARCHITECTURE.md", &lines[2..])]).len(), 0);
    }
}
