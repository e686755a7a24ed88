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

/// What somebody is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Everything, and says who else may do what.
    Admin,
    /// Looks, and answers questions.
    Approver,
    /// Looks, and writes policies: not the one who answers under them.
    Editor,
    /// Looks.
    Viewer,
}

/// What there is to be allowed to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Power {
    /// Accounts, grants, servers, freezes.
    Administer,
    /// Questions.
    Answer,
    /// Policies.
    Edit,
    Look,
}

impl Role {
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Approver, Self::Editor, Self::Admin];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Approver => "approver",
            Self::Editor => "editor",
            Self::Viewer => "viewer",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    pub fn has(self, power: Power) -> bool {
        match power {
            Power::Look => true,
            Power::Answer => matches!(self, Self::Admin | Self::Approver),
            Power::Edit => matches!(self, Self::Admin | Self::Editor),
            Power::Administer => self == Self::Admin,
        }
    }
}

impl Power {
    /// The least role that has it.
    pub fn role(self) -> Role {
        match self {
            Self::Administer => Role::Admin,
            Self::Answer => Role::Approver,
            Self::Edit => Role::Editor,
            Self::Look => Role::Viewer,
        }
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
