//! The table of pinned tools, and every statement that touches it.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row};

use super::{Pin, PinnedTool, gone_table};

/// The texts come last: they are long, and listing the pins does not read them.
pub(crate) const PIN_TABLE: &str = "
    CREATE TABLE IF NOT EXISTS pin (
        server TEXT NOT NULL,
        tool TEXT NOT NULL,
        fingerprint BLOB NOT NULL,
        seen_ms INTEGER NOT NULL,
        changed_fingerprint BLOB,
        changed_ms INTEGER,
        definition TEXT,
        changed_definition TEXT,
        PRIMARY KEY (server, tool)
    ) STRICT;
";

type Result<T> = rusqlite::Result<T>;

pub(super) fn all(db: &Connection) -> Result<BTreeMap<String, BTreeMap<String, Pin>>> {
    let sql = "SELECT server, tool, fingerprint, seen_ms, changed_fingerprint, changed_ms FROM pin";
    let mut statement = db.prepare_cached(sql)?;
    let mut all: BTreeMap<String, BTreeMap<String, Pin>> = BTreeMap::new();
    for row in statement.query_map((), |row| Ok((row.get(0)?, row.get(1)?, pin(row)?)))? {
        let (server, tool, pin) = row?;
        all.entry(server).or_default().insert(tool, pin);
    }
    for (server, gone) in gone_table::of(db, None)? {
        mark(all.entry(server).or_default(), gone);
    }
    Ok(all)
}

pub(super) fn of_server(db: &Connection, server: &str) -> Result<BTreeMap<String, Pin>> {
    let sql = "SELECT server, tool, fingerprint, seen_ms, changed_fingerprint, changed_ms FROM pin
               WHERE server = ?1";
    let mut statement = db.prepare_cached(sql)?;
    let pins = statement.query_map([server], |row| Ok((row.get(1)?, pin(row)?)))?;
    let mut pins = pins.collect::<Result<BTreeMap<String, Pin>>>()?;
    mark(&mut pins, gone_table::of(db, Some(server))?.remove(server).unwrap_or_default());
    Ok(pins)
}

fn mark(pins: &mut BTreeMap<String, Pin>, gone: BTreeMap<String, u64>) {
    for (tool, gone_ms) in gone {
        if let Some(pin) = pins.get_mut(&tool) {
            pin.gone_ms = Some(gone_ms);
        }
    }
}

pub(super) fn one(db: &Connection, server: &str, tool: &str) -> Result<Option<PinnedTool>> {
    let sql = "SELECT server, tool, fingerprint, seen_ms, changed_fingerprint, changed_ms,
                      definition, changed_definition
               FROM pin WHERE server = ?1 AND tool = ?2";
    let read = |row: &Row<'_>| {
        let (definition, changed_definition) = (row.get(6)?, row.get(7)?);
        Ok(PinnedTool { pin: pin(row)?, definition, changed_definition })
    };
    let mut there = db.prepare_cached(sql)?.query_row([server, tool], read).optional()?;
    if let Some(there) = &mut there {
        let mut gone = gone_table::of(db, Some(server))?;
        there.pin.gone_ms = gone.get_mut(server).and_then(|gone| gone.remove(tool));
    }
    Ok(there)
}

pub(super) fn put(
    db: &Connection,
    (server, tool): (&str, &str),
    (fingerprint, definition): (&[u8; 32], Option<&str>),
    seen_ms: u64,
) -> Result<()> {
    let sql = "REPLACE INTO pin (server, tool, fingerprint, definition, seen_ms)
               VALUES (?1, ?2, ?3, ?4, ?5)";
    let values = (server, tool, fingerprint, definition, seen_ms);
    db.prepare_cached(sql)?.execute(values).map(drop)
}

/// Remembers what a tool has become, or that it is again what it was.
pub(super) fn set_changed(
    db: &Connection,
    (server, tool): (&str, &str),
    changed: Option<(&[u8; 32], Option<&str>)>,
    changed_ms: u64,
) -> Result<()> {
    let sql = "UPDATE pin SET changed_fingerprint = ?3, changed_definition = ?4, changed_ms = ?5
               WHERE server = ?1 AND tool = ?2";
    let (fingerprint, definition) = (changed.map(|(print, _)| print), changed.and_then(|c| c.1));
    let values = (server, tool, fingerprint, definition, changed_ms);
    db.prepare_cached(sql)?.execute(values).map(drop)
}

/// Something else was recorded of the tool.
pub(super) fn touch(db: &Connection, (server, tool): (&str, &str), changed_ms: u64) -> Result<()> {
    let sql = "UPDATE pin SET changed_ms = ?3 WHERE server = ?1 AND tool = ?2";
    db.prepare_cached(sql)?.execute((server, tool, changed_ms)).map(drop)
}

/// What a tool has become is what it is from now on.
pub(super) fn accept(db: &Connection, server: &str, tool: &str, seen_ms: u64) -> Result<()> {
    let sql = "UPDATE pin SET fingerprint = changed_fingerprint, definition = changed_definition,
                   seen_ms = ?3, changed_fingerprint = NULL, changed_definition = NULL,
                   changed_ms = NULL
               WHERE server = ?1 AND tool = ?2 AND changed_fingerprint IS NOT NULL";
    db.prepare_cached(sql)?.execute((server, tool, seen_ms)).map(drop)
}

pub(super) fn remove(db: &Connection, there: (&str, &str)) -> Result<()> {
    gone_table::remove(db, there)?;
    db.prepare_cached("DELETE FROM pin WHERE server = ?1 AND tool = ?2")?.execute(there).map(drop)
}

/// Of a row that begins with server and tool.
fn pin(row: &Row<'_>) -> Result<Pin> {
    Ok(Pin {
        fingerprint: row.get(2)?,
        seen_ms: row.get(3)?,
        changed: row.get(4)?,
        changed_ms: row.get(5)?,
        gone_ms: None,
    })
}
