//! The table of freezes, and all statements that touch it.

use rusqlite::{Connection, Row};

use super::freeze::{Extent, Freeze, Freezes};

pub(crate) const FREEZE_TABLE: &str = "
    CREATE TABLE IF NOT EXISTS freeze (
        extent TEXT NOT NULL,
        name TEXT NOT NULL,
        reason TEXT,
        by TEXT NOT NULL,
        since_ms INTEGER NOT NULL,
        PRIMARY KEY (extent, name)
    ) STRICT, WITHOUT ROWID;
";

type Result<T> = rusqlite::Result<T>;

/// None where the state directory was written by a version that cannot freeze.
pub(crate) fn all(db: &Connection) -> Result<Freezes> {
    if !exists(db)? {
        return Ok(Freezes::default());
    }
    let sql = "SELECT extent, name, reason, by, since_ms FROM freeze";
    db.prepare_cached(sql)?.query_map((), freeze)?.collect()
}

pub(super) fn put(db: &Connection, freeze: &Freeze) -> Result<()> {
    let (extent, name) = freeze.extent.parts();
    let sql = "INSERT INTO freeze (extent, name, reason, by, since_ms) VALUES (?1, ?2, ?3, ?4, ?5)";
    let values = (extent, name, &freeze.reason, &freeze.by, freeze.since_ms);
    db.prepare_cached(sql)?.execute(values).map(drop)
}

/// Whether there was one.
pub(super) fn remove(db: &Connection, extent: &Extent) -> Result<bool> {
    let sql = "DELETE FROM freeze WHERE extent = ?1 AND name = ?2";
    db.prepare_cached(sql)?.execute(extent.parts()).map(|count| count > 0)
}

fn exists(db: &Connection) -> Result<bool> {
    let sql =
        "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'freeze')";
    db.query_row(sql, (), |row| row.get(0))
}

fn freeze(row: &Row<'_>) -> Result<Freeze> {
    let kind: String = row.get(0)?;
    // Whatever else may stand there is meant to stop something: it stops everything.
    let extent = Extent::of_parts(&kind, row.get(1)?).unwrap_or(Extent::All);
    let (reason, by, since_ms) = (row.get(2)?, row.get(3)?, row.get(4)?);
    Ok(Freeze { extent, reason, by, since_ms })
}
