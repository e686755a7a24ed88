//! One decision with all that is known: what was asked, what each rule said, what came of it.

use askama::Template;
use hyper::{Method, StatusCode};
use toolgate_policy::Align;
use toolgate_store::{Effect, Entry, Facts, Kind, ReadError, Spent, Would};

use crate::door::Asked;
use crate::explained::Explained;
use crate::house::House;
use crate::identity::Somebody;
use crate::log::{Aim, End, Row, facts, rule, shell_word};
use crate::reply::{Refusal, Reply};
use crate::{moment, route};

use super::arguments::Arguments;
use super::foreign::Foreign;
use super::frame::{Frame, Section};
use super::{log, render};

#[derive(Template)]
#[template(path = "decision.html")]
struct Page {
    frame: Frame,
    id: String,
    seq: u64,
    time: String,
    word: &'static str,
    what: Foreign,
    server: Foreign,
    /// Names and values.
    facts: Vec<(&'static str, Foreign)>,
    keys: Vec<Foreign>,
    digest: String,
    has_arguments: bool,
    arguments: Option<Arguments>,
    code: Foreign,
    place: Foreign,
    retry: String,
    shadow: String,
    levels: Vec<Level>,
    outcome: String,
    approval: Option<String>,
    explained: Told,
    draft: Option<Draft>,
}

/// How a bound of a counter stood.
struct Level {
    counter: Foreign,
    scope: &'static str,
    window: String,
    stands: String,
    at: Foreign,
    shadow: bool,
}

#[derive(Default)]
struct Told {
    policies: Vec<(Foreign, String)>,
    steps: Vec<Step>,
    verdict: Foreign,
    to_pass: Vec<(String, Foreign)>,
    untold: Vec<Foreign>,
}

struct Step {
    place: String,
    asks: String,
    end: String,
    what: Foreign,
    more: Vec<Foreign>,
    decides: bool,
}

struct Draft {
    aims: Vec<(&'static str, &'static str, bool)>,
    chosen: bool,
    text: Foreign,
    yaml: String,
    tool: String,
    forms: Vec<DraftForm>,
}

/// Leads to the editor of one policy.
struct DraftForm {
    policy: String,
    action: String,
    nonce: String,
}

/// So many entries behind it the end of a call is looked for.
const END_WITHIN: u64 = 50_000;

pub(super) async fn show(
    house: &House,
    somebody: &Somebody,
    asked: &Asked<'_>,
) -> Result<Reply, Refusal> {
    let id = asked.id().to_owned();
    let (entry, closing) = house.in_log(move |log| find(log, &id)).await?.ok_or_else(|| {
        let text =
            "no decision has this id in the log; `toolgate audit tail` shows those there are";
        Refusal::new(StatusCode::NOT_FOUND, "not_found", text)
    })?;
    let Some(row) = Row::of(&entry) else {
        return Err(Refusal::new(StatusCode::NOT_FOUND, "not_found", "this entry is no decision"));
    };
    let (explain, of) = (house.explain, row.id.clone());
    let told = house.aside(move |state| Ok(explain(state, &of))).await?;
    let told = told.unwrap_or_else(|why| Explained { untold: vec![why], ..Explained::default() });
    let aim = log::query(asked)?.one("rule").and_then(Aim::parse);
    let end = closing.as_ref().and_then(End::of);
    let draft = draft(house, somebody, &entry, aim)?;
    render(StatusCode::OK, &page(house, somebody, (&entry, row, end), told, draft))
}

type Pair = (Entry, Option<Entry>);

fn find(log: &toolgate_store::Log, id: &str) -> Result<Option<Pair>, ReadError> {
    let Some(entry) = log.decision(id)? else { return Ok(None) };
    let opened = matches!(entry.kind, Kind::Opened(_));
    let closing = if opened { log.closing_within(entry.seq, END_WITHIN)? } else { None };
    Ok(Some((entry, closing)))
}

fn page(
    house: &House,
    somebody: &Somebody,
    (entry, row, end): (&Entry, Row, Option<End>),
    told: Explained,
    draft: Option<Draft>,
) -> Page {
    let title = format!("{} at {}", row.tool, row.server);
    let known = facts(entry);
    let arguments = known.and_then(|facts| facts.arguments.as_ref());
    let raw = arguments.and_then(|arguments| arguments.raw.as_ref());
    let retry = match &entry.kind {
        Kind::Denied(denied) => denied.retry_after_ms.map(|ms| retry(denied.effect, ms)),
        _ => None,
    };
    let unknown = "unknown: it may have reached the server. It is under way, or the gate was \
                   stopped before its end was recorded";
    let opened = matches!(entry.kind, Kind::Opened(_));
    Page {
        frame: Frame::new(house, somebody, toolgate_catalog::visible(&title), Section::Log),
        seq: entry.seq,
        time: moment::readable(entry.wall_ms),
        word: row.word.as_str(),
        what: Foreign::of(&row.tool),
        server: Foreign::of(&row.server),
        facts: known.map(|facts| facts_of(facts, &row)).unwrap_or_default(),
        keys: arguments.iter().flat_map(|it| &it.keys).map(|key| Foreign::of(key)).collect(),
        digest: arguments.map(|it| it.digest.clone()).unwrap_or_default(),
        has_arguments: arguments.is_some(),
        arguments: raw.map(|raw| Arguments::of(&String::from_utf8_lossy(raw))),
        code: Foreign::of(&row.code),
        place: Foreign::of(&row.rule),
        retry: retry.unwrap_or_default(),
        shadow: shadow(entry),
        levels: levels(entry),
        outcome: match end {
            Some(end) => end.words(),
            None if opened => unknown.to_owned(),
            None => "nothing was sent".to_owned(),
        },
        approval: known.and_then(|facts| facts.approval.clone()),
        explained: Told::of(told),
        draft,
        id: row.id,
    }
}

fn facts_of(facts: &Facts, row: &Row) -> Vec<(&'static str, Foreign)> {
    let mut all = vec![
        ("Principal", Foreign::of(&row.principal)),
        ("Grant", Foreign::of(&row.grant)),
        ("Method", Foreign::of(&facts.method)),
        ("Policy", Foreign::of(&format!("revision {}", facts.revision))),
    ];
    let labels = [("Client, as it calls itself", &facts.client), ("Trace", &facts.trace)];
    for (name, value) in labels {
        all.extend(value.as_deref().map(|value| (name, Foreign::of(value))));
    }
    all
}

fn retry(effect: Effect, ms: u64) -> String {
    match effect {
        Effect::Pending => "passes once somebody has said yes".to_owned(),
        Effect::Deny | Effect::Limit => format!("would have passed {} later", moment::span(ms)),
    }
}

fn shadow(entry: &Entry) -> String {
    let Kind::Opened(opened) = &entry.kind else { return String::new() };
    match &opened.shadow {
        Some(Would { effect: Some(effect), code, pointer, .. }) => {
            let what = match effect {
                Effect::Deny => "denied",
                Effect::Limit => "limited",
                Effect::Pending => "held for a person",
            };
            toolgate_catalog::visible(&format!("would have been {what}: {code} at {pointer}"))
        }
        Some(_) => "would have been allowed as well".to_owned(),
        None => String::new(),
    }
}

fn levels(entry: &Entry) -> Vec<Level> {
    let (spent, shadow): (&[Spent], &[Spent]) = match &entry.kind {
        Kind::Denied(denied) => (&denied.wanted, &[]),
        Kind::Opened(opened) => {
            (&opened.spent, opened.shadow.as_ref().map_or(&[], |would| &would.spent))
        }
        Kind::Answered(_) | Kind::Changed(_) | Kind::Closed(_) | Kind::Note(_) => (&[], &[]),
    };
    let all = spent.iter().map(|it| (it, false)).chain(shadow.iter().map(|it| (it, true)));
    all.flat_map(|(charge, shadow)| charge.bounds.iter().map(move |it| level(charge, it, shadow)))
        .collect()
}

fn level(charge: &Spent, level: &toolgate_store::Level, shadow: bool) -> Level {
    let (before, amount, max) = (level.before, charge.amount, level.max);
    let stands = match level.after {
        Some(after) => format!("{before} + {amount} = {after} of {max}"),
        None => format!("{before} + {amount} is more than {max}"),
    };
    let length = moment::span(level.window.length_s.get().saturating_mul(1000));
    let window = match level.window.align {
        Align::Calendar => format!("{length} of the calendar"),
        Align::Sliding => length,
    };
    let at = Foreign::of(&level.pointer);
    let counter = Foreign::of(&charge.counter.name);
    Level { counter, scope: level.scope.as_str(), window, stands, at, shadow }
}

impl Told {
    fn of(told: Explained) -> Self {
        let step = |step: crate::explained::ExplainedStep| Step {
            place: if step.place.is_empty() { step.pointer } else { step.place },
            asks: step.asks,
            end: step.end,
            what: Foreign::of(&step.what),
            more: step.more.iter().map(|line| Foreign::of(line)).collect(),
            decides: step.decides,
        };
        let policy = |(name, revision): (String, String)| (Foreign::of(&name), revision);
        let remedy = |(place, text): (String, String)| (place, Foreign::of(&text));
        Self {
            policies: told.policies.into_iter().map(policy).collect(),
            steps: told.steps.into_iter().map(step).collect(),
            verdict: Foreign::of(&told.verdict),
            to_pass: told.to_pass.into_iter().map(remedy).collect(),
            untold: told.untold.iter().map(|text| Foreign::of(text)).collect(),
        }
    }
}

/// Nothing for what is no tool. Once a policy can be edited here, the draft leads there.
fn draft(
    house: &House,
    somebody: &Somebody,
    entry: &Entry,
    aim: Option<Aim>,
) -> Result<Option<Draft>, Refusal> {
    let Some(facts) = facts(entry) else { return Ok(None) };
    let Some(yaml) = rule(facts, aim.unwrap_or(Aim::Allow)) else { return Ok(None) };
    let mut forms = Vec::new();
    let session = somebody.session.as_ref().filter(|_| somebody.may(toolgate_store::Power::Edit));
    if let Some(session) = session.filter(|_| aim.is_some()) {
        let policies = house.read(|readers| readers.directory.read())?.policies;
        for policy in policies.into_keys() {
            let action = format!("/policies/{policy}/draft");
            if route::find(&Method::POST, &action).is_ok() {
                let nonce = session.nonce(&action);
                forms.push(DraftForm { policy, action, nonce });
            }
        }
    }
    let aims = Aim::ALL.map(|(one, name, words)| (name, words, aim == Some(one)));
    Ok(Some(Draft {
        aims: aims.to_vec(),
        chosen: aim.is_some(),
        text: Foreign::of(&yaml),
        yaml,
        tool: facts.tool.clone().unwrap_or_default(),
        forms,
    }))
}

impl Page {
    /// The commands that say the same.
    fn commands(&self) -> [String; 2] {
        ["explain", "audit show"].map(|verb| format!("toolgate {verb} {}", shell_word(&self.id)))
    }
}
