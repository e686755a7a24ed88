//! The table of approvals, and every statement that touches it.

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, Row};
use toolgate_json::{Document, Reading, Value, quote};
use toolgate_policy::{Caller, Principal};

use crate::chain::ChainId;

use super::{Answer, Approval, Asking, Bond, Given, Moment, Rule, State, Way};

/// The text comes last: it is long, and looking for a yes does not read it.
pub(crate) const TABLE: &str = r#"
    CREATE TABLE IF NOT EXISTS approval (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        binding BLOB NOT NULL,
        state TEXT NOT NULL,
        issuer TEXT NOT NULL,
        subject TEXT NOT NULL,
        "grant" TEXT NOT NULL,
        server TEXT NOT NULL,
        client TEXT,
        method TEXT NOT NULL,
        tool TEXT,
        revision TEXT NOT NULL,
        digest TEXT,
        fingerprint BLOB,
        rules TEXT NOT NULL,
        words TEXT,
        approvers TEXT NOT NULL,
        signed_by TEXT,
        in_client INTEGER NOT NULL,
        asked_seq INTEGER NOT NULL,
        asked_ms INTEGER NOT NULL,
        told_ns INTEGER NOT NULL,
        told_ms INTEGER NOT NULL,
        expires_ns INTEGER NOT NULL,
        changed_seq INTEGER NOT NULL,
        by_issuer TEXT,
        by_subject TEXT,
        way TEXT,
        reason TEXT,
        answered_ms INTEGER,
        answered_seq INTEGER,
        used_seq INTEGER,
        arguments_bytes INTEGER NOT NULL,
        arguments TEXT
    ) STRICT;
    CREATE INDEX IF NOT EXISTS approval_binding ON approval (binding);
    CREATE INDEX IF NOT EXISTS approval_state ON approval (state, issuer, subject, expires_ns);
    CREATE INDEX IF NOT EXISTS approval_expires ON approval (expires_ns);
    CREATE INDEX IF NOT EXISTS approval_changed ON approval (changed_seq);
"#;

type Result<T> = rusqlite::Result<T>;

/// What is looked at to let a call pass.
pub(super) struct Brief {
    pub(super) id: String,
    pub(super) state: State,
    pub(super) expires_ns: u64,
    pub(super) told_ns: u64,
    pub(super) by: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) answered_seq: Option<u64>,
}

/// Open questions: how many, and when the first of them expires.
pub(super) struct Open {
    pub(super) count: u64,
    pub(super) first_ns: u64,
    pub(super) shown_bytes: u64,
}

const COLUMNS: &str = r#"id, state, issuer, subject, "grant", server, client, method, tool,
    revision, digest, fingerprint, rules, words, approvers, in_client, asked_seq, asked_ms, told_ms,
    expires_ns, by_issuer, by_subject, way, reason, answered_ms, used_seq, arguments_bytes,
    arguments, signed_by"#;

/// What a question is bound to, and until when it stands.
pub(super) fn bond(db: &Connection, id: &str) -> Result<Bond> {
    let sql = "SELECT binding, expires_ns FROM approval WHERE id = ?1";
    let bond = |row: &Row<'_>| Ok(Bond { binding: row.get(0)?, expires_ns: row.get(1)? });
    db.prepare_cached(sql)?.query_row([id], bond)
}

/// A state directory of an older version has no such table until somebody writes to it.
pub(super) fn exists(db: &Connection) -> Result<bool> {
    let sql =
        "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'approval')";
    db.query_row(sql, (), |row| row.get(0))
}

/// The newest question about a call; a yes that still counts comes before.
pub(super) fn newest(db: &Connection, binding: &[u8; 32], now_ns: u64) -> Result<Option<Brief>> {
    let sql = "SELECT id, state, expires_ns, told_ns, by_issuer || ':' || by_subject, reason,
                      answered_seq
               FROM approval WHERE binding = ?1
               ORDER BY state = 'approved' AND expires_ns > ?2 DESC, number DESC LIMIT 1";
    let brief = |row: &Row<'_>| {
        Ok(Brief {
            id: row.get(0)?,
            state: state(row, 1)?,
            expires_ns: row.get(2)?,
            told_ns: row.get(3)?,
            by: row.get(4)?,
            reason: row.get(5)?,
            answered_seq: row.get(6)?,
        })
    };
    db.prepare_cached(sql)?.query_row((binding, now_ns), brief).optional()
}

/// Open questions of one principal, or of all.
pub(super) fn open(db: &Connection, of: Option<&Principal>, now_ns: u64) -> Result<Open> {
    let sql = "SELECT count(*), min(expires_ns), total(min(arguments_bytes, ?4)) FROM approval
               WHERE state = 'pending' AND expires_ns > ?1
                 AND (?2 IS NULL OR (issuer = ?2 AND subject = ?3))";
    let (issuer, subject) = of.map(|who| (&*who.issuer, &*who.subject)).unzip();
    let cut = u64::try_from(Asking::ARGUMENTS_BYTES_MAX).unwrap_or(u64::MAX);
    let read = |row: &Row<'_>| {
        let first_ns: Option<u64> = row.get(1)?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a sum of lengths"
        )]
        let shown_bytes = row.get::<_, f64>(2)? as u64;
        Ok(Open { count: row.get(0)?, first_ns: first_ns.unwrap_or(now_ns), shown_bytes })
    };
    db.prepare_cached(sql)?.query_row((now_ns, issuer, subject, cut), read)
}

pub(super) fn insert(
    db: &Connection,
    (id, asking): (&str, &Asking),
    seq: u64,
    moment: Moment,
) -> Result<()> {
    let sql = r#"INSERT INTO approval (id, binding, state, issuer, subject, "grant", server, client,
                     method, tool, revision, digest, fingerprint, rules, words, approvers,
                     in_client, asked_seq, changed_seq, asked_ms, told_ms, told_ns, expires_ns,
                     arguments_bytes, arguments, signed_by)
                 VALUES (?1, ?2, 'pending', ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,
                     ?15, ?16, ?17, ?17, ?18, ?18, ?19, ?20, ?21, ?22, ?23)"#;
    let (facts, caller) = (&asking.facts, &*asking.facts.caller);
    let text = &asking.arguments;
    let shown = &text[..text.floor_char_boundary(Asking::ARGUMENTS_BYTES_MAX)];
    db.prepare_cached(sql)?.execute(rusqlite::params![
        id,
        asking.binding.0,
        caller.principal.issuer,
        caller.principal.subject,
        caller.grant,
        caller.server,
        facts.client,
        facts.method,
        facts.tool,
        &*facts.revision,
        facts.arguments.as_ref().map(|arguments| &arguments.digest),
        asking.fingerprint,
        rules_text(&asking.rules),
        asking.words,
        names_text(&asking.approvers),
        asking.in_client,
        seq,
        moment.wall_ms,
        moment.now_ns,
        moment.after_ms(asking.timeout_ms),
        u64::try_from(text.len()).unwrap_or(u64::MAX),
        shown,
        asking.signed_by,
    ])?;
    Ok(())
}

pub(super) fn set_told(db: &Connection, id: &str, seq: u64, moment: Moment) -> Result<()> {
    let sql = "UPDATE approval SET told_ns = ?2, told_ms = ?3, changed_seq = ?4 WHERE id = ?1";
    db.prepare_cached(sql)?.execute((id, moment.now_ns, moment.wall_ms, seq)).map(drop)
}

pub(super) fn set_answer(
    db: &Connection,
    (id, answer): (&str, &Answer),
    seq: u64,
    moment: Moment,
) -> Result<()> {
    let sql = "UPDATE approval SET state = ?2, by_issuer = ?3, by_subject = ?4, way = ?5,
                   reason = ?6, answered_ms = ?7, answered_seq = ?8, changed_seq = ?8
               WHERE id = ?1 AND state = 'pending'";
    let state = if answer.yes { State::Approved } else { State::Denied };
    let values = (
        id,
        state.as_str(),
        &answer.by.issuer,
        &answer.by.subject,
        answer.by.way.as_str(),
        &answer.reason,
        moment.wall_ms,
        seq,
    );
    db.prepare_cached(sql)?.execute(values).map(drop)
}

/// What it was about is not kept for history.
pub(super) fn set_withdrawn(db: &Connection, id: &str, seq: u64) -> Result<()> {
    let sql = "UPDATE approval SET state = 'withdrawn', changed_seq = ?2, arguments = NULL
               WHERE id = ?1 AND state = 'pending'";
    db.prepare_cached(sql)?.execute((id, seq)).map(drop)
}

/// A yes that nobody gave.
pub(super) fn set_void(db: &Connection, id: &str, seq: u64) -> Result<()> {
    let sql = "UPDATE approval SET state = 'withdrawn', changed_seq = ?2, arguments = NULL
               WHERE id = ?1";
    db.prepare_cached(sql)?.execute((id, seq)).map(drop)
}

/// Compare and set: whether this was the one use.
pub(super) fn set_used(db: &Connection, id: &str, seq: u64, now_ns: u64) -> Result<bool> {
    let sql =
        "UPDATE approval SET state = 'used', used_seq = ?2, changed_seq = ?2, arguments = NULL
               WHERE id = ?1 AND state = 'approved' AND expires_ns > ?3";
    Ok(db.prepare_cached(sql)?.execute((id, seq, now_ns))? == 1)
}

/// Takes back the use by the call of entry `opened`.
pub(super) fn set_unused(db: &Connection, (id, opened): (&str, u64), seq: u64) -> Result<()> {
    let sql = "UPDATE approval SET state = 'approved', used_seq = NULL, changed_seq = ?3
               WHERE id = ?1 AND state = 'used' AND used_seq = ?2";
    db.prepare_cached(sql)?.execute((id, opened, seq)).map(drop)
}

pub(super) fn used_by(db: &Connection, id: &str, opened: u64) -> Result<Option<u64>> {
    let sql = "SELECT answered_seq FROM approval
               WHERE id = ?1 AND state = 'used' AND used_seq = ?2";
    let found = db.prepare_cached(sql)?.query_row((id, opened), |row| row.get(0)).optional()?;
    Ok(found.flatten())
}

/// The same yes for something else, where entry `seq` says it.
pub(super) fn set_next(
    db: &Connection,
    (id, opened): (&str, u64),
    binding: &[u8; 32],
    seq: u64,
) -> Result<()> {
    let sql = "UPDATE approval SET state = 'approved', used_seq = NULL, changed_seq = ?3,
                   answered_seq = ?3, binding = ?4
               WHERE id = ?1 AND state = 'used' AND used_seq = ?2";
    db.prepare_cached(sql)?.execute((id, opened, seq, binding)).map(drop)
}

/// Forgets what is long over: texts once they have expired, rows before `forget_ns`, and of
/// those that nobody waits for all but the newest `ended_max`.
pub(super) fn tidy(db: &Connection, now_ns: u64, forget_ns: u64, ended_max: u64) -> Result<()> {
    let texts = "UPDATE approval SET arguments = NULL
                 WHERE expires_ns <= ?1 AND arguments IS NOT NULL";
    db.prepare_cached(texts)?.execute([now_ns])?;
    let old = "DELETE FROM approval WHERE expires_ns <= ?1";
    db.prepare_cached(old)?.execute([forget_ns])?;
    let many = "DELETE FROM approval
                WHERE (state IN ('used', 'withdrawn') OR expires_ns <= ?1) AND number <= (
                    SELECT number FROM approval ORDER BY number DESC LIMIT 1 OFFSET ?2)";
    db.prepare_cached(many)?.execute((now_ns, ended_max)).map(drop)
}

/// The newest entry of the log that changed an approval.
pub(super) fn seq(db: &Connection) -> Result<u64> {
    let sql = "SELECT max(changed_seq) FROM approval";
    db.prepare_cached(sql)?.query_row((), |row| Ok(row.get::<_, Option<u64>>(0)?.unwrap_or(0)))
}

pub(super) fn state_of(db: &Connection, id: &str, moment: Moment) -> Result<Option<State>> {
    let sql = "SELECT state, expires_ns FROM approval WHERE id = ?1";
    let read = |row: &Row<'_>| Ok(moment.seen(state(row, 0)?, row.get(1)?));
    db.prepare_cached(sql)?.query_row([id], read).optional()
}

pub(crate) fn one(
    db: &Connection,
    id: &str,
    (chain, moment): (ChainId, Moment),
) -> Result<Option<Approval>> {
    let sql = format!("SELECT {COLUMNS} FROM approval WHERE id = ?1");
    let mut statement = db.prepare_cached(&sql)?;
    statement.query_row([id], |row| approval(row, chain, moment)).optional()
}

/// Oldest first.
pub(super) fn all(
    db: &Connection,
    pending_only: bool,
    (chain, moment): (ChainId, Moment),
) -> Result<Vec<Approval>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM approval
         WHERE NOT ?1 OR (state = 'pending' AND expires_ns > ?2) ORDER BY number"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows =
        statement.query_map((pending_only, moment.now_ns), |row| approval(row, chain, moment));
    rows?.collect()
}

fn approval(row: &Row<'_>, chain: ChainId, moment: Moment) -> Result<Approval> {
    let principal = Principal { issuer: row.get(2)?, subject: row.get(3)? };
    let expires_ns: u64 = row.get(19)?;
    let decision = |seq: u64| chain.decision(seq).to_string();
    Ok(Approval {
        id: row.get(0)?,
        state: moment.seen(state(row, 1)?, expires_ns),
        caller: Caller { principal, grant: row.get(4)?, server: row.get(5)? },
        client: row.get(6)?,
        method: row.get(7)?,
        tool: row.get(8)?,
        revision: row.get(9)?,
        digest: row.get(10)?,
        fingerprint: row.get(11)?,
        rules: rules(&row.get::<_, String>(12)?),
        words: row.get(13)?,
        approvers: names(&row.get::<_, String>(14)?),
        in_client: row.get(15)?,
        decision_id: decision(row.get(16)?),
        asked_ms: row.get(17)?,
        told_ms: row.get(18)?,
        expires_ms: moment.wall_of(expires_ns),
        left_ms: moment.left_ms(expires_ns),
        given: given(row)?,
        used: row.get::<_, Option<u64>>(25)?.map(decision),
        arguments_bytes: row.get(26)?,
        arguments: row.get(27)?,
        signed_by: row.get(28)?,
    })
}

fn given(row: &Row<'_>) -> Result<Option<Given>> {
    let (Some(issuer), Some(subject)) = (row.get(20)?, row.get(21)?) else { return Ok(None) };
    let way: Option<String> = row.get(22)?;
    Ok(Some(Given {
        // Only a yes can be used.
        yes: state(row, 1)? != State::Denied,
        issuer,
        subject,
        way: way.and_then(|way| Way::parse(&way)).ok_or_else(|| unreadable(22))?,
        reason: row.get(23)?,
        answered_ms: row.get::<_, Option<u64>>(24)?.unwrap_or_default(),
    }))
}

fn state(row: &Row<'_>, at: usize) -> Result<State> {
    let text: String = row.get(at)?;
    State::parse(&text).ok_or_else(|| unreadable(at))
}

fn unreadable(at: usize) -> rusqlite::Error {
    let what = "not what this version writes";
    rusqlite::Error::FromSqlConversionFailure(at, rusqlite::types::Type::Text, what.into())
}

fn rules_text(rules: &[Rule]) -> String {
    let mut out = b"[".to_vec();
    for (i, rule) in rules.iter().enumerate() {
        out.extend_from_slice(if i > 0 { b"," } else { b"" });
        out.extend_from_slice(format!(r#"{{"layer":{},"pointer":"#, rule.layer).as_bytes());
        quote(&rule.pointer, &mut out);
        out.push(b'}');
    }
    out.push(b']');
    String::from_utf8_lossy(&out).into_owned()
}

fn names_text(names: &[String]) -> String {
    let mut out = b"[".to_vec();
    for (i, name) in names.iter().enumerate() {
        out.extend_from_slice(if i > 0 { b"," } else { b"" });
        quote(name, &mut out);
    }
    out.push(b']');
    String::from_utf8_lossy(&out).into_owned()
}

fn rules(text: &str) -> Vec<Rule> {
    let rule = |value: Value<'_>| {
        let layer = value.get("layer")?.as_number()?.parse().ok()?;
        Some(Rule { pointer: value.get("pointer")?.as_str()?.into_owned(), layer })
    };
    read(text).map_or_else(Vec::new, |list| list.root().items().filter_map(rule).collect())
}

fn names(text: &str) -> Vec<String> {
    let name = |value: Value<'_>| Some(value.as_str()?.into_owned());
    read(text).map_or_else(Vec::new, |list| list.root().items().filter_map(name).collect())
}

fn read(text: &str) -> Option<Document> {
    Document::parse(Bytes::copy_from_slice(text.as_bytes()), Reading::Plain).ok()
}
