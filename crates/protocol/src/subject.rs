//! What a request is about: the name that a policy decides by, and the arguments.

use toolgate_json::{Kind, NodeId, Value};

use crate::key::folds_to;
use crate::message::Message;

/// One thing that a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    pub kind: SubjectKind,
    /// A tool's or a prompt's name, a resource's URI or its template, a server's method.
    pub name: String,
    /// Where its arguments stand in the message; all of `params` where it has no `arguments`.
    pub arguments: Option<NodeId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubjectKind {
    /// `prompts/get`
    Prompt,
    /// Named, but not got: `completion/complete`.
    PromptMention,
    /// `resources/read`, `resources/subscribe`
    Resource,
    /// Named, but not read: `completion/complete`, `subscriptions/listen`.
    ResourceMention,
    /// What a server asks of the client; the method is its name.
    ServerRequest,
    /// `tools/call`
    Tool,
}

impl Message {
    /// What the request asks for: one thing, of `subscriptions/listen` any number of resources.
    /// Nothing if it cannot be told, or not in one way.
    pub fn subjects(&self) -> Option<Vec<Subject>> {
        let method = self.method()?;
        let one = match &*method {
            "completion/complete" => self.completed(),
            "prompts/get" => self.named(SubjectKind::Prompt),
            "resources/read" | "resources/subscribe" => self.resource(),
            "subscriptions/listen" => return self.listened(),
            "tools/call" => self.named(SubjectKind::Tool),
            _ => self.asked_back(&method),
        };
        Some(vec![one?])
    }

    /// What a server wants of the client before it answers: method and parameters of each request
    /// inside the result (MRTR of MCP 2026-07-28, tasks), or inside an error that wants URLs
    /// visited (2025-11-25, -32042). Nothing if it cannot be told.
    pub fn input_requests(&self) -> Option<Vec<(String, Option<NodeId>)>> {
        let Some(result) = self.result() else { return self.elicitations() };
        if !result.entries().any(|(name, _)| is_like(name, INPUT)) {
            return Some(Vec::new());
        }
        let requests = single(result, INPUT)?;
        let one = |request: Value<'_>| {
            let params = request.entries().any(|(name, _)| is_like(name, "params"));
            let params = if params { Some(single(request, "params")?.id()) } else { None };
            Some((text(request, "method")?, params))
        };
        match requests.kind() {
            Kind::Null => Some(Vec::new()),
            Kind::Object => requests.entries().map(|(_, request)| one(request)).collect(),
            _ => None,
        }
    }

    fn elicitations(&self) -> Option<Vec<(String, Option<NodeId>)>> {
        let wants = |(name, data): &(Value<'_>, Value<'_>)| {
            is_like(*name, "data") && data.entries().any(|(name, _)| is_like(name, ELICITATIONS))
        };
        let Some(error) = self.error().filter(|error| error.entries().any(|entry| wants(&entry)))
        else {
            return Some(Vec::new());
        };
        let list = single(single(error, "data")?, ELICITATIONS)?;
        let one = |item: Value<'_>| ("elicitation/create".to_owned(), Some(item.id()));
        (list.kind() == Kind::Array).then(|| list.items().map(one).collect())
    }

    fn named(&self, kind: SubjectKind) -> Option<Subject> {
        let params = self.params()?;
        let arguments = params.get("arguments").map(Value::id);
        Some(Subject { kind, name: text(params, "name")?, arguments })
    }

    fn resource(&self) -> Option<Subject> {
        let params = self.params()?;
        let (kind, arguments) = (SubjectKind::Resource, Some(params.id()));
        Some(Subject { kind, name: text(params, "uri")?, arguments })
    }

    fn completed(&self) -> Option<Subject> {
        let params = self.params()?;
        let reference = single(params, "ref")?;
        // Some servers go by `type`, others by the key that is there.
        let (kind, key, other) = match &*single(reference, "type")?.as_str()? {
            "ref/prompt" => (SubjectKind::PromptMention, "name", "uri"),
            "ref/resource" => (SubjectKind::ResourceMention, "uri", "name"),
            _ => return None,
        };
        if reference.entries().any(|(name, _)| is_like(name, other)) {
            return None;
        }
        Some(Subject { kind, name: text(reference, key)?, arguments: Some(params.id()) })
    }

    fn listened(&self) -> Option<Vec<Subject>> {
        let params = self.params()?;
        let Some(filter) = params.get("notifications") else { return Some(Vec::new()) };
        let like = |(name, _): &(Value<'_>, Value<'_>)| is_like(*name, RESOURCES);
        if filter.kind() == Kind::Object && !filter.entries().any(|entry| like(&entry)) {
            return Some(Vec::new());
        }
        let uris = single(filter, RESOURCES)?;
        let subject = |uri: Value<'_>| {
            let (kind, arguments) = (SubjectKind::ResourceMention, Some(params.id()));
            Some(Subject { kind, name: uri.as_str()?.into_owned(), arguments })
        };
        (uris.kind() == Kind::Array).then(|| uris.items().map(subject).collect())?
    }

    /// A server's own request, or one in a result that wants input.
    fn asked_back(&self, method: &str) -> Option<Subject> {
        let asked = ["elicitation/create", "roots/list", "sampling/createMessage"];
        let arguments = self.params().map(Value::id);
        let (kind, name) = (SubjectKind::ServerRequest, method.to_owned());
        asked.contains(&method).then_some(Subject { kind, name, arguments })
    }
}

const ELICITATIONS: &str = "elicitations";
const INPUT: &str = "inputRequests";
const RESOURCES: &str = "resourceSubscriptions";

fn text(holder: Value<'_>, key: &str) -> Option<String> {
    Some(single(holder, key)?.as_str()?.into_owned())
}

/// What stands under the key, if nothing there looks like it.
fn single<'a>(holder: Value<'a>, key: &str) -> Option<Value<'a>> {
    let mut found = holder.entries().filter(|(name, _)| is_like(*name, key));
    let (name, value) = found.next()?;
    (name.is(key) && found.next().is_none()).then_some(value)
}

fn is_like(name: Value<'_>, key: &str) -> bool {
    name.as_str().is_none_or(|name| folds_to(&name, key))
}
