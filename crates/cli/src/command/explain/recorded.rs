//! A decision that stands in the log: explained by the very policy that made it, or not at all.

use std::path::Path;

use toolgate_json::{Document, Reading};
use toolgate_policy::{
    Amount, Bound, Call, Caller, Definition, Effect, Refund, Subject, Weight, explain,
};
use toolgate_store::{Durability, Facts, Kind, Options, Spent, Store};

use super::policies::{self, Source};
use super::{Told, arguments, asked, definition, read_definition};
use crate::args::ExplainArgs;
use crate::audit;
use crate::exit::{Exit, Failure};
use crate::output::visible;
use crate::{place, time};

/// What the log says of the decision.
pub(super) struct Record {
    pub(super) id: String,
    pub(super) time_ms: u64,
    /// `allow`, `deny`, `limit` or `pending`.
    pub(super) effect: &'static str,
    pub(super) code: Option<String>,
    pub(super) pointer: String,
    pub(super) layer: usize,
    pub(super) retry_after_ms: Option<u64>,
    pub(super) approval: Option<String>,
    pub(super) revision: String,
    spent: Vec<Spent>,
}

pub(super) fn tell(id: &str, args: &ExplainArgs, state: &Path) -> Result<Told, Failure> {
    let (record, facts) = find(id, args, state)?;
    let mut untold = Vec::new();
    let sources = sources(&record, args, state, &mut untold)?;
    let arguments = given(&facts, args, state, &mut untold)?;
    let shown = arguments.as_ref().map(|a| visible(&String::from_utf8_lossy(a.bytes())));
    let name = facts.tool.as_deref().unwrap_or(&facts.method);
    let mut told = Told {
        call: format!("{} {}", visible(name), shown.unwrap_or_default()).trim_end().to_owned(),
        whose: format!(
            "grant `{}` at server `{}`, {}",
            visible(&facts.caller.grant),
            visible(&facts.caller.server),
            time::local(record.time_ms)
        ),
        sources: Vec::new(),
        explanation: None,
        record: None,
        untold: Vec::new(),
        levels: "as the counters stood then",
        for_grant: args.grant.is_some(),
    };
    let is_whole = facts.arguments.is_none() || arguments.is_some();
    if let (Some(sources), true) = (sources, is_whole) {
        let call = call(&facts, arguments.as_ref(), args, state)?;
        let layers = policies::layers(&sources);
        if layers.needs_definition(name) && matches!(call.definition, Definition::Unknown) {
            let text = "whether the arguments fitted the tool's definition, which is not recorded: \
                        give it with `--definition FILE`";
            untold.push(text.to_owned());
        }
        let mut explanation = explain(&layers, &call);
        explanation.weigh(&weights(&record));
        untold.extend(differs(&record, explanation.effect()));
        told.explanation = Some(explanation);
        told.sources = sources;
    }
    Ok(Told { record: Some(record), untold, ..told })
}

/// With `--as`, only a decision of that grant: of others it is not even told that there is one.
fn find(id: &str, args: &ExplainArgs, state: &Path) -> Result<(Record, Facts), Failure> {
    let found = audit::open(state)?.find(id)?;
    let found = found.and_then(|call| read(id, call.entry.wall_ms, &call.entry.kind));
    let mine = |facts: &Facts| args.grant.as_ref().is_none_or(|g| facts.caller.grant == *g);
    found.filter(|(_, facts)| mine(facts)).ok_or_else(|| {
        let text = format!(
            "no decision `{}` in the log of `{}`; `toolgate audit tail` shows the ids there are",
            visible(id),
            state.display()
        );
        Failure::new(Exit::Usage, text)
    })
}

fn read(id: &str, time_ms: u64, kind: &Kind) -> Option<(Record, Facts)> {
    let record = |facts: &Facts, effect, spent: &[Spent]| Record {
        id: id.to_owned(),
        time_ms,
        effect,
        code: None,
        pointer: String::new(),
        layer: 0,
        retry_after_ms: None,
        approval: facts.approval.clone(),
        revision: facts.revision.to_string(),
        spent: spent.to_vec(),
    };
    match kind {
        Kind::Opened(opened) => {
            Some((record(&opened.facts, "allow", &opened.spent), opened.facts.clone()))
        }
        Kind::Denied(denied) => {
            let blank = record(&denied.facts, denied.effect.as_str(), &denied.wanted);
            let record = Record {
                code: Some(denied.code.clone()),
                pointer: denied.pointer.clone(),
                layer: denied.layer,
                retry_after_ms: denied.retry_after_ms,
                ..blank
            };
            Some((record, denied.facts.clone()))
        }
        _ => None,
    }
}

/// The policies of the record's own revision; nothing, with why, where they are not at hand.
fn sources(
    record: &Record,
    args: &ExplainArgs,
    state: &Path,
    untold: &mut Vec<String>,
) -> Result<Option<Vec<Source>>, Failure> {
    let revision = &record.revision;
    if revision.contains('@') {
        let reader = place::reader(state)?;
        let mut sources = Vec::new();
        for one in revision.split(' ') {
            let (name, number) = one.rsplit_once('@').unwrap_or((one, ""));
            let all = reader.revisions(name)?;
            let same = all.iter().find(|policy| policy.revision.to_string() == number);
            let Some(policy) = same else {
                untold.push(format!("which rules were asked: policy `{one}` is not stored here"));
                return Ok(None);
            };
            sources.push(Source::of_stored(policy)?);
        }
        return Ok(Some(sources));
    }
    if revision == "none" {
        return Ok(Some(Vec::new()));
    }
    let Some(file) = &args.policy else {
        untold.push(format!(
            "which rules were asked: the policy was a file, revision {revision}, and only its \
             revision is recorded; give the file with `--policy FILE`"
        ));
        return Ok(None);
    };
    let source = Source::of_file(Path::new(file))?;
    if source.revision != *revision {
        untold.push(format!(
            "which rules were asked: `{}` is revision {} now, and the decision was made by \
             revision {revision}; give that text with `--policy FILE`",
            source.name, source.revision
        ));
        return Ok(None);
    }
    Ok(Some(vec![source]))
}

/// The arguments as they were recorded, or as they are given, if they are the same.
fn given(
    facts: &Facts,
    args: &ExplainArgs,
    state: &Path,
    untold: &mut Vec<String>,
) -> Result<Option<Document>, Failure> {
    let Some(recorded) = &facts.arguments else { return Ok(None) };
    if let Some(raw) = &recorded.raw {
        return Ok(Document::parse(raw.clone(), Reading::Plain).ok());
    }
    let Some(given) = arguments(args)? else {
        untold.push(format!(
            "what the conditions found: the arguments are not recorded, only that there were {} \
             (`record: args` in the policy keeps them); give them with `--args`",
            names(&recorded.keys)
        ));
        return Ok(None);
    };
    let store = Store::open(state, Options { durability: Durability::Normal })?;
    let same = store.arguments(given.root(), false).digest == recorded.digest;
    let finished = place::block_on(store.finish())?;
    finished.map_err(|error| Failure::new(Exit::State, error.to_string()))?;
    if !same {
        let text = "those given with `--args` are not the arguments of that call: their digest is \
                    another one";
        return Err(Failure::new(Exit::Usage, text));
    }
    Ok(Some(given))
}

fn names(keys: &[String]) -> String {
    if keys.is_empty() {
        return "none with a name".to_owned();
    }
    let keys: Vec<String> = keys.iter().map(|key| format!("`{}`", visible(key))).collect();
    keys.join(", ")
}

fn call(
    facts: &Facts,
    arguments: Option<&Document>,
    args: &ExplainArgs,
    state: &Path,
) -> Result<Call, Failure> {
    let name = facts.tool.as_deref().unwrap_or(&facts.method);
    let definition = match definition(args.definition.as_deref())? {
        Some(definition) => definition,
        None => pinned(&facts.caller, name, state)?,
    };
    let call = asked::call(name, &facts.caller, arguments, definition);
    Ok(Call { subject: subject(facts), ..call })
}

/// Who changes a pinned tool blocks it, so that what is pinned is what was called.
fn pinned(caller: &Caller, tool: &str, state: &Path) -> Result<Definition, Failure> {
    let pinned = place::reader(state)?.pinned_tool(&caller.server, tool)?;
    let text = pinned.and_then(|tool| tool.definition);
    let read = text.and_then(|text| read_definition(&text).ok());
    Ok(read.unwrap_or(Definition::Unknown))
}

fn subject(facts: &Facts) -> Subject {
    let is_uri = facts.tool.as_ref().is_some_and(|name| name.contains(':'));
    match facts.method.as_str() {
        "tools/call" => Subject::Tool,
        "prompts/get" => Subject::Prompt,
        "resources/read" | "resources/subscribe" | "resources/unsubscribe" => Subject::Resource,
        "completion/complete" if !is_uri => Subject::PromptMention,
        "completion/complete" | "subscriptions/listen" => Subject::ResourceMention,
        _ => Subject::ServerRequest,
    }
}

/// How full the windows were.
fn weights(record: &Record) -> Vec<Weight> {
    let mut weights = Vec::new();
    for spent in &record.spent {
        weights.extend(spent.bounds.iter().map(|level| {
            let bound = Bound {
                scope: level.scope,
                window: level.window,
                max: level.max,
                pointer: level.pointer.as_str().into(),
                layer: level.layer,
                on_deny: None,
                refund: Refund::NotSent,
            };
            let is_over = |before: Amount| before.checked_add(spent.amount) > Some(level.max);
            let retry_in_ms = record.retry_after_ms.filter(|_| is_over(level.before));
            let (counter, used) = (spent.counter.clone(), level.before);
            Weight { counter, bound, used, reset_in_ms: None, retry_in_ms }
        }));
    }
    weights
}

/// Where the policy alone does not come to what was decided.
fn differs(record: &Record, effect: Effect) -> Option<String> {
    let alike = match (record.effect, effect) {
        ("allow", Effect::Allow)
        | ("deny", Effect::Deny | Effect::Hidden)
        | ("limit", Effect::Limit)
        | ("pending", Effect::Approve) => true,
        ("allow", Effect::Approve) => record.approval.is_some(),
        _ => false,
    };
    if alike {
        return None;
    }
    let code = record.code.as_deref().map(|code| format!(", code `{}`", visible(code)));
    Some(format!(
        "why it was {}{}: the rules alone come to `{effect}`, so the gateway had a reason of its \
         own, or knew what is not recorded",
        record.effect,
        code.unwrap_or_default()
    ))
}
