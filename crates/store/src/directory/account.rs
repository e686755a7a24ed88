//! Accounts of those who watch and approve: people, not callers.
//!
//! An account's token opens the console and nothing else, a grant's token everything but it: who
//! asks and who answers never show the same secret.

use rusqlite::Connection;

use super::account_table as table;
use super::perform::{Change, Done, change, rejected, unknown_server};
use super::tables;
use super::token::TokenHash;

/// Who may sign in at the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub name: String,
    pub role: Role,
    /// Where the role counts; none: everywhere. Looking is never limited.
    pub servers: Vec<String>,
    /// Nothing once it is revoked.
    pub token: Option<TokenHash>,
    pub created_ms: u64,
    pub revoked_ms: Option<u64>,
}

#[derive(Clone, Debug)]
pub struct NewAccount {
    pub name: String,
    pub role: Role,
    pub servers: Vec<String>,
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

impl Account {
    /// Whether its role gives it this power at a server.
    pub fn may_at(&self, power: Power, server: &str) -> bool {
        self.role.has(power)
            && (power == Power::Look
                || self.servers.is_empty()
                || self.servers.iter().any(|own| own == server))
    }
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
    check_servers(db, new.role, &new.servers)?;
    table::put(db, new, wall_ms)?;
    Ok(change("account_added", name, told(new.role, &new.servers)))
}

pub(super) fn set_role(
    db: &Connection,
    name: &str,
    (role, servers): (Role, &[String]),
) -> Done<Vec<Change>> {
    let there = live(db, name)?;
    if there.role == role && there.servers == servers {
        return Ok(Vec::new());
    }
    check_servers(db, role, servers)?;
    table::set_role(db, name, (role, servers))?;
    Ok(vec![change("account_changed", name, told(role, servers))])
}

/// The log says that there is another one, and nothing of it.
pub(super) fn set_password(db: &Connection, name: &str, password: Option<&str>) -> Done<Change> {
    live(db, name)?;
    table::set_password(db, name, password)?;
    let text = if password.is_some() { "set" } else { "taken away" };
    Ok(change("account_password", name, text.to_owned()))
}

/// A limit that names nothing there is would look like one and be none.
fn check_servers(db: &Connection, role: Role, servers: &[String]) -> Done<()> {
    if role == Role::Viewer && !servers.is_empty() {
        let mend = "name servers for the other roles only";
        return rejected(format!("a viewer looks at everything; {mend}"));
    }
    for server in servers {
        if tables::server(db, server)?.is_none() {
            return rejected(unknown_server(server));
        }
    }
    Ok(())
}

fn told(role: Role, servers: &[String]) -> String {
    let at = if servers.is_empty() { String::new() } else { format!(" at {}", servers.join(", ")) };
    format!("role {}{at}", role.as_str())
}

fn live(db: &Connection, name: &str) -> Done<Account> {
    match table::one(db, name)? {
        Some(there) if there.revoked_ms.is_none() => Ok(there),
        Some(_) => rejected(format!("account `{name}` is revoked")),
        None => {
            rejected(format!("there is no account `{name}`; `toolgate account list` has them all"))
        }
    }
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
