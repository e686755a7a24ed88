//! Which deliveries were used: kept as long as their timestamps would pass.

use rusqlite::{Connection, OptionalExtension};

use super::Delivery;

pub(crate) const TABLE: &str = "
    CREATE TABLE IF NOT EXISTS delivery (
        id TEXT PRIMARY KEY,
        until_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
";

/// The id, if it was used before.
pub(crate) fn was_used(db: &Connection, delivery: &Delivery) -> rusqlite::Result<Option<String>> {
    let sql = "SELECT id FROM delivery WHERE id = ?1";
    db.prepare_cached(sql)?.query_row([&delivery.id], |row| row.get(0)).optional()
}

pub(crate) fn use_up(db: &Connection, delivery: &Delivery, wall_ms: u64) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM delivery WHERE until_ms < ?1")?.execute([wall_ms])?;
    let sql = "INSERT INTO delivery (id, until_ms) VALUES (?1, ?2)";
    db.prepare_cached(sql)?.execute((&delivery.id, delivery.until_ms)).map(drop)
}
