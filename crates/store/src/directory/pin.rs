//! Tools as they were when somebody first saw them, and what has become of them since.
//!
//! A server tells its tools anew whenever it is asked; a description that changes behind the back
//! of whoever allowed the tool is the oldest trick there is ("rug pull").

use rusqlite::Connection;

use crate::chain::hex;

use super::perform::{Change, Done, change, rejected, unknown_server};
use super::{gone_table, pin_table, tables};

/// One tool as it is pinned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// SHA-256 of the definition in canonical form.
    pub fingerprint: [u8; 32],
    pub seen_ms: u64,
    /// What the server says of it by now, if that is something else.
    pub changed: Option<[u8; 32]>,
    /// When that was last recorded, or that the tool is gone or back.
    pub changed_ms: Option<u64>,
    /// Since when the server no longer lists it.
    pub gone_ms: Option<u64>,
}

/// The same with the definitions. Nothing stands where one was too long to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinnedTool {
    pub pin: Pin,
    pub definition: Option<String>,
    pub changed_definition: Option<String>,
}

/// A tool as a server has just told it.
#[derive(Clone, Debug)]
pub struct SeenTool {
    pub name: String,
    pub fingerprint: [u8; 32],
    /// JSON in canonical form; nothing if it is too long to keep.
    pub definition: Option<String>,
    /// The pinned fingerprint that it may take the place of at once, by the server's settings.
    pub in_place_of: Option<[u8; 32]>,
}

impl SeenTool {
    /// Longer definitions are known by their fingerprints only.
    pub const DEFINITION_BYTES_MAX: usize = 64 * 1024;
    /// Tools with longer names are not pinned.
    pub const NAME_BYTES_MAX: usize = 512;
}

/// A server that invents names must not fill the disk.
const PINS_MAX: usize = 4096;
/// Nor one that tells its tools differently each time: so often a tool is recorded to have
/// changed, or changed back.
const RECORD_EVERY_MS: u64 = 5_000;
/// So many tools are named in one entry of the log.
const NAMED_MAX: usize = 16;
const NAMED_CHARS_MAX: usize = 64;

/// So many tools of one server may be at it at the same time.
const RESTLESS: usize = 16;

/// Whether an entry of the log with this code is about a server's tools.
pub(super) fn is_code(code: &str) -> bool {
    code.starts_with("tool_") || code.starts_with("tools_")
}

impl Pin {
    /// Whether it was recorded a moment ago that the tool has changed, or changed back, or is gone,
    /// or what it has become was taken over.
    pub fn is_recent(&self, wall_ms: u64) -> bool {
        self.changed_ms.is_some_and(|at| at.abs_diff(wall_ms) < RECORD_EVERY_MS)
    }
}

/// What a server's list has to be told.
#[derive(Default)]
struct News {
    accepted: Vec<String>,
    changed: Vec<String>,
    gone: Vec<String>,
    pinned: Vec<String>,
    restored: Vec<String>,
}

/// Pins what is new, remembers what is different. A server that is not there has no tools.
pub(super) fn see(
    db: &Connection,
    server: &str,
    tools: &[SeenTool],
    wall_ms: u64,
) -> rusqlite::Result<Vec<Change>> {
    if tables::server(db, server)?.is_none() {
        return Ok(Vec::new());
    }
    let mut pins = pin_table::of_server(db, server)?;
    let mut news = News::default();
    let restless = pins.values().filter(|pin| pin.is_recent(wall_ms)).count() >= RESTLESS;
    for tool in tools {
        if pins.contains_key(&tool.name) && restless {
            continue;
        }
        if let Some(pin) = pins.get(&tool.name) {
            let pin = meet(db, (server, tool), pin, wall_ms, &mut news)?;
            pins.insert(tool.name.clone(), pin);
        } else if pins.len() < PINS_MAX && tool.name.len() <= SeenTool::NAME_BYTES_MAX {
            put(db, server, tool, wall_ms)?;
            pins.insert(tool.name.clone(), fresh(tool, wall_ms));
            news.pinned.push(named(&tool.name, &tool.fingerprint));
        }
    }
    Ok(news.changes(server))
}

/// A tool that is pinned is told again. Gives its pin as it is now.
fn meet(
    db: &Connection,
    (server, tool): (&str, &SeenTool),
    pin: &Pin,
    wall_ms: u64,
    news: &mut News,
) -> rusqlite::Result<Pin> {
    let same = tool.fingerprint == pin.fingerprint;
    let there = (server, tool.name.as_str());
    let recent = pin.is_recent(wall_ms);
    let waits = recent && pin.changed.is_none();
    if !same && tool.in_place_of == Some(pin.fingerprint) && !waits {
        put(db, server, tool, wall_ms)?;
        gone_table::remove(db, there)?;
        pin_table::set_changed(db, there, None, wall_ms)?;
        news.accepted.push(became(tool, pin));
        return Ok(Pin { changed_ms: Some(wall_ms), ..fresh(tool, wall_ms) });
    }
    let changed = (!same).then_some(tool.fingerprint);
    if (changed == pin.changed && pin.gone_ms.is_none()) || recent {
        return Ok(pin.clone());
    }
    gone_table::remove(db, there)?;
    let text = changed.as_ref().map(|print| (print, tool.definition.as_deref()));
    pin_table::set_changed(db, there, text, wall_ms)?;
    match changed {
        Some(_) => news.changed.push(became(tool, pin)),
        None => news.restored.push(named(&tool.name, &tool.fingerprint)),
    }
    Ok(Pin { changed, changed_ms: Some(wall_ms), gone_ms: None, ..pin.clone() })
}

/// Remembers which tools a server no longer lists, once.
pub(super) fn miss(
    db: &Connection,
    server: &str,
    tools: &[String],
    wall_ms: u64,
) -> rusqlite::Result<Vec<Change>> {
    if tables::server(db, server)?.is_none() {
        return Ok(Vec::new());
    }
    let pins = pin_table::of_server(db, server)?;
    let mut gone = Vec::new();
    let restless = pins.values().filter(|pin| pin.is_recent(wall_ms)).count() >= RESTLESS;
    for (name, pin) in tools.iter().filter_map(|name| pins.get_key_value(name)) {
        if restless || pin.gone_ms.is_some() || pin.is_recent(wall_ms) {
            continue;
        }
        gone_table::put(db, (server, name), wall_ms)?;
        pin_table::touch(db, (server, name), wall_ms)?;
        gone.push(named(name, &pin.fingerprint));
    }
    Ok(News { gone, ..News::default() }.changes(server))
}

/// Takes over what was seen last, of one tool or of all that have changed; a tool that is gone is
/// no longer pinned.
pub(super) fn accept(
    db: &Connection,
    server: &str,
    (tool, fingerprint): (Option<&str>, Option<&str>),
    wall_ms: u64,
) -> Done<Vec<Change>> {
    let pins = pin_table::of_server(db, server)?;
    if pins.is_empty() && tables::server(db, server)?.is_none() {
        return rejected(unknown_server(server));
    }
    if let Some(tool) = tool {
        match pins.get(tool) {
            None => return rejected(unknown_tool(server, tool)),
            Some(pin) if pin.gone_ms.is_some() && fingerprint.is_some() => {
                return rejected(is_gone(server, tool));
            }
            Some(pin) if pin.changed.is_none() && pin.gone_ms.is_none() => {
                return rejected(format!("tool `{tool}` of server `{server}` has not changed"));
            }
            Some(_) => {}
        }
    }
    let mut accepted = Vec::new();
    for (name, pin) in pins.iter().filter(|(name, _)| tool.is_none_or(|tool| tool == *name)) {
        if pin.gone_ms.is_some() {
            pin_table::remove(db, (server, name))?;
            accepted.push(format!("{}, gone", named(name, &pin.fingerprint)));
        } else if let Some(changed) = &pin.changed {
            if fingerprint.is_some_and(|start| !hex(changed).starts_with(start)) {
                return rejected(moved_on(name, changed));
            }
            pin_table::accept(db, server, name, wall_ms)?;
            accepted.push(from_to(name, &pin.fingerprint, changed));
        }
    }
    Ok(News { accepted, ..News::default() }.changes(server))
}

fn put(db: &Connection, server: &str, tool: &SeenTool, wall_ms: u64) -> rusqlite::Result<()> {
    let definition = tool.definition.as_deref();
    pin_table::put(db, (server, &tool.name), (&tool.fingerprint, definition), wall_ms)
}

fn fresh(tool: &SeenTool, wall_ms: u64) -> Pin {
    let fingerprint = tool.fingerprint;
    Pin { fingerprint, seen_ms: wall_ms, changed: None, changed_ms: None, gone_ms: None }
}

impl News {
    fn changes(self, server: &str) -> Vec<Change> {
        let told = [
            ("tools_pinned", self.pinned),
            ("tool_changed", self.changed),
            ("tool_gone", self.gone),
            ("tool_restored", self.restored),
            ("tool_accepted", self.accepted),
        ];
        let told = told.into_iter().filter(|(_, tools)| !tools.is_empty());
        told.map(|(code, tools)| change(code, server, summed_up(&tools))).collect()
    }
}

fn summed_up(tools: &[String]) -> String {
    let named = tools.iter().take(NAMED_MAX).cloned().collect::<Vec<_>>().join("; ");
    match tools.len().saturating_sub(NAMED_MAX) {
        0 => named,
        more => format!("{named}; and {more} more"),
    }
}

fn became(tool: &SeenTool, pin: &Pin) -> String {
    from_to(&tool.name, &pin.fingerprint, &tool.fingerprint)
}

fn from_to(name: &str, from: &[u8; 32], to: &[u8; 32]) -> String {
    format!("{}, now {}", named(name, from), hex(to))
}

fn named(name: &str, fingerprint: &[u8; 32]) -> String {
    let name: String = name.chars().take(NAMED_CHARS_MAX).collect();
    format!("`{name}` {}", hex(fingerprint))
}

fn unknown_tool(server: &str, tool: &str) -> String {
    format!("server `{server}` has shown no tool `{tool}`; `toolgate tools list` has them all")
}

fn is_gone(server: &str, tool: &str) -> String {
    format!(
        "server `{server}` no longer lists `{tool}`, so that there is nothing with a fingerprint; \
         `toolgate tools accept {server} {tool}` without one lets it go"
    )
}

fn moved_on(tool: &str, changed: &[u8; 32]) -> String {
    let now = hex(changed);
    format!("tool `{tool}` is something else by now ({now}); look again with `toolgate tools diff`")
}
