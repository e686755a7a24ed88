//! The project's rules as code: what no compiler and no linter checks.

mod documents;
mod edges;
mod pure;
mod rust_files;
mod tracked;
mod words;

use std::fmt;

use crate::{Result, command};
use tracked::{Tracked, Tree};

/// One broken rule, and where.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    path: String,
    line: usize,
    text: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.text)
    }
}

/// Prints every finding; fails if there is one.
pub fn run() -> Result {
    let findings = findings()?;
    for finding in &findings {
        println!("{finding}");
    }
    match findings.len() {
        0 => Ok(()),
        count => Err(format!("tidy: {count} findings").into()),
    }
}

fn findings() -> Result<Vec<Finding>> {
    let tree = tracked::read(command::root())?;
    let metadata = command::cargo_metadata()?;
    let packages = edges::packages(&metadata)?;
    let mut found = edges::check(&packages, &tree);
    found.extend(pure::check(&packages, &tree));
    found.extend(rust_files::check(&tree));
    found.extend(words::check(&tree));
    found.extend(documents::check(&tree));
    found.extend(tree.files.iter().filter_map(too_large));
    found.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    Ok(found)
}

/// A repository is cloned by everybody, for ever.
const FILE_BYTES_MAX: u64 = 300 * 1024;

fn too_large(file: &Tracked) -> Option<Finding> {
    let large = file.size_bytes > FILE_BYTES_MAX && file.name() != "Cargo.lock";
    large.then(|| {
        let (size_kib, max_kib) = (file.size_bytes / 1024, FILE_BYTES_MAX / 1024);
        file.finding(1, format!("{size_kib} KiB; a file has at most {max_kib} KiB"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_project_keeps_its_rules() {
        let found: Vec<String> = findings().unwrap().iter().map(ToString::to_string).collect();
        assert!(found.is_empty(), "\n{}\n", found.join("\n"));
    }

    #[test]
    fn a_large_file_is_found() {
        let mut file = Tracked::of("data/tools.json", "{}");
        assert_eq!(too_large(&file), None);
        file.size_bytes = FILE_BYTES_MAX + 1;
        assert_eq!(too_large(&file).unwrap().path, "data/tools.json");
        file.path = "fuzz/Cargo.lock".to_owned();
        assert_eq!(too_large(&file), None);
    }
}
