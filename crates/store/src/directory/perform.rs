//! Changes as they are made: each act checked against what is there, told in one line.

use rusqlite::Connection;

use super::{
    Act, CONFIGURED, Freeze, Grant, NewGrant, Origin, PolicyText, Server, TokenHash, account,
    freeze, pin, survey, tables,
};

/// One act that was done, as the log tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) code: &'static str,
    /// What was changed: a name.
    pub(crate) subject: String,
    pub(crate) text: String,
}

/// Which decisions a change concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Concern {
    All,
    Server(String),
}

impl Concern {
    /// A change of tools, or a freeze of a server, has its name for its subject.
    pub(crate) fn of(code: &str, subject: &str) -> Self {
        let of_server = pin::is_code(code) || matches!(code, "server_frozen" | "server_thawed");
        if of_server { Self::Server(subject.to_owned()) } else { Self::All }
    }
}

/// Why an act cannot be done, for a person; or the database's own failure.
#[derive(Debug)]
pub(super) enum Hindrance {
    Database(rusqlite::Error),
    Rejected(String),
}

pub(super) type Done<T> = Result<T, Hindrance>;

impl From<rusqlite::Error> for Hindrance {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

/// Does all acts, or none and says why. Acts that change nothing leave nothing to tell.
pub(crate) fn perform(
    db: &Connection,
    (acts, by): (&[Act], &str),
    wall_ms: u64,
) -> rusqlite::Result<Result<Vec<Change>, String>> {
    db.execute_batch("SAVEPOINT act")?;
    let doing = Doing { db, by, wall_ms };
    let mut changes = Vec::new();
    for act in acts {
        match doing.act(act) {
            Ok(made) => changes.extend(made),
            Err(Hindrance::Database(error)) => return Err(error),
            Err(Hindrance::Rejected(why)) => {
                db.execute_batch("ROLLBACK TO act; RELEASE act")?;
                return Ok(Err(why));
            }
        }
    }
    db.execute_batch("RELEASE act")?;
    Ok(Ok(changes))
}

struct Doing<'a> {
    db: &'a Connection,
    by: &'a str,
    wall_ms: u64,
}

impl Doing<'_> {
    fn act(&self, act: &Act) -> Done<Vec<Change>> {
        let change = match act {
            Act::AcceptTools { server, tool, fingerprint } => {
                let wanted = (tool.as_deref(), fingerprint.as_deref());
                return pin::accept(self.db, server, wanted, self.wall_ms);
            }
            Act::AddAccount(new) => account::add(self.db, new, self.wall_ms)?,
            Act::AddGrant(new) => self.add_grant(new)?,
            Act::AttachPolicy { grant, policy } => self.attach_policy(grant, policy)?,
            Act::AttachServers { grant, servers } => self.attach_servers(grant, servers)?,
            Act::ExpectPolicy { name, revision } => return self.expect_policy(name, *revision),
            Act::ForgetSurveys { server } => return survey::forget(self.db, server),
            Act::Freeze { extent, reason } => {
                let (extent, reason, by) = (extent.clone(), reason.clone(), self.by.to_owned());
                return freeze::freeze(
                    self.db,
                    Freeze { extent, reason, by, since_ms: self.wall_ms },
                );
            }
            Act::MissTools { server, tools } => {
                return Ok(pin::miss(self.db, server, tools, self.wall_ms)?);
            }
            Act::PutPolicy { name, text } => return self.put_policy(name, text),
            Act::PutServer(server) => return self.put_server(server),
            Act::RecordSurvey(new) => return survey::record(self.db, new, self.wall_ms),
            Act::RemoveServer { name } => self.remove_server(name)?,
            Act::RevokeAccount { name } => account::revoke(self.db, name, self.wall_ms)?,
            Act::RevokeGrant { name } => self.revoke_grant(name)?,
            Act::RollbackPolicy { name, revision } => self.rollback_policy(name, *revision)?,
            Act::RotateToken { grant, token } => self.rotate_token(grant, *token)?,
            Act::SeeTools { server, tools } => {
                return Ok(pin::see(self.db, server, tools, self.wall_ms)?);
            }
            Act::SetOrganization { policy, origin } => {
                return self.set_organization(policy.as_deref(), *origin);
            }
            Act::SetPassword { name, password } => {
                account::set_password(self.db, name, password.as_deref())?
            }
            Act::SetRole { name, role, servers } => {
                return account::set_role(self.db, name, (*role, servers));
            }
            Act::SyncServers { servers } => return self.sync_servers(servers),
            Act::Thaw { extent, reason } => {
                return freeze::thaw(self.db, extent, reason.as_deref());
            }
        };
        Ok(vec![change])
    }

    fn add_grant(&self, new: &NewGrant) -> Done<Change> {
        let name = &new.name;
        if tables::grant(self.db, name)?.is_some_and(|there| there.revoked_ms.is_none()) {
            let mend = format!("choose another name, or `toolgate grant revoke {name}` first");
            return rejected(format!("there is a grant `{name}` already; {mend}"));
        }
        self.known_servers(&new.servers)?;
        if let Some(policy) = &new.policy {
            self.known_policy(policy)?;
        }
        tables::put_grant(self.db, new, self.wall_ms)?;
        let policy = new.policy.as_deref().unwrap_or("none");
        let servers = new.servers.join(", ");
        let until = new.expires_ms.map(|at| format!(", until {at} ms")).unwrap_or_default();
        let text = format!(
            "for `{}` of `{}` on {servers} under policy {policy}{until}",
            new.subject, new.issuer
        );
        Ok(change("grant_added", name, text))
    }

    fn attach_policy(&self, grant: &str, policy: &str) -> Done<Change> {
        self.live_grant(grant)?;
        self.known_policy(policy)?;
        tables::set_grant_policy(self.db, grant, policy)?;
        Ok(change("policy_attached", grant, format!("policy {policy}")))
    }

    fn attach_servers(&self, grant: &str, servers: &[String]) -> Done<Change> {
        self.live_grant(grant)?;
        self.known_servers(servers)?;
        tables::set_grant_servers(self.db, grant, servers)?;
        Ok(change("servers_attached", grant, servers.join(", ")))
    }

    fn expect_policy(&self, name: &str, due: u64) -> Done<Vec<Change>> {
        let newest = tables::revisions(self.db, name)?.pop().map_or(0, |newest| newest.revision);
        if newest == due {
            return Ok(Vec::new());
        }
        let mend = "somebody else has changed it: look at theirs first";
        rejected(format!("policy `{name}` is at revision {newest}, not {due}; {mend}"))
    }

    fn put_policy(&self, name: &str, text: &str) -> Done<Vec<Change>> {
        let newest = tables::revisions(self.db, name)?.pop();
        if newest.as_ref().is_some_and(|newest| newest.text == text) {
            return Ok(Vec::new());
        }
        let revision = newest.map_or(0, |newest| newest.revision) + 1;
        self.add_revision(name, revision, text)?;
        Ok(vec![change("policy_put", name, format!("revision {revision}"))])
    }

    fn rollback_policy(&self, name: &str, to: u64) -> Done<Change> {
        let revisions = tables::revisions(self.db, name)?;
        let Some(newest) = revisions.last().map(|newest| newest.revision) else {
            return rejected(unknown_policy(name));
        };
        let Some(old) = revisions.into_iter().find(|policy| policy.revision == to) else {
            let mend = format!("`toolgate policy list {name}` has its revisions");
            return rejected(format!("policy `{name}` has no revision {to}; {mend}"));
        };
        self.add_revision(name, newest + 1, &old.text)?;
        Ok(change("policy_put", name, format!("revision {}, the text of {to}", newest + 1)))
    }

    fn add_revision(&self, name: &str, revision: u64, text: &str) -> Done<()> {
        let (name, text) = (name.to_owned(), text.to_owned());
        let policy = PolicyText { name, revision, text, put_ms: self.wall_ms };
        Ok(tables::add_revision(self.db, &policy)?)
    }

    fn put_server(&self, server: &Server) -> Done<Vec<Change>> {
        let name = &server.name;
        let there = tables::server(self.db, name)?;
        match &there {
            Some(there) if there == server => return Ok(Vec::new()),
            Some(there) if there.origin != server.origin => return rejected(foreign(there)),
            Some(_) | None => {}
        }
        tables::put_server(self.db, server)?;
        let code = if there.is_some() { "server_changed" } else { "server_added" };
        Ok(vec![change(code, name, format!("by {}", server.origin.as_str()))])
    }

    fn remove_server(&self, name: &str) -> Done<Change> {
        match tables::server(self.db, name)? {
            None => rejected(unknown_server(name)),
            Some(there) if there.origin == Origin::Config => rejected(foreign(&there)),
            Some(_) => {
                tables::remove_server(self.db, name)?;
                Ok(change("server_removed", name, "by cli".to_owned()))
            }
        }
    }

    fn sync_servers(&self, servers: &[(String, String)]) -> Done<Vec<Change>> {
        let mut changes = Vec::new();
        for there in tables::servers(self.db)? {
            let kept = servers.iter().any(|(name, _)| *name == there.name);
            if there.origin == Origin::Config && !kept {
                tables::remove_server(self.db, &there.name)?;
                changes.push(change("server_removed", &there.name, "by config".to_owned()));
            }
        }
        for (name, spec) in servers {
            let (name, spec) = (name.clone(), spec.clone());
            changes.extend(self.put_server(&Server { name, spec, origin: Origin::Config })?);
        }
        Ok(changes)
    }

    fn revoke_grant(&self, name: &str) -> Done<Change> {
        self.live_grant(name)?;
        tables::revoke_grant(self.db, name, self.wall_ms)?;
        Ok(change("grant_revoked", name, String::new()))
    }

    fn rotate_token(&self, grant: &str, token: TokenHash) -> Done<Change> {
        self.live_grant(grant)?;
        tables::set_grant_token(self.db, grant, token)?;
        Ok(change("token_rotated", grant, String::new()))
    }

    fn set_organization(&self, policy: Option<&str>, origin: Origin) -> Done<Vec<Change>> {
        let there = tables::organization(self.db)?;
        let configured = there.as_deref() == Some(CONFIGURED);
        if configured != (origin == Origin::Config) && there.is_some() {
            // The config file says nothing of a policy that it did not set.
            if policy.is_none() && origin == Origin::Config {
                return Ok(Vec::new());
            }
            if origin == Origin::Cli {
                let mend = "change `organization_policy` there";
                return rejected(format!(
                    "the organization's policy belongs to the config file; {mend}"
                ));
            }
        }
        if let Some(policy) = policy {
            self.known_policy(policy)?;
        }
        if there.as_deref() == policy {
            return Ok(Vec::new());
        }
        tables::set_organization(self.db, policy)?;
        let text = format!("policy {}", policy.unwrap_or("none"));
        Ok(vec![change("organization_set", "organization", text)])
    }

    fn live_grant(&self, name: &str) -> Done<Grant> {
        match tables::grant(self.db, name)? {
            Some(grant) if grant.revoked_ms.is_none() => Ok(grant),
            Some(_) => rejected(format!("grant `{name}` is revoked; add a new one")),
            None => {
                rejected(format!("there is no grant `{name}`; `toolgate grant list` has them all"))
            }
        }
    }

    fn known_servers(&self, names: &[String]) -> Done<()> {
        for (i, name) in names.iter().enumerate() {
            if tables::server(self.db, name)?.is_none() {
                return rejected(unknown_server(name));
            }
            if names[..i].contains(name) {
                return rejected(format!("server `{name}` is named twice; name it once"));
            }
        }
        Ok(())
    }

    fn known_policy(&self, name: &str) -> Done<()> {
        if tables::revisions(self.db, name)?.is_empty() {
            return rejected(unknown_policy(name));
        }
        Ok(())
    }
}

pub(super) fn change(code: &'static str, subject: &str, text: String) -> Change {
    Change { code, subject: subject.to_owned(), text }
}

pub(super) fn rejected<T>(why: String) -> Done<T> {
    Err(Hindrance::Rejected(why))
}

pub(super) fn unknown_server(name: &str) -> String {
    format!("there is no server `{name}`; `toolgate server list` has them all")
}

fn unknown_policy(name: &str) -> String {
    format!("there is no policy `{name}`; `toolgate policy list` has them all")
}

fn foreign(server: &Server) -> String {
    let name = &server.name;
    match server.origin {
        Origin::Cli => {
            format!("server `{name}` was added by `toolgate server add`; remove it there first")
        }
        Origin::Config => format!("server `{name}` belongs to the config file; change it there"),
    }
}
