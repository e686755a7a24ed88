//! The table of accounts, and all statements that touch it.

use rusqlite::{Connection, OptionalExtension, Row};

use super::account::{Account, NewAccount, Role};
use super::token::TokenHash;

pub(crate) const ACCOUNT_TABLE: &str = "
    CREATE TABLE IF NOT EXISTS account (
        name TEXT PRIMARY KEY,
        role TEXT NOT NULL,
        token BLOB UNIQUE,
        created_ms INTEGER NOT NULL,
        revoked_ms INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS account_password (
        name TEXT PRIMARY KEY,
        hash TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
";

type Result<T> = rusqlite::Result<T>;

/// None where the state directory was written by a version without accounts.
pub(super) fn all(db: &Connection) -> Result<Vec<Account>> {
    if !exists(db)? {
        return Ok(Vec::new());
    }
    let sql = "SELECT name, role, token, created_ms, revoked_ms FROM account ORDER BY name";
    db.prepare_cached(sql)?.query_map((), row)?.collect()
}

pub(super) fn one(db: &Connection, name: &str) -> Result<Option<Account>> {
    if !exists(db)? {
        return Ok(None);
    }
    let sql = "SELECT name, role, token, created_ms, revoked_ms FROM account WHERE name = ?1";
    db.prepare_cached(sql)?.query_row([name], row).optional()
}

pub(super) fn by_token(db: &Connection, token: TokenHash) -> Result<Option<Account>> {
    if !exists(db)? {
        return Ok(None);
    }
    let sql = "SELECT name, role, token, created_ms, revoked_ms FROM account WHERE token = ?1";
    db.prepare_cached(sql)?.query_row([token.0], row).optional()
}

pub(super) fn put(db: &Connection, new: &NewAccount, created_ms: u64) -> Result<()> {
    set_password(db, &new.name, None)?;
    let sql = "REPLACE INTO account (name, role, token, created_ms) VALUES (?1, ?2, ?3, ?4)";
    let role = written(new.role, &new.servers);
    db.execute(sql, (&new.name, role, new.token.0, created_ms)).map(drop)
}

pub(super) fn set_role(
    db: &Connection,
    name: &str,
    (role, servers): (Role, &[String]),
) -> Result<()> {
    let sql = "UPDATE account SET role = ?2 WHERE name = ?1";
    db.execute(sql, (name, written(role, servers))).map(drop)
}

pub(super) fn set_password(db: &Connection, name: &str, hash: Option<&str>) -> Result<()> {
    match hash {
        Some(hash) => {
            let sql = "REPLACE INTO account_password (name, hash) VALUES (?1, ?2)";
            db.execute(sql, (name, hash)).map(drop)
        }
        None => db.execute("DELETE FROM account_password WHERE name = ?1", [name]).map(drop),
    }
}

/// What is kept of an account's password. Nothing where the state directory was written by a
/// version without.
pub(super) fn password(db: &Connection, name: &str) -> Result<Option<String>> {
    let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table'
               AND name = 'account_password')";
    if !db.prepare_cached(sql)?.query_row((), |row| row.get(0))? {
        return Ok(None);
    }
    let sql = "SELECT hash FROM account_password WHERE name = ?1";
    db.prepare_cached(sql)?.query_row([name], |row| row.get(0)).optional()
}

/// `approver@shop,web`. A version that knows no limits takes that for no role of its own, and lets
/// the account look: less, not more.
fn written(role: Role, servers: &[String]) -> String {
    let at = if servers.is_empty() { "" } else { "@" };
    format!("{}{at}{}", role.as_str(), servers.join(","))
}

pub(super) fn revoke(db: &Connection, name: &str, revoked_ms: u64) -> Result<()> {
    let sql = "UPDATE account SET revoked_ms = ?2, token = NULL WHERE name = ?1";
    db.execute(sql, (name, revoked_ms))?;
    set_password(db, name, None)
}

fn exists(db: &Connection) -> Result<bool> {
    let sql =
        "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'account')";
    db.prepare_cached(sql)?.query_row((), |row| row.get(0))
}

fn row(row: &Row<'_>) -> Result<Account> {
    let text: String = row.get(1)?;
    let (role, servers) = text.split_once('@').unwrap_or((&text, ""));
    let servers = servers.split(',').filter(|name| !name.is_empty()).map(str::to_owned);
    Ok(Account {
        name: row.get(0)?,
        // A role of a later version may do nothing that this one knows of but look.
        role: Role::parse(role).unwrap_or(Role::Viewer),
        servers: servers.collect(),
        token: row.get::<_, Option<[u8; 32]>>(2)?.map(TokenHash),
        created_ms: row.get(3)?,
        revoked_ms: row.get(4)?,
    })
}
