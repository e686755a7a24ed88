//! Accounts of those who watch and approve: people, not callers.
//!
//! An account's token opens the console and nothing else, a grant's token everything but it: who
//! asks and who answers never show the same secret.

use rusqlite::Connection;

use super::account_table as table;
use super::perform::{Change, Done, change, rejected};
use super::token::TokenHash;

/// Who may sign in at the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub name: String,
    pub role: Role,
    /// Nothing once it is revoked.
    pub token: Option<TokenHash>,
    pub created_ms: u64,
    pub revoked_ms: Option<u64>,
}

#[derive(Clone, Debug)]
pub struct NewAccount {
    pub name: String,
    pub role: Role,
    pub token: TokenHash,
}

/// What an account may do; each may do what those below it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Looks.
    Viewer,
    /// Answers questions.
    Approver,
    /// Changes things.
    Admin,
}

impl Role {
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Approver, Self::Admin];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Approver => "approver",
            Self::Viewer => "viewer",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

pub(super) fn add(db: &Connection, new: &NewAccount, wall_ms: u64) -> Done<Change> {
    let name = &new.name;
    if table::one(db, name)?.is_some_and(|there| there.revoked_ms.is_none()) {
        let mend = format!("choose another name, or `toolgate account revoke {name}` first");
        return rejected(format!("there is an account `{name}` already; {mend}"));
    }
    table::put(db, new, wall_ms)?;
    Ok(change("account_added", name, format!("role {}", new.role.as_str())))
}

pub(super) fn revoke(db: &Connection, name: &str, wall_ms: u64) -> Done<Change> {
    match table::one(db, name)? {
        Some(there) if there.revoked_ms.is_none() => {
            table::revoke(db, name, wall_ms)?;
            Ok(change("account_revoked", name, String::new()))
        }
        Some(_) => rejected(format!("account `{name}` is revoked already")),
        None => {
            rejected(format!("there is no account `{name}`; `toolgate account list` has them all"))
        }
    }
}
