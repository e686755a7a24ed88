//! Addresses of every kind that `host_in` tells apart.
//!
//! A host is one that a test names, or lies below such a one, or neither; what else could be
//! asked of it follows from the longest name that it is or lies below.

use crate::condition::host_in::{Hosts, Pattern};

/// And that these are all kinds.
pub(super) fn samples(all: &[&Hosts]) -> (Vec<String>, bool) {
    let mut samples: Vec<String> = Vec::new();
    if all.is_empty() {
        return (samples, true);
    }
    for pattern in all.iter().flat_map(|hosts| &hosts.0) {
        match pattern {
            Pattern::Below(tail) => {
                let name = tail.trim_start_matches('.');
                samples.extend([format!("https://{name}/x"), format!("https://sub{tail}/x")]);
            }
            Pattern::Name(name) => {
                samples.extend([format!("https://{name}/x"), format!("https://sub.{name}/x")]);
            }
            Pattern::V6(address) => samples.push(format!("https://[{address}]/x")),
        }
    }
    samples.extend(["https://elsewhere.invalid/x", "not an address"].map(str::to_owned));
    (samples, true)
}
