//! What the policies say of a recorded call now.

use std::collections::HashMap;
use std::sync::Arc;

use crate::{DirectoryReader, ReadError};
use bytes::Bytes;
use toolgate_json::{Document, Reading};
use toolgate_policy::{
    Call, Decision, Definition, Known, Obligation, Subject, ToolDefinition, Verdict, decide_unseen,
};

use super::policies::Policies;
use super::recorded::Recorded;

/// Before limits are counted.
pub(super) enum Fresh {
    Allowed(Vec<toolgate_policy::Charge>),
    Denied { code: &'static str, pointer: Arc<str> },
    Held(Arc<str>, Vec<toolgate_policy::Charge>),
    Open(toolgate_policy::Open, &'static str),
}

/// The log keeps no more names of arguments.
const KEYS_MAX: usize = 256;

pub(super) const UNRECORDED: &str = "the arguments are not recorded";
pub(super) const UNDEFINED: &str = "the tool's definition is not kept";
pub(super) const UNNAMED: &str = "the log does not say whether a prompt or a resource was named";

/// Tools' definitions as they are pinned.
pub(super) struct Definitions<'a> {
    reader: &'a DirectoryReader,
    known: HashMap<(String, String), Option<Arc<ToolDefinition>>>,
}

impl<'a> Definitions<'a> {
    pub(super) fn new(reader: &'a DirectoryReader) -> Self {
        Self { reader, known: HashMap::new() }
    }

    fn of(&mut self, server: &str, tool: &str) -> Result<Option<Arc<ToolDefinition>>, ReadError> {
        let key = (server.to_owned(), tool.to_owned());
        if let Some(known) = self.known.get(&key) {
            return Ok(known.clone());
        }
        let pinned = self.reader.pinned_tool(server, tool)?;
        let text = pinned.and_then(|pinned| pinned.definition);
        let definition = text.and_then(|text| {
            let document = Document::parse(Bytes::from(text), Reading::Plain).ok()?;
            ToolDefinition::read(document.root()).ok().map(Arc::new)
        });
        self.known.insert(key, definition.clone());
        Ok(definition)
    }
}

pub(super) fn decide(
    policies: &Policies,
    definitions: &mut Definitions<'_>,
    recorded: &Recorded<'_>,
) -> Result<Fresh, ReadError> {
    let mut found = None;
    for subject in recorded.subjects() {
        let fresh = decide_as(policies, definitions, recorded, *subject)?;
        found = match (found, fresh) {
            (None, fresh)
            | (Some(Fresh::Denied { .. }), fresh @ Fresh::Denied { .. })
            | (Some(Fresh::Allowed(_)), fresh @ Fresh::Allowed(_)) => Some(fresh),
            (Some(_), _) => Some(open(UNNAMED)),
        };
    }
    Ok(found.unwrap_or_else(|| open(UNNAMED)))
}

fn open(why: &'static str) -> Fresh {
    let open = toolgate_policy::Open {
        pointer: "".into(),
        layer: 0,
        charges: Vec::new(),
        unmeasured: Vec::new(),
    };
    Fresh::Open(open, why)
}

fn decide_as(
    policies: &Policies,
    definitions: &mut Definitions<'_>,
    recorded: &Recorded<'_>,
    subject: Subject,
) -> Result<Fresh, ReadError> {
    let (facts, name) = (recorded.facts, recorded.name());
    let Some((message, is_known)) = arguments(recorded) else { return Ok(open(UNRECORDED)) };
    let needs = subject == Subject::Tool && policies.layers.needs_definition(name);
    let definition = if needs { definitions.of(&facts.caller.server, name)? } else { None };
    let known = Known { arguments: is_known, definition: !needs || definition.is_some() };
    let call = Call {
        caller: Arc::clone(&facts.caller),
        subject,
        name: name.to_owned(),
        arguments: facts.arguments.as_ref().map(|_| message.root().id()),
        message,
        definition: definition.map_or(Definition::Unknown, Definition::Known),
        time_ms: recorded.entry.wall_ms,
    };
    Ok(match decide_unseen(&policies.layers, call, known) {
        Verdict::Decided(decision) => decided(decision),
        Verdict::Open(open) if is_known => Fresh::Open(open, UNDEFINED),
        Verdict::Open(open) => Fresh::Open(open, UNRECORDED),
    })
}

fn decided(decision: Decision) -> Fresh {
    let allowed = match decision {
        Decision::Allow(allowed) => allowed,
        Decision::Deny(denied) => {
            let (code, pointer) = (denied.reason.code.as_str(), denied.reason.pointer);
            return Fresh::Denied { code, pointer };
        }
    };
    let (mut asked, mut charges) = (None, Vec::new());
    for obligation in allowed.into_parts().1 {
        match obligation {
            Obligation::Approve(approval) => asked = asked.or(Some(approval.pointer)),
            Obligation::Spend(owed) => charges.extend(owed),
        }
    }
    match asked {
        Some(pointer) => Fresh::Held(pointer, charges),
        None => Fresh::Allowed(charges),
    }
}

/// The arguments, and whether their values are those of then; else each is `null`. Nothing where
/// not even their names are all known.
fn arguments(recorded: &Recorded<'_>) -> Option<(Document, bool)> {
    let read = |bytes: Bytes| Document::parse(bytes, Reading::Plain).ok();
    let Some(arguments) = &recorded.facts.arguments else {
        return Some((read(Bytes::from_static(b"null"))?, true));
    };
    if let Some(document) = arguments.raw.clone().and_then(read) {
        return Some((document, true));
    }
    if arguments.keys.len() >= KEYS_MAX {
        return None;
    }
    let mut text = Vec::from(b"{".as_slice());
    for (at, key) in arguments.keys.iter().enumerate() {
        if at > 0 {
            text.push(b',');
        }
        toolgate_json::quote(key, &mut text);
        text.extend_from_slice(b":null");
    }
    text.push(b'}');
    Some((read(text.into())?, false))
}
