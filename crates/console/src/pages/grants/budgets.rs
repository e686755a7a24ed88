//! What a grant may do, and how much is left of its limits.

use toolgate_policy::document;
use toolgate_policy::{
    Caller, Charge, Outlook, Policy, Principal, Prospect, Unit, Weight, outlook_under,
};
use toolgate_store::{Directory, Grant, Pin};

use crate::house::House;
use crate::moment;
use crate::pages::foreign::Foreign;
use crate::reply::Refusal;

/// All of it, at every server of the grant.
#[derive(Debug, Default)]
pub(super) struct Budgets {
    pub(super) tools: Vec<Row>,
    pub(super) tools_left_out: usize,
    pub(super) limits: Vec<Left>,
    /// Servers whose tools nobody has seen yet.
    pub(super) unseen: Vec<Foreign>,
}

#[derive(Debug)]
pub(super) struct Row {
    pub(super) server: Foreign,
    pub(super) tool: Foreign,
    pub(super) answer: &'static str,
    pub(super) needs: Vec<Foreign>,
}

/// One bound of one counter.
#[derive(Debug)]
pub(super) struct Left {
    pub(super) counter: Foreign,
    pub(super) server: Foreign,
    pub(super) scope: &'static str,
    pub(super) rest: String,
    pub(super) max: String,
    pub(super) window: String,
    pub(super) reset: String,
    /// Of a bar 100 wide.
    pub(super) percent: u64,
    pub(super) is_spent: bool,
}

const TOOLS_MAX: usize = 300;

pub(super) async fn of(
    house: &House,
    directory: &Directory,
    grant: &Grant,
) -> Result<Budgets, Refusal> {
    let mut all = Budgets::default();
    let policies = policies(directory, grant)?;
    for server in &grant.servers {
        let known = known(house, directory, server)?;
        if known.is_empty() {
            all.unseen.push(Foreign::of(server));
            continue;
        }
        let tools = known.iter().map(|(tool, pin)| (tool, pin, outlook_under(&policies, tool)));
        let tools: Vec<_> = tools.collect();
        let room = TOOLS_MAX.saturating_sub(all.tools.len());
        all.tools_left_out += tools.len().saturating_sub(room);
        all.tools.extend(tools.iter().take(room).map(|(tool, pin, outlook)| Row {
            server: Foreign::of(server),
            tool: Foreign::of(tool),
            answer: answer(outlook, pin.as_ref()),
            needs: needs(outlook),
        }));
        let charges = distinct(tools.into_iter().flat_map(|(_, _, outlook)| outlook.charges));
        let principal = Principal { issuer: grant.issuer.clone(), subject: grant.subject.clone() };
        let caller = Caller { principal, grant: grant.name.clone(), server: server.clone() };
        let weights = house.store.weigh(caller, charges).await;
        let weights = weights.map_err(|why| Refusal::unavailable(&why.to_string()))?;
        all.limits.extend(weights.iter().map(|weight| left(server, weight)));
    }
    Ok(all)
}

/// The organization's first; a grant without a policy of its own has none that allows.
fn policies(directory: &Directory, grant: &Grant) -> Result<Vec<Policy>, Refusal> {
    let Some(own) = &grant.policy else { return Ok(Vec::new()) };
    let names = directory.organization.iter().chain([own]);
    names
        .map(|name| {
            let text = directory.policies.get(name).map(|policy| policy.text.as_str());
            let read = document::read(name, text.unwrap_or_default());
            let broken = |_| Refusal::unavailable("a policy of this grant has errors");
            read.map(|(policy, _)| policy).map_err(broken)
        })
        .collect()
}

/// Tools often share a counter: each is weighed once.
fn distinct(charges: impl Iterator<Item = Charge>) -> Vec<Charge> {
    let mut all: Vec<Charge> = Vec::new();
    for charge in charges {
        let mut known = all.iter();
        if !known.any(|there| there.counter == charge.counter && there.bounds == charge.bounds) {
            all.push(charge);
        }
    }
    all
}

/// As they are pinned, else as the last scan has found them.
fn known(
    house: &House,
    directory: &Directory,
    server: &str,
) -> Result<Vec<(String, Option<Pin>)>, Refusal> {
    if let Some(pins) = directory.pins.get(server) {
        return Ok(pins.iter().map(|(tool, pin)| (tool.clone(), Some(pin.clone()))).collect());
    }
    house.read(|readers| {
        let survey = readers.directory.surveys(Some(server))?.pop();
        let tools = survey.map(|survey| readers.directory.surveyed(survey.id)).transpose()?;
        Ok(tools.unwrap_or_default().into_iter().map(|tool| (tool.name, None)).collect())
    })
}

fn answer(outlook: &Outlook, pin: Option<&Pin>) -> &'static str {
    let (gone, changed) = pin.map(|pin| (pin.gone_ms, pin.changed)).unwrap_or_default();
    match (outlook.answer, gone, changed) {
        (Prospect::Hide, ..) => "hidden",
        (Prospect::Deny, ..) => "denied",
        (_, Some(_), _) => "blocked: the tool is gone",
        (_, None, Some(_)) => "blocked: the tool has changed",
        (Prospect::Allow, None, None) => "allowed",
        (Prospect::Depends, None, None) => "depends",
    }
}

fn needs(outlook: &Outlook) -> Vec<Foreign> {
    let person = outlook.is_approved.then(|| Foreign::of("a person's approval"));
    let conditions = outlook.conditions.iter().map(|pointer| Foreign::of(pointer));
    person.into_iter().chain(conditions).collect()
}

fn left(server: &str, weight: &Weight) -> Left {
    let bound = &weight.bound;
    let rest = bound.max.saturating_sub(weight.used);
    let percent = weight.used.units().saturating_mul(100).checked_div(bound.max.units());
    let percent = percent.and_then(|percent| u64::try_from(percent).ok()).unwrap_or(100).min(100);
    let calls = matches!(weight.counter.unit, Unit::Calls | Unit::ShadowCalls);
    Left {
        counter: Foreign::of(&weight.counter.name),
        server: Foreign::of(server),
        scope: bound.scope.as_str(),
        rest: rest.to_string(),
        max: format!("{}{}", bound.max, if calls { " calls" } else { "" }),
        window: moment::span(bound.window.length_s.get().saturating_mul(1000)),
        reset: weight.reset_in_ms.map(moment::span).unwrap_or_default(),
        percent,
        is_spent: weight.retry_in_ms.is_some(),
    }
}
