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
    let sql = "REPLACE INTO account (name, role, token, created_ms) VALUES (?1, ?2, ?3, ?4)";
    db.execute(sql, (&new.name, new.role.as_str(), new.token.0, created_ms)).map(drop)
}

pub(super) fn revoke(db: &Connection, name: &str, revoked_ms: u64) -> Result<()> {
    let sql = "UPDATE account SET revoked_ms = ?2, token = NULL WHERE name = ?1";
    db.execute(sql, (name, revoked_ms)).map(drop)
}

fn exists(db: &Connection) -> Result<bool> {
    let sql =
        "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'account')";
    db.prepare_cached(sql)?.query_row((), |row| row.get(0))
}

fn row(row: &Row<'_>) -> Result<Account> {
    let role: String = row.get(1)?;
    Ok(Account {
        name: row.get(0)?,
        // A role of a later version may do nothing that this one knows of but look.
        role: Role::parse(&role).unwrap_or(Role::Viewer),
        token: row.get::<_, Option<[u8; 32]>>(2)?.map(TokenHash),
        created_ms: row.get(3)?,
        revoked_ms: row.get(4)?,
    })
}
