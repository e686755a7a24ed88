//! Which of our crates may import which. A new edge is a change to this table, on purpose.

use toolgate_json::{Document, Value};

use super::{Finding, Tree};
use crate::{Result, command};

struct Row {
    package: &'static str,
    /// Ours, without the prefix.
    imports: &'static [&'static str],
    /// Further ones of ours, for tests and benchmarks only.
    in_tests: &'static [&'static str],
}

const EDGES: &[Row] = &[
    Row { package: "json", imports: &[], in_tests: &[] },
    Row { package: "policy", imports: &["json"], in_tests: &[] },
    Row { package: "protocol", imports: &["json"], in_tests: &[] },
    Row { package: "catalog", imports: &["json", "policy", "protocol"], in_tests: &[] },
    Row { package: "store", imports: &["json", "policy"], in_tests: &[] },
    // It meets the gateway in the store only.
    Row { package: "console", imports: &["catalog", "json", "policy", "store"], in_tests: &[] },
    Row {
        package: "gateway",
        imports: &["catalog", "json", "policy", "protocol", "store"],
        in_tests: &["testkit"],
    },
    Row {
        package: "toolgate",
        imports: &["catalog", "console", "gateway", "json", "policy", "protocol", "store"],
        in_tests: &["testkit"],
    },
    // An independent reader cannot share our mistakes.
    Row { package: "testkit", imports: &[], in_tests: &[] },
    Row {
        package: "xtask",
        imports: &["catalog", "json", "testkit"],
        in_tests: &["policy", "protocol", "store"],
    },
];

/// One package of the workspace, as `cargo metadata` tells it.
pub(super) struct Package {
    /// Without the prefix.
    pub(super) name: String,
    /// Relative to the root.
    pub(super) manifest: String,
    pub(super) dependencies: Vec<Dependency>,
}

pub(super) struct Dependency {
    /// As the manifest has it.
    pub(super) name: String,
    pub(super) in_tests: bool,
}

pub(super) fn packages(metadata: &Document) -> Result<Vec<Package>> {
    let packages = metadata.root().get("packages").ok_or("cargo metadata names no packages")?;
    packages
        .items()
        .map(|package| read(package).ok_or_else(|| "cargo metadata has another form".into()))
        .collect()
}

fn read(package: Value<'_>) -> Option<Package> {
    let manifest = package.get("manifest_path")?.as_str()?.into_owned();
    let root = format!("{}/", command::root().display());
    let dependency = |item: Value<'_>| {
        let name = item.get("name")?.as_str()?.into_owned();
        let in_tests = item.get("kind")?.is("dev");
        Some(Dependency { name, in_tests })
    };
    Some(Package {
        name: plain(&package.get("name")?.as_str()?).to_owned(),
        manifest: manifest.strip_prefix(&root).unwrap_or(&manifest).to_owned(),
        dependencies: package
            .get("dependencies")?
            .items()
            .map(dependency)
            .collect::<Option<_>>()?,
    })
}

/// The name of a crate of ours without its prefix.
fn plain(name: &str) -> &str {
    name.strip_prefix("toolgate-").unwrap_or(name)
}

pub(super) fn check(packages: &[Package], tree: &Tree) -> Vec<Finding> {
    packages.iter().flat_map(|package| check_package(package, packages, tree)).collect()
}

fn check_package(package: &Package, packages: &[Package], tree: &Tree) -> Vec<Finding> {
    let Some(row) = EDGES.iter().find(|row| row.package == package.name) else {
        return vec![package.finding("name", "has no row in the table of edges", tree)];
    };
    let ours = |name: &str| packages.iter().any(|package| package.name == name);
    let wrong = |edge: &&Dependency| ours(plain(&edge.name)) && !row.allows(edge);
    let finding = |edge: &Dependency| {
        let way = if edge.in_tests { "import in its tests" } else { "import" };
        let text = format!("`{}` may not {way} `{}`", row.package, edge.name);
        package.finding(&edge.name, &text, tree)
    };
    package.dependencies.iter().filter(wrong).map(finding).collect()
}

impl Row {
    fn allows(&self, dependency: &Dependency) -> bool {
        let name = plain(&dependency.name);
        let own_tests = dependency.in_tests && name == self.package;
        let in_tests = dependency.in_tests && self.in_tests.contains(&name);
        self.imports.contains(&name) || in_tests || own_tests
    }
}

impl Package {
    /// A finding at the line of the manifest that names `what`.
    pub(super) fn finding(&self, what: &str, text: &str, tree: &Tree) -> Finding {
        let line = tree
            .file(&self.manifest)
            .and_then(|file| file.lines().find(|(_, line)| line.starts_with(what)))
            .map_or(1, |(line, _)| line);
        Finding { path: self.manifest.clone(), line, text: text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, dependencies: &[(&str, bool)]) -> Package {
        let dependency =
            |&(name, in_tests): &(&str, bool)| Dependency { name: name.to_owned(), in_tests };
        Package {
            name: plain(name).to_owned(),
            manifest: format!("crates/{}/Cargo.toml", plain(name)),
            dependencies: dependencies.iter().map(dependency).collect(),
        }
    }

    fn found(packages: &[Package]) -> Vec<String> {
        let manifest = "[dependencies]\ntoolgate-store.workspace = true\n";
        let tree = Tree::of(&[("crates/policy/Cargo.toml", manifest)]);
        check(packages, &tree).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_edge_outside_the_table_is_found_with_its_line() {
        let packages = [
            package("toolgate-policy", &[("toolgate-store", false)]),
            package("toolgate-store", &[]),
        ];
        assert_eq!(
            found(&packages),
            ["crates/policy/Cargo.toml:2: `policy` may not import `toolgate-store`"]
        );
    }

    #[test]
    fn what_tests_may_import_the_product_may_not() {
        let kit = || package("toolgate-testkit", &[]);
        assert_eq!(found(&[package("toolgate", &[("toolgate-testkit", true)]), kit()]).len(), 0);
        assert_eq!(found(&[package("toolgate", &[("toolgate-testkit", false)]), kit()]).len(), 1);
    }

    #[test]
    fn a_crate_without_a_row_is_found() {
        assert_eq!(found(&[package("toolgate-new", &[])]).len(), 1);
    }

    #[test]
    fn other_peoples_crates_are_not_in_the_table() {
        assert_eq!(found(&[package("toolgate-policy", &[("regex", false)])]).len(), 0);
    }
}
