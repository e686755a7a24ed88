//! The pure crates: no IO and no clock, by manifest and by clippy.

use super::edges::Package;
use super::{Finding, Tree};

const PURE: &[&str] = &["catalog", "json", "policy", "protocol"];

/// Crates that bring files, sockets, processes or clocks.
const IMPURE: &[&str] = &[
    "fs-err",
    "getrandom",
    "hyper",
    "hyper-rustls",
    "hyper-util",
    "jiff",
    "mio",
    "nix",
    "notify",
    "rand",
    "reqwest",
    "rusqlite",
    "rustix",
    "socket2",
    "tempfile",
    "tokio",
];

pub(super) fn check(packages: &[Package], tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for package in packages.iter().filter(|package| PURE.contains(&package.name.as_str())) {
        for dependency in package.dependencies.iter().filter(|d| !d.in_tests) {
            if IMPURE.contains(&dependency.name.as_str()) {
                let text = format!("`{}` is pure, `{}` is not", package.name, dependency.name);
                found.push(package.finding(&dependency.name, &text, tree));
            }
        }
    }
    found.extend(unequal_bans(tree));
    found
}

/// A nested clippy.toml replaces the root's: the pure crates need four equal files.
fn unequal_bans(tree: &Tree) -> Vec<Finding> {
    let path = |name: &str| format!("crates/{name}/clippy.toml");
    let model = path(PURE[0]);
    let text = |path: &str| tree.file(path).and_then(|file| file.text.clone());
    let wanted = text(&model);
    PURE.iter()
        .map(|name| path(name))
        .filter(|path| wanted.is_none() || text(path) != wanted)
        .map(|path| Finding { path, line: 1, text: format!("missing, or not equal to {model}") })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::edges::Dependency;
    use super::*;

    fn equal_bans() -> Vec<(&'static str, &'static str)> {
        vec![
            ("crates/catalog/clippy.toml", "a = 1"),
            ("crates/json/clippy.toml", "a = 1"),
            ("crates/policy/clippy.toml", "a = 1"),
            ("crates/protocol/clippy.toml", "a = 1"),
        ]
    }

    #[test]
    fn a_runtime_in_a_pure_crate_is_found() {
        let package = |in_tests| Package {
            name: "policy".to_owned(),
            manifest: "crates/policy/Cargo.toml".to_owned(),
            dependencies: vec![Dependency { name: "tokio".to_owned(), in_tests }],
        };
        let tree = Tree::of(&equal_bans());
        assert_eq!(check(&[package(false)], &tree).len(), 1);
        assert_eq!(check(&[package(true)], &tree).len(), 0);
    }

    #[test]
    fn a_ban_that_one_crate_lacks_is_found() {
        let mut files = equal_bans();
        assert_eq!(unequal_bans(&Tree::of(&files)).len(), 0);
        files[2].1 = "a = 2";
        assert_eq!(unequal_bans(&Tree::of(&files))[0].path, "crates/policy/clippy.toml");
        files.remove(2);
        assert_eq!(unequal_bans(&Tree::of(&files))[0].path, "crates/policy/clippy.toml");
    }
}
