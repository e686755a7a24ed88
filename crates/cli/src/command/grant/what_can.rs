//! `grant what-can`: which tools a grant may use, and how much is left of its limits.

use std::path::Path;
use std::time::Duration;

use toolgate_gateway::{Asking, Vault, inspect};
use toolgate_policy::document::{self, Colour};
use toolgate_policy::{Caller, Outlook, Policy, Principal, Prospect, Unit, Weight, outlook_under};
use toolgate_store::{Directory, Durability, Grant, Options, Pin, Store};

use crate::exit::{Exit, Failure};
use crate::json::{self, Object};
use crate::{output, place, sheet, time, wire};

const PATIENCE: Duration = Duration::from_secs(30);

/// One tool of one server.
struct Row {
    server: String,
    tool: String,
    /// Why no call passes, if the tool is no longer what it was and nobody has accepted that.
    blocked: Option<&'static str>,
    outlook: Outlook,
    weights: Vec<Weight>,
}

pub(super) fn execute(state: &Path, name: &str, json: bool) -> Result<(), Failure> {
    let directory = place::read(state)?;
    let grant = directory.grants.get(name).ok_or_else(|| super::unknown(name))?;
    if let Some(ended) = ended(grant) {
        output::tell(&format!(
            "toolgate: grant `{name}` {ended}, so nothing is allowed: this is what it could do"
        ));
    }
    let policies = policies(&directory, grant)?;
    let store = Store::open(state, Options { durability: Durability::Normal })?;
    let vault = Vault::new(state, None);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let rows = runtime.block_on(rows(&directory, grant, &policies, (store, &vault), state));
    runtime.shutdown_background();
    let (rows, unasked) = rows?;
    for why in unasked {
        output::tell(&format!("toolgate: {why}"));
    }
    if json { output::print(&to_json(grant, &rows)) } else { show(&rows) }
}

/// Why the grant is no right any more, if so.
fn ended(grant: &Grant) -> Option<String> {
    let now_ms = u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or_default();
    let expired = |at: &u64| *at <= now_ms;
    match (grant.revoked_ms, grant.expires_ms.filter(expired)) {
        (Some(at), _) => Some(format!("was revoked {}", time::local(at))),
        (None, Some(at)) => Some(format!("expired {}", time::local(at))),
        (None, None) => None,
    }
}

/// The organization's first; a grant without a policy of its own has none that allows.
fn policies(directory: &Directory, grant: &Grant) -> Result<Vec<Policy>, Failure> {
    let Some(own) = &grant.policy else { return Ok(Vec::new()) };
    let names = directory.organization.iter().chain([own]);
    names
        .map(|name| {
            let text = directory.policies.get(name).map(|policy| policy.text.as_str());
            let text = text.unwrap_or_default();
            document::read(name, text).map(|(policy, _)| policy).map_err(|errors| {
                output::tell(document::render(&errors, text, Colour::Off).trim_end());
                Failure::new(Exit::Policy, format!("the policy `{name}` has errors"))
            })
        })
        .collect()
}

/// Also why a server's tools are not known.
async fn rows(
    directory: &Directory,
    grant: &Grant,
    policies: &[Policy],
    (store, vault): (Store, &Vault),
    state: &Path,
) -> Result<(Vec<Row>, Vec<String>), Failure> {
    let (mut rows, mut unasked) = (Vec::new(), Vec::new());
    for server in &grant.servers {
        let tools = match tools(directory, server, (&store, vault), state).await {
            Ok(tools) => tools,
            Err(why) => {
                unasked.push(format!("the tools of server `{server}` are not known: {why}"));
                continue;
            }
        };
        let principal = Principal { issuer: grant.issuer.clone(), subject: grant.subject.clone() };
        let caller = Caller { principal, grant: grant.name.clone(), server: server.clone() };
        for (tool, blocked) in tools {
            let outlook = outlook_under(policies, &tool);
            let weights = store.weigh(caller.clone(), outlook.charges.clone()).await;
            let weights = weights.map_err(|why| Failure::new(Exit::State, why.to_string()))?;
            rows.push(Row { server: server.clone(), tool, blocked, outlook, weights });
        }
    }
    let finished = store.finish().await;
    finished.map_err(|why| Failure::new(Exit::State, why.to_string()))?;
    Ok((rows, unasked))
}

/// As they are pinned; a server that nobody has used is asked. Each with why it is blocked.
async fn tools(
    directory: &Directory,
    server: &str,
    (store, vault): (&Store, &Vault),
    state: &Path,
) -> Result<Vec<(String, Option<&'static str>)>, String> {
    let blocks = |pin: &Pin| match (pin.gone_ms, pin.changed) {
        (Some(_), _) => Some("gone"),
        (None, Some(_)) => Some("changed"),
        (None, None) => None,
    };
    if let Some(pins) = directory.pins.get(server) {
        return Ok(pins.iter().map(|(tool, pin)| (tool.clone(), blocks(pin))).collect());
    }
    let there = directory.servers.get(server).ok_or("it is not registered any more")?;
    let spec = wire::read_server(state, &there.spec)?;
    let stopping = tokio::sync::watch::channel(false).1;
    let asking = Asking { store: store.clone(), vault, patience: PATIENCE, stopping };
    let asked = inspect((server, &spec.upstream), asking).await;
    let tools = asked.map_err(|error| error.text)?.tools;
    Ok(tools.iter().filter_map(|tool| Some((json::text_member(tool, "name")?, None))).collect())
}

impl Row {
    fn answer(&self) -> &'static str {
        match (self.outlook.answer, self.blocked) {
            (Prospect::Allow | Prospect::Depends, Some(why)) => why,
            (Prospect::Allow, None) if self.is_spent() => "limit",
            (Prospect::Allow, None) => "allow",
            (Prospect::Depends, None) => "depends",
            (Prospect::Deny, _) => "deny",
            (Prospect::Hide, _) => "hidden",
        }
    }

    fn is_spent(&self) -> bool {
        self.weights.iter().any(|weight| weight.retry_in_ms.is_some())
    }

    fn needs(&self) -> String {
        let person = self.outlook.is_approved.then(|| "a person's approval".to_owned());
        let conditions = self.outlook.conditions.iter().map(ToString::to_string);
        person.into_iter().chain(conditions).collect::<Vec<_>>().join(", ")
    }
}

fn show(rows: &[Row]) -> Result<(), Failure> {
    let rows = rows.iter().map(|row| {
        let left = row.weights.iter().map(left).collect::<Vec<_>>().join("; ");
        [row.server.clone(), row.tool.clone(), row.answer().to_owned(), row.needs(), left]
    });
    sheet::print(["server", "tool", "answer", "needs", "left"], rows)
}

fn left(weight: &Weight) -> String {
    let bound = &weight.bound;
    let left = bound.max.saturating_sub(weight.used);
    let unit = if weight.counter.unit == Unit::Calls { " calls" } else { "" };
    let reset = weight.reset_in_ms.map(|ms| format!(", all of it in {}", time::span(ms * 1000)));
    let window = bound.window.length_s;
    format!("{left} of {}{unit} per {window} s{}", bound.max, reset.unwrap_or_default())
}

fn to_json(grant: &Grant, rows: &[Row]) -> String {
    let tools = rows.iter().map(|row| {
        let conditions = row.outlook.conditions.iter().map(|pointer| json::string(pointer));
        Object::new()
            .text("server", &row.server)
            .text("tool", &row.tool)
            .text("answer", row.answer())
            .plain("approval", row.outlook.is_approved)
            .raw("conditions", json::array(conditions))
            .raw("limits", json::array(row.weights.iter().map(limit_to_json)))
            .finish()
    });
    Object::new()
        .plain("version", 1)
        .text("grant", &grant.name)
        .raw("tools", json::array(tools))
        .finish()
        + "\n"
}

/// Amounts are decimals of any length, so they are texts.
fn limit_to_json(weight: &Weight) -> String {
    let bound = &weight.bound;
    Object::new()
        .text("counter", &weight.counter.name)
        .text("unit", weight.counter.unit.as_str())
        .text("scope", bound.scope.as_str())
        .text("rule", &bound.pointer)
        .plain("window_s", bound.window.length_s)
        .text("max", &bound.max.to_string())
        .text("used", &weight.used.to_string())
        .text("left", &bound.max.saturating_sub(weight.used).to_string())
        .maybe_raw("reset_in_ms", weight.reset_in_ms.map(|ms| ms.to_string()))
        .maybe_raw("retry_in_ms", weight.retry_in_ms.map(|ms| ms.to_string()))
        .finish()
}
