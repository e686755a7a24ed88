//! The directory's tables, and every statement that touches them.

use rusqlite::{Connection, OptionalExtension, Row};

use super::{Grant, NewGrant, Origin, PolicyText, Server, TokenHash};

pub(crate) const TABLES: &str = r#"
    CREATE TABLE directory (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        seq INTEGER NOT NULL,
        organization TEXT
    ) STRICT;
    INSERT INTO directory (id, seq) VALUES (1, 0);
    CREATE TABLE server (
        name TEXT PRIMARY KEY,
        spec TEXT NOT NULL,
        origin TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE policy (
        name TEXT NOT NULL,
        revision INTEGER NOT NULL,
        text TEXT NOT NULL,
        put_ms INTEGER NOT NULL,
        PRIMARY KEY (name, revision)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE "grant" (
        name TEXT PRIMARY KEY,
        issuer TEXT NOT NULL,
        subject TEXT NOT NULL,
        policy TEXT,
        token BLOB UNIQUE,
        created_ms INTEGER NOT NULL,
        expires_ms INTEGER,
        revoked_ms INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE grant_server (
        "grant" TEXT NOT NULL,
        place INTEGER NOT NULL,
        server TEXT NOT NULL,
        PRIMARY KEY ("grant", place)
    ) STRICT, WITHOUT ROWID;
"#;

type Result<T> = rusqlite::Result<T>;

/// The newest entry of the log that changed the directory.
pub(crate) fn seq(db: &Connection) -> Result<u64> {
    db.prepare_cached("SELECT seq FROM directory")?.query_row((), |row| row.get(0))
}

pub(crate) fn set_seq(db: &Connection, seq: u64) -> Result<()> {
    db.prepare_cached("UPDATE directory SET seq = ?1")?.execute([seq]).map(drop)
}

pub(super) fn organization(db: &Connection) -> Result<Option<String>> {
    db.query_row("SELECT organization FROM directory", (), |row| row.get(0))
}

pub(super) fn set_organization(db: &Connection, policy: Option<&str>) -> Result<()> {
    db.execute("UPDATE directory SET organization = ?1", [policy]).map(drop)
}

pub(super) fn servers(db: &Connection) -> Result<Vec<Server>> {
    let mut statement = db.prepare_cached("SELECT name, spec, origin FROM server")?;
    statement.query_map((), server_row)?.collect()
}

pub(super) fn server(db: &Connection, name: &str) -> Result<Option<Server>> {
    let sql = "SELECT name, spec, origin FROM server WHERE name = ?1";
    db.query_row(sql, [name], server_row).optional()
}

pub(super) fn put_server(db: &Connection, server: &Server) -> Result<()> {
    let sql = "REPLACE INTO server (name, spec, origin) VALUES (?1, ?2, ?3)";
    db.execute(sql, (&server.name, &server.spec, server.origin.as_str())).map(drop)
}

pub(super) fn remove_server(db: &Connection, name: &str) -> Result<()> {
    db.execute("DELETE FROM server WHERE name = ?1", [name]).map(drop)
}

/// The revision in force of each policy.
pub(super) fn policies(db: &Connection) -> Result<Vec<PolicyText>> {
    let sql = "SELECT name, revision, text, put_ms FROM policy AS p
               WHERE revision = (SELECT max(revision) FROM policy WHERE name = p.name)";
    db.prepare_cached(sql)?.query_map((), policy_row)?.collect()
}

/// Every revision of one policy, oldest first.
pub(super) fn revisions(db: &Connection, name: &str) -> Result<Vec<PolicyText>> {
    let sql = "SELECT name, revision, text, put_ms FROM policy WHERE name = ?1 ORDER BY revision";
    db.prepare_cached(sql)?.query_map([name], policy_row)?.collect()
}

pub(super) fn add_revision(db: &Connection, policy: &PolicyText) -> Result<()> {
    let sql = "INSERT INTO policy (name, revision, text, put_ms) VALUES (?1, ?2, ?3, ?4)";
    db.execute(sql, (&policy.name, policy.revision, &policy.text, policy.put_ms)).map(drop)
}

pub(super) fn grants(db: &Connection) -> Result<Vec<Grant>> {
    let sql = r#"SELECT name, issuer, subject, policy, token, created_ms, expires_ms, revoked_ms
                 FROM "grant""#;
    let grants: Vec<Grant> =
        db.prepare_cached(sql)?.query_map((), grant_row)?.collect::<Result<_>>()?;
    grants.into_iter().map(|grant| with_servers(db, grant)).collect()
}

pub(super) fn grant(db: &Connection, name: &str) -> Result<Option<Grant>> {
    let sql = r#"SELECT name, issuer, subject, policy, token, created_ms, expires_ms, revoked_ms
                 FROM "grant" WHERE name = ?1"#;
    let grant = db.query_row(sql, [name], grant_row).optional()?;
    grant.map(|grant| with_servers(db, grant)).transpose()
}

pub(super) fn put_grant(db: &Connection, new: &NewGrant, created_ms: u64) -> Result<()> {
    let sql = r#"REPLACE INTO "grant" (name, issuer, subject, policy, token, created_ms, expires_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"#;
    let token = new.token.map(|token| token.0);
    let values =
        (&new.name, &new.issuer, &new.subject, &new.policy, token, created_ms, new.expires_ms);
    db.execute(sql, values)?;
    set_grant_servers(db, &new.name, &new.servers)
}

pub(super) fn set_grant_servers(db: &Connection, grant: &str, servers: &[String]) -> Result<()> {
    db.execute(r#"DELETE FROM grant_server WHERE "grant" = ?1"#, [grant])?;
    let sql = r#"INSERT INTO grant_server ("grant", place, server) VALUES (?1, ?2, ?3)"#;
    for (place, server) in (0_u64..).zip(servers) {
        db.execute(sql, (grant, place, server))?;
    }
    Ok(())
}

pub(super) fn set_grant_policy(db: &Connection, grant: &str, policy: &str) -> Result<()> {
    db.execute(r#"UPDATE "grant" SET policy = ?2 WHERE name = ?1"#, [grant, policy]).map(drop)
}

pub(super) fn set_grant_token(db: &Connection, grant: &str, token: TokenHash) -> Result<()> {
    db.execute(r#"UPDATE "grant" SET token = ?2 WHERE name = ?1"#, (grant, token.0)).map(drop)
}

pub(super) fn revoke_grant(db: &Connection, grant: &str, revoked_ms: u64) -> Result<()> {
    let sql = r#"UPDATE "grant" SET revoked_ms = ?2, token = NULL WHERE name = ?1"#;
    db.execute(sql, (grant, revoked_ms)).map(drop)
}

fn with_servers(db: &Connection, grant: Grant) -> Result<Grant> {
    let sql = r#"SELECT server FROM grant_server WHERE "grant" = ?1 ORDER BY place"#;
    let mut statement = db.prepare_cached(sql)?;
    let servers = statement.query_map([&grant.name], |row| row.get(0))?.collect::<Result<_>>()?;
    Ok(Grant { servers, ..grant })
}

fn server_row(row: &Row<'_>) -> Result<Server> {
    let origin: String = row.get(2)?;
    // Whatever else may stand there is not the command line's to change.
    let origin = Origin::parse(&origin).unwrap_or(Origin::Config);
    Ok(Server { name: row.get(0)?, spec: row.get(1)?, origin })
}

fn policy_row(row: &Row<'_>) -> Result<PolicyText> {
    let (name, revision, text, put_ms) = row.try_into()?;
    Ok(PolicyText { name, revision, text, put_ms })
}

fn grant_row(row: &Row<'_>) -> Result<Grant> {
    Ok(Grant {
        name: row.get(0)?,
        issuer: row.get(1)?,
        subject: row.get(2)?,
        servers: Vec::new(),
        policy: row.get(3)?,
        token: row.get::<_, Option<[u8; 32]>>(4)?.map(TokenHash),
        created_ms: row.get(5)?,
        expires_ms: row.get(6)?,
        revoked_ms: row.get(7)?,
    })
}
