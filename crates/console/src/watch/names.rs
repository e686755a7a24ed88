//! Names as numbers: what is counted a million times is stored once.

use std::collections::HashMap;
use std::sync::Arc;

#[derive(Debug, Default)]
pub(super) struct Names {
    all: Vec<(Field, Arc<str>)>,
    by_name: HashMap<(Field, Arc<str>), u32>,
}

/// What a name is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Field {
    Code,
    Grant,
    Principal,
    Rule,
    Server,
    Tool,
    Word,
}

/// Of a name that came when there were too many.
pub(super) const OTHER: u32 = u32::MAX;
/// Clients make up names; no memory is theirs to fill.
const NAMES_MAX: usize = 32_768;

impl Names {
    pub(super) fn id(&mut self, field: Field, name: &str) -> u32 {
        let key = (field, Arc::from(name));
        if let Some(id) = self.by_name.get(&key) {
            return *id;
        }
        let Ok(id) = u32::try_from(self.all.len()) else { return OTHER };
        if self.all.len() >= NAMES_MAX {
            return OTHER;
        }
        self.all.push(key.clone());
        self.by_name.insert(key, id);
        id
    }

    pub(super) fn name(&self, id: u32) -> &str {
        let at = usize::try_from(id).unwrap_or(usize::MAX);
        self.all.get(at).map_or("(others)", |(_, name)| name)
    }

    /// Those of a field that fit.
    pub(super) fn ids(&self, field: Field, fits: impl Fn(&str) -> bool) -> Vec<u32> {
        let wanted = self.all.iter().zip(0..).filter(|((of, name), _)| *of == field && fits(name));
        wanted.map(|(_, id)| id).collect()
    }
}
