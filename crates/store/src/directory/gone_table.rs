//! The table of pinned tools that their server no longer lists, and all statements that touch it.

use std::collections::BTreeMap;

use rusqlite::Connection;

pub(crate) const GONE_TABLE: &str = "
    CREATE TABLE IF NOT EXISTS gone (
        server TEXT NOT NULL,
        tool TEXT NOT NULL,
        gone_ms INTEGER NOT NULL,
        PRIMARY KEY (server, tool)
    ) STRICT, WITHOUT ROWID;
";

type Result<T> = rusqlite::Result<T>;

/// When the tools of one server or of all were found missing, by server and tool. None where the
/// state directory was written by a version that does not look.
pub(super) fn of(
    db: &Connection,
    server: Option<&str>,
) -> Result<BTreeMap<String, BTreeMap<String, u64>>> {
    let mut all: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    if !exists(db)? {
        return Ok(all);
    }
    let sql = "SELECT server, tool, gone_ms FROM gone WHERE ?1 IS NULL OR server = ?1";
    let mut statement = db.prepare_cached(sql)?;
    for row in statement.query_map([server], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))? {
        let (server, tool, gone_ms) = row?;
        all.entry(server).or_default().insert(tool, gone_ms);
    }
    Ok(all)
}

fn exists(db: &Connection) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'gone')";
    db.query_row(sql, (), |row| row.get(0))
}

pub(super) fn put(db: &Connection, (server, tool): (&str, &str), gone_ms: u64) -> Result<()> {
    let sql = "REPLACE INTO gone (server, tool, gone_ms) VALUES (?1, ?2, ?3)";
    db.prepare_cached(sql)?.execute((server, tool, gone_ms)).map(drop)
}

pub(super) fn remove(db: &Connection, (server, tool): (&str, &str)) -> Result<()> {
    let sql = "DELETE FROM gone WHERE server = ?1 AND tool = ?2";
    db.prepare_cached(sql)?.execute((server, tool)).map(drop)
}
