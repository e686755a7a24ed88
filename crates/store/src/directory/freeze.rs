//! Freezes: where nothing passes until somebody thaws it.

use std::collections::BTreeMap;

use rusqlite::Connection;
use toolgate_policy::Caller;

use super::freeze_table as table;
use super::perform::{Change, Done, change, rejected};

/// How much of the gateway is frozen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Extent {
    All,
    Grant(String),
    Server(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freeze {
    pub extent: Extent,
    /// In a person's words; agents hear it.
    pub reason: Option<String>,
    pub by: String,
    pub since_ms: u64,
}

/// All that is frozen, by what it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Freezes(BTreeMap<Extent, Freeze>);

impl Freeze {
    pub const REASON_BYTES_MAX: usize = 512;
}

impl Freezes {
    /// The widest freeze that a caller's calls come under.
    pub fn of(&self, caller: &Caller) -> Option<&Freeze> {
        // Usually there is none, and each call asks.
        if self.0.is_empty() {
            return None;
        }
        let extents = [
            Extent::All,
            Extent::Server(caller.server.clone()),
            Extent::Grant(caller.grant.clone()),
        ];
        extents.iter().find_map(|extent| self.0.get(extent))
    }

    pub fn get(&self, extent: &Extent) -> Option<&Freeze> {
        self.0.get(extent)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Freeze> {
        self.0.values()
    }
}

impl FromIterator<Freeze> for Freezes {
    fn from_iter<T: IntoIterator<Item = Freeze>>(freezes: T) -> Self {
        Self(freezes.into_iter().map(|freeze| (freeze.extent.clone(), freeze)).collect())
    }
}

impl Extent {
    /// As the table keeps it.
    pub(super) fn parts(&self) -> (&'static str, &str) {
        match self {
            Self::All => ("all", ""),
            Self::Grant(name) => ("grant", name),
            Self::Server(name) => ("server", name),
        }
    }

    pub(super) fn of_parts(kind: &str, name: String) -> Option<Self> {
        match kind {
            "all" => Some(Self::All),
            "grant" => Some(Self::Grant(name)),
            "server" => Some(Self::Server(name)),
            _ => None,
        }
    }

    /// What a log calls it.
    fn subject(&self) -> &str {
        match self {
            Self::All => "all",
            Self::Grant(name) | Self::Server(name) => name,
        }
    }
}

/// What is frozen already stays as it is.
pub(super) fn freeze(db: &Connection, new: Freeze) -> Done<Vec<Change>> {
    if let Some(reason) = &new.reason {
        check(reason)?;
    }
    if table::all(db)?.get(&new.extent).is_some() {
        return Ok(Vec::new());
    }
    table::put(db, &new)?;
    let code = match new.extent {
        Extent::All => "all_frozen",
        Extent::Grant(_) => "grant_frozen",
        Extent::Server(_) => "server_frozen",
    };
    Ok(vec![change(code, new.extent.subject(), new.reason.unwrap_or_default())])
}

/// What is not frozen stays as it is.
pub(super) fn thaw(db: &Connection, extent: &Extent, reason: Option<&str>) -> Done<Vec<Change>> {
    if let Some(reason) = reason {
        check(reason)?;
    }
    if !table::remove(db, extent)? {
        return Ok(Vec::new());
    }
    let code = match extent {
        Extent::All => "all_thawed",
        Extent::Grant(_) => "grant_thawed",
        Extent::Server(_) => "server_thawed",
    };
    Ok(vec![change(code, extent.subject(), reason.unwrap_or_default().to_owned())])
}

/// It stands in answers to agents and in lines for people.
fn check(reason: &str) -> Done<()> {
    let most = Freeze::REASON_BYTES_MAX;
    if reason.len() > most {
        let has = reason.len();
        return rejected(format!("the reason has {has} bytes; say it in at most {most}"));
    }
    if reason.chars().any(char::is_control) {
        return rejected("the reason is more than one line of plain text; say it in one".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use toolgate_policy::Principal;

    use super::*;

    fn freeze(extent: Extent) -> Freeze {
        Freeze { extent, reason: None, by: "uid 0".to_owned(), since_ms: 1 }
    }

    fn caller(grant: &str, server: &str) -> Caller {
        let principal = Principal { issuer: "local".to_owned(), subject: grant.to_owned() };
        Caller { principal, grant: grant.to_owned(), server: server.to_owned() }
    }

    #[test]
    fn a_freeze_holds_where_it_says_and_nowhere_else() {
        let shop = || Extent::Server("shop".to_owned());
        let ann = || Extent::Grant("ann".to_owned());
        let some: Freezes = [freeze(shop()), freeze(ann())].into_iter().collect();
        let extent = |grant, server| some.of(&caller(grant, server)).map(|f| f.extent.clone());
        assert_eq!(extent("bob", "shop"), Some(shop()));
        assert_eq!(extent("ann", "web"), Some(ann()));
        assert_eq!(extent("ann", "shop"), Some(shop()));
        assert_eq!(extent("bob", "web"), None);
        // A grant that is called like a server is not frozen with it.
        assert_eq!(extent("shop", "ann"), None);
        let all: Freezes = [freeze(shop()), freeze(Extent::All)].into_iter().collect();
        assert_eq!(all.of(&caller("bob", "web")).unwrap().extent, Extent::All);
    }
}
