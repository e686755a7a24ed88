//! The tables of surveys, and every statement that touches them.

use rusqlite::{Connection, OptionalExtension, Row};

use super::survey::{NewSurvey, Survey, SurveyTool};

pub(crate) const SURVEY_TABLES: &str = "
    CREATE TABLE IF NOT EXISTS survey (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        server TEXT NOT NULL,
        digest BLOB NOT NULL,
        reached TEXT NOT NULL,
        tools INTEGER NOT NULL,
        first_ms INTEGER NOT NULL,
        last_ms INTEGER NOT NULL,
        times INTEGER NOT NULL,
        facts TEXT NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS survey_server ON survey (server, id);
    CREATE TABLE IF NOT EXISTS surveyed (
        survey INTEGER NOT NULL,
        place INTEGER NOT NULL,
        tool TEXT NOT NULL,
        fingerprint BLOB NOT NULL,
        verdict TEXT NOT NULL,
        PRIMARY KEY (survey, place)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS surveyed_fingerprint ON surveyed (fingerprint);
    CREATE TABLE IF NOT EXISTS definition (
        fingerprint BLOB PRIMARY KEY,
        text TEXT NOT NULL
    ) STRICT;
";

type Result<T> = rusqlite::Result<T>;

/// Whether the state directory was written by a version that keeps surveys.
pub(super) fn exist(db: &Connection) -> Result<bool> {
    let sql =
        "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'survey')";
    db.query_row(sql, (), |row| row.get(0))
}

/// The last state of a server: its id and digest.
pub(super) fn newest(db: &Connection, server: &str) -> Result<Option<(u64, [u8; 32])>> {
    let sql = "SELECT id, digest FROM survey WHERE server = ?1 ORDER BY id DESC LIMIT 1";
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    db.prepare_cached(sql)?.query_row([server], read).optional()
}

pub(super) fn servers(db: &Connection) -> Result<u64> {
    db.query_row("SELECT count(DISTINCT server) FROM survey", (), |row| row.get(0))
}

pub(super) fn again(db: &Connection, id: u64, wall_ms: u64) -> Result<()> {
    let sql = "UPDATE survey SET last_ms = ?2, times = times + 1 WHERE id = ?1";
    db.prepare_cached(sql)?.execute([id, wall_ms]).map(drop)
}

pub(super) fn put(db: &Connection, new: &NewSurvey, digest: &[u8; 32], wall_ms: u64) -> Result<()> {
    let sql = "INSERT INTO survey (server, digest, reached, tools, first_ms, last_ms, times, facts)
               VALUES (?1, ?2, ?3, ?4, ?5, ?5, 1, ?6)";
    let tools = new.tools.len() as u64;
    db.execute(sql, (&new.server, digest, &new.reached, tools, wall_ms, &new.facts))?;
    let id = db.last_insert_rowid();
    let sql = "INSERT INTO surveyed (survey, place, tool, fingerprint, verdict)
               VALUES (?1, ?2, ?3, ?4, ?5)";
    let mut tool_row = db.prepare_cached(sql)?;
    let sql = "INSERT OR IGNORE INTO definition (fingerprint, text) VALUES (?1, ?2)";
    let mut definition_row = db.prepare_cached(sql)?;
    for (place, tool) in (0_u64..).zip(&new.tools) {
        tool_row.execute((id, place, &tool.name, &tool.fingerprint, &tool.verdict))?;
        let kept = tool.definition.as_ref();
        let kept = kept.filter(|text| text.len() <= SurveyTool::DEFINITION_BYTES_MAX);
        if let Some(definition) = kept {
            definition_row.execute((&tool.fingerprint, definition))?;
        }
    }
    Ok(())
}

/// Keeps the newest `keep` states of a server, and no definition that nobody has any more.
pub(super) fn prune(db: &Connection, server: &str, keep: u64) -> Result<()> {
    let sql = "SELECT id FROM survey WHERE server = ?1 ORDER BY id DESC LIMIT -1 OFFSET ?2";
    let mut statement = db.prepare_cached(sql)?;
    let old: Vec<u64> =
        statement.query_map((server, keep), |row| row.get(0))?.collect::<Result<_>>()?;
    for id in &old {
        let sql = "DELETE FROM definition WHERE fingerprint IN
                       (SELECT fingerprint FROM surveyed WHERE survey = ?1) AND NOT EXISTS
                       (SELECT 1 FROM surveyed AS other
                        WHERE other.fingerprint = definition.fingerprint AND other.survey <> ?1)";
        db.execute(sql, [id])?;
        db.execute("DELETE FROM surveyed WHERE survey = ?1", [id])?;
        db.execute("DELETE FROM survey WHERE id = ?1", [id])?;
    }
    Ok(())
}

/// All states of one server or of all, oldest first.
pub(super) fn all(db: &Connection, server: Option<&str>) -> Result<Vec<Survey>> {
    let sql = "SELECT id, server, reached, facts, tools, first_ms, last_ms, times FROM survey
               WHERE ?1 IS NULL OR server = ?1 ORDER BY id";
    db.prepare_cached(sql)?.query_map([server], survey)?.collect()
}

/// The tools of one state, in the order of the server's list.
pub(super) fn tools(db: &Connection, id: u64) -> Result<Vec<SurveyTool>> {
    let sql = "SELECT tool, surveyed.fingerprint, text, verdict FROM surveyed
               LEFT JOIN definition ON definition.fingerprint = surveyed.fingerprint
               WHERE survey = ?1 ORDER BY place";
    let tool = |row: &Row<'_>| {
        let (name, fingerprint, definition, verdict) = row.try_into()?;
        Ok(SurveyTool { name, fingerprint, definition, verdict })
    };
    db.prepare_cached(sql)?.query_map([id], tool)?.collect()
}

fn survey(row: &Row<'_>) -> Result<Survey> {
    let (id, server, reached, facts, tools, first_ms, last_ms, times) = row.try_into()?;
    Ok(Survey { id, server, reached, facts, tools, first_ms, last_ms, times })
}
