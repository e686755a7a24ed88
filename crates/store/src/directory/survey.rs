//! What scans have found: every state that a server was seen in, with what was thought of it.
//!
//! A scan that finds what the last one found is counted, not kept again. Definitions are kept
//! once, by their fingerprints, however many surveys have them.

use std::collections::HashMap;

use rusqlite::Connection;
use sha2::{Digest, Sha256};

use super::perform::{Change, Done, change, rejected};
use super::survey_table as table;

/// What somebody has just found a server to offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSurvey {
    /// The registered name, or what the scanned command is called.
    pub server: String,
    /// How it was reached, for people. No secret may stand in it.
    pub reached: String,
    /// What is said of the server as a whole, as JSON text: its meaning is its reader's.
    pub facts: String,
    /// In the order of the server's list.
    pub tools: Vec<SurveyTool>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SurveyTool {
    pub name: String,
    /// SHA-256 of the definition in canonical form.
    pub fingerprint: [u8; 32],
    /// JSON; nothing if it is too long to keep.
    pub definition: Option<String>,
    /// What was thought of it, as JSON text: its meaning is its reader's.
    pub verdict: String,
}

/// One state of a server, seen at least once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    pub id: u64,
    pub server: String,
    pub reached: String,
    pub facts: String,
    pub tools: u32,
    /// When it was first found so.
    pub first_ms: u64,
    /// When it was last found so, and how many times in all.
    pub last_ms: u64,
    pub times: u64,
}

impl NewSurvey {
    /// A server with more is not surveyed.
    pub const TOOLS_MAX: usize = 10_000;
    /// Of the facts, and of each verdict.
    pub const TEXT_BYTES_MAX: usize = 256 * 1024;
}

impl SurveyTool {
    /// Longer definitions are known by their fingerprints only.
    pub const DEFINITION_BYTES_MAX: usize = 64 * 1024;
}

/// So many states are kept of one server: then the oldest goes.
pub(super) const SURVEYS_MAX: u64 = 32;
/// Names are free to make.
const SERVERS_MAX: u64 = 1024;
const NAMED_MAX: usize = 8;
const NAMED_CHARS_MAX: usize = 64;

/// Keeps a survey, or counts it if nothing is new.
pub(super) fn record(db: &Connection, new: &NewSurvey, wall_ms: u64) -> Done<Vec<Change>> {
    check(new)?;
    let newest = table::newest(db, &new.server)?;
    let digest = digest(new);
    if let Some((id, _)) = newest.filter(|(_, there)| *there == digest) {
        table::again(db, id, wall_ms)?;
        return Ok(Vec::new());
    }
    if newest.is_none() && table::servers(db)? >= SERVERS_MAX {
        return rejected(format!(
            "{SERVERS_MAX} servers are kept already; `toolgate catalog forget NAME` makes room"
        ));
    }
    let old = match newest {
        Some((id, _)) => Some(table::tools(db, id)?),
        None => None,
    };
    table::put(db, new, &digest, wall_ms)?;
    table::prune(db, &new.server, SURVEYS_MAX)?;
    Ok(vec![change("server_scanned", &new.server, told(new, old.as_deref()))])
}

/// Drops all that is known of a server from scans.
pub(super) fn forget(db: &Connection, server: &str) -> Done<Vec<Change>> {
    if table::newest(db, server)?.is_none() {
        return rejected(format!(
            "there is no scan of `{server}`; `toolgate catalog list` has all servers"
        ));
    }
    table::prune(db, server, 0)?;
    Ok(vec![change("scans_forgotten", server, String::new())])
}

fn check(new: &NewSurvey) -> Done<()> {
    let name = &new.server;
    if new.tools.len() > NewSurvey::TOOLS_MAX {
        let (has, most) = (new.tools.len(), NewSurvey::TOOLS_MAX);
        return rejected(format!("server `{name}` lists {has} tools; at most {most} are kept"));
    }
    let long = |text: &str| text.len() > NewSurvey::TEXT_BYTES_MAX;
    if long(&new.facts) || long(&new.reached) || new.tools.iter().any(|tool| long(&tool.verdict)) {
        return rejected(format!("what is to be kept of server `{name}` is too long"));
    }
    Ok(())
}

/// Of all that makes a state another one.
fn digest(new: &NewSurvey) -> [u8; 32] {
    let mut digest = Sha256::new();
    let mut add = |bytes: &[u8]| {
        digest.update((bytes.len() as u64).to_be_bytes());
        digest.update(bytes);
    };
    add(new.facts.as_bytes());
    for tool in &new.tools {
        add(tool.name.as_bytes());
        add(&tool.fingerprint);
        add(tool.verdict.as_bytes());
    }
    digest.finalize().into()
}

/// What is new, in one line.
fn told<'a>(new: &'a NewSurvey, old: Option<&'a [SurveyTool]>) -> String {
    let count = new.tools.len();
    let Some(old) = old else { return format!("{count} tools, seen for the first time") };
    let prints = |tools: &'a [SurveyTool]| -> HashMap<&'a str, [u8; 32]> {
        tools.iter().map(|tool| (tool.name.as_str(), tool.fingerprint)).collect()
    };
    let (before, now) = (prints(old), prints(&new.tools));
    let print = |tool: &SurveyTool| before.get(tool.name.as_str()).copied();
    let added = new.tools.iter().filter(|tool| print(tool).is_none());
    let changed =
        new.tools.iter().filter(|tool| print(tool).is_some_and(|print| print != tool.fingerprint));
    let gone = old.iter().filter(|tool| !now.contains_key(tool.name.as_str()));
    let parts = [named("new", added), named("changed", changed), named("gone", gone)];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() {
        return format!("{count} tools, judged anew");
    }
    format!("{count} tools; {}", parts.join("; "))
}

fn named<'a>(what: &str, tools: impl Iterator<Item = &'a SurveyTool>) -> Option<String> {
    let names: Vec<String> = tools
        .map(|tool| tool.name.chars().take(NAMED_CHARS_MAX).collect::<String>())
        .map(|name| format!("`{name}`"))
        .collect();
    let more = match names.len().saturating_sub(NAMED_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let told = names.iter().take(NAMED_MAX).cloned().collect::<Vec<_>>().join(", ");
    (!names.is_empty()).then(|| format!("{} {what}: {told}{more}", names.len()))
}
