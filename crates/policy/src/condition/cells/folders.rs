//! Paths of every kind that `path_within` tells apart.
//!
//! It looks at the steps of a path one after the other, and a step is that of a folder, one that
//! resembles it, or another. So the paths along the folders, each left at each step in each of
//! these ways, stand for all.

use crate::condition::path_within::{Root, Roots};

/// And whether these are all kinds.
pub(super) fn samples(all: &[&Roots]) -> (Vec<String>, bool) {
    let mut samples: Vec<String> = Vec::new();
    if all.is_empty() {
        return (samples, true);
    }
    let roots = || all.iter().flat_map(|roots| &roots.0);
    for start in ["/", "."] {
        vary(start.to_owned(), &mut samples);
    }
    for root in roots() {
        along(root, &mut samples);
    }
    samples.extend(["../x", "~/x", "/proc/self/root/x"].map(str::to_owned));
    let is_ascii = roots().all(|root| root.parts.iter().all(|part| part.text.is_ascii()));
    (samples, is_ascii)
}

fn along(root: &Root, samples: &mut Vec<String>) {
    let names: Vec<&str> = root.parts.iter().map(|part| part.text.as_str()).collect();
    let path = |names: &[String]| {
        let joined = names.join("/");
        if root.absolute { format!("/{joined}") } else { joined }
    };
    for end in 1..=names.len() {
        let exact: Vec<String> = names[..end].iter().map(|name| (*name).to_owned()).collect();
        vary(path(&exact), samples);
        let mut other = exact.clone();
        "elsewhere".clone_into(&mut other[end - 1]);
        vary(path(&other), samples);
        for twin in 0..end {
            let mut alike = exact.clone();
            // A soft hyphen: seen by no eye.
            alike[twin].push('\u{ad}');
            vary(path(&alike), samples);
        }
    }
}

/// The path itself, one below it, and a pattern below it.
fn vary(path: String, samples: &mut Vec<String>) {
    let slash = if path.ends_with('/') { "" } else { "/" };
    samples.extend([
        format!("{path}{slash}file"),
        format!("{path}{slash}some*"),
        format!("{path}{slash}other/file"),
        path,
    ]);
}
