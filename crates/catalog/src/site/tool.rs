//! The page of one tool.

use std::collections::HashSet;

use askama::Template;
use toolgate_json::Value;

use crate::{Annotations, Param, Risk, Tool, tokens};

use super::found::Found;
use super::frame::Frame;
use super::parts::{Card, Faq, FindingView, Level, Link, Score};
use super::policy::{Policy, by_definition};
use super::rich::Rich;
use super::slug::slug;
use super::words::{Kind, kind, of_severity, purpose};
use super::{Scanned, Site, parts, quoted, server, snippet};

#[derive(Template)]
#[template(path = "tool.html")]
pub(super) struct Page {
    frame: Frame,
    tool: View,
    path: String,
}

struct View {
    name: String,
    title: String,
    server: String,
    server_href: String,
    kind: Kind,
    strict: &'static str,
    level: Level,
    score: Score,
    confidence: u32,
    lead: Rich,
    description: String,
    params: Vec<ParamView>,
    more_params: usize,
    arithmetic: String,
    evidence: Vec<Evidence>,
    findings: Vec<FindingView>,
    policy: Policy,
    controls: Vec<Control>,
    attacks: Vec<Card>,
    related: Vec<Link>,
    faq: Vec<Faq>,
    annotations: Vec<String>,
    tokens: String,
    fingerprint: String,
    seen: String,
}

struct ParamView {
    path: String,
    kind: String,
    required: bool,
    description: String,
}

struct Evidence {
    text: Rich,
    quote: String,
    weight: String,
}

pub(super) struct Control {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) text: String,
    pub(super) snippet: String,
}

const PARAMS_MAX: usize = 60;
pub(super) const ATTACKS_MAX: usize = 8;
const RELATED_MAX: usize = 10;

/// From the start of the site. A name that is listed twice has two pages.
pub(super) fn path(server: &str, judged: &[(Tool<'_>, Risk)], nth: usize) -> String {
    let name = &judged[nth].0.name;
    let before = judged[..nth].iter().filter(|(tool, _)| tool.name == *name).count();
    let folder = format!("tools/{}", slug(server));
    match before {
        0 => format!("{folder}/{}.html", slug(name)),
        // No slug has two dots in front of its end.
        again => format!("{folder}/{}..{}.html", slug(name), again + 1),
    }
}

impl Page {
    pub(super) fn path(&self) -> String {
        self.path.clone()
    }
}

pub(super) fn page(site: &Site<'_>, found: &Found, (at, nth): (usize, usize)) -> Page {
    let scanned = &site.servers[at];
    let path = path(&scanned.survey.server, scanned.judged, nth);
    let frame = site.frame(2, "servers", quoted::start(&scanned.judged[nth].0.name, 80));
    let tool = view(scanned, nth, found.related(&path, &frame.root, RELATED_MAX), &frame.root);
    Page { frame, tool, path }
}

fn view(scanned: &Scanned<'_>, nth: usize, related: Vec<Link>, root: &str) -> View {
    let (tool, risk) = &scanned.judged[nth];
    let name = quoted::line(&tool.name);
    let server = quoted::line(&scanned.survey.server);
    let surveyed = scanned.survey.tools.get(nth);
    let findings = surveyed.map_or(&risk.findings[..], |one| &one.findings);
    let cost = tokens(tool);
    let seen = scanned.history.first().map(|state| state.when.clone()).unwrap_or_default();
    View {
        title: quoted::start(&tool.title, 120),
        server_href: format!("{root}{}", server::path(&scanned.survey.server)),
        kind: kind(risk.category),
        strict: risk.strict.name(),
        level: parts::level(risk.severity),
        score: parts::score(risk.score),
        confidence: percent(risk.confidence),
        lead: lead(&name, &server, risk),
        description: quoted::lines(&tool.description),
        params: tool.params.iter().take(PARAMS_MAX).map(param).collect(),
        more_params: tool.params.len().saturating_sub(PARAMS_MAX),
        arithmetic: arithmetic(risk),
        evidence: risk.signals.iter().map(evidence).collect(),
        findings: parts::findings(findings),
        policy: by_definition(&scanned.survey.server, &scanned.judged[nth..=nth]),
        controls: controls(tool, risk),
        attacks: parts::attacks(
            &[risk.category, risk.strict],
            risk.signals.iter().map(|signal| signal.id),
            ATTACKS_MAX,
        ),
        related,
        faq: faq(&name, &server, (tool, risk), &scanned.reached),
        annotations: hints(tool.annotations),
        tokens: server::definitions(Some(cost)),
        fingerprint: surveyed.map(|one| one.fingerprint.to_string()).unwrap_or_default(),
        seen,
        name,
        server,
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 100")]
pub(super) fn percent(confidence: f32) -> u32 {
    (confidence.clamp(0.0, 1.0) * 100.0).round() as u32
}

fn lead(name: &str, server: &str, risk: &Risk) -> Rich {
    let text = format!("With `{name}` an agent {} {server}.", purpose(risk.category));
    Rich::of(&format!("{text} {}", of_severity(risk.severity)))
}

/// From the category to the score.
pub(super) fn arithmetic(risk: &Risk) -> String {
    let base = risk.category.gravity();
    let (name, score) = (risk.category.name(), risk.score);
    let step = match i32::from(score) - i32::from(base) {
        0 => "nothing in its arguments moves that".to_owned(),
        more @ 1.. => format!("{more} more for what its arguments allow"),
        less => format!("{} less for what holds it back", -less),
    };
    let is = risk.severity.name().to_lowercase();
    format!("{name} begins at {base}; {step}: {score} of 5, which is {is}.")
}

fn evidence(signal: &crate::Signal) -> Evidence {
    Evidence {
        text: Rich::of(&quoted::start(&signal.text, 160)),
        quote: signal.quote.as_deref().map(|quote| quoted::start(quote, 160)).unwrap_or_default(),
        weight: match signal.weight {
            0.0 => String::new(),
            weight => format!("{weight:+.1}"),
        },
    }
}

fn param(param: &Param<'_>) -> ParamView {
    ParamView {
        path: quoted::start(&param.path, 120),
        kind: kind_of(param.schema),
        required: param.required,
        description: quoted::start(&param.description, 300),
    }
}

/// `string`, `array of string`, `one of 3`.
pub(super) fn kind_of(schema: Value<'_>) -> String {
    let text = |value: Value<'_>| value.as_str().map(|text| quoted::start(&text, 40));
    if let Some(values) = schema.get("enum") {
        return format!("one of {}", values.items().count());
    }
    let Some(kind) = schema.get("type") else { return "any".to_owned() };
    let names: Vec<String> = kind.items().filter_map(text).collect();
    match text(kind) {
        Some(name) if name == "array" => {
            let item = schema.get("items").and_then(|items| text(items.get("type")?));
            item.map_or(name, |item| format!("array of {item}"))
        }
        Some(name) => name,
        None if names.is_empty() => "any".to_owned(),
        None => names.join(" or "),
    }
}

pub(super) fn hints(hints: Annotations) -> Vec<String> {
    let all = [
        ("readOnlyHint", hints.read_only),
        ("destructiveHint", hints.destructive),
        ("idempotentHint", hints.idempotent),
        ("openWorldHint", hints.open_world),
    ];
    all.iter().filter_map(|(name, hint)| hint.map(|is| format!("{name}: {is}"))).collect()
}

pub(super) fn controls(tool: &Tool<'_>, risk: &Risk) -> Vec<Control> {
    let (name, per_minute) = (&*tool.name, if risk.score >= 3 { 10 } else { 30 });
    let (validate, limit) =
        (snippet::validate(name, &risk.signals), snippet::rate_limit(name, per_minute));
    let control =
        |id, title, text: &str, snippet| Control { id, title, text: text.to_owned(), snippet };
    vec![
        control(
            "rate-limit",
            "Rate-limit it",
            "So many calls in any sixty seconds, counted for each grant and kept over restarts. \
             The next call is denied with the time to wait.",
            limit,
        ),
        control(
            "validate",
            "Validate its arguments",
            "A call is let through only if its arguments hold. What is missing, or of another \
             type, is denied.",
            validate,
        ),
        control(
            "hide",
            "Hide it",
            "It is cut out of every list, and a call gets the answer that a tool which does not \
             exist would get.",
            snippet::hide(name),
        ),
        control(
            "block",
            "Block it",
            "It stays in the list; each call is denied, and the agent is told why.",
            snippet::block(name),
        ),
        control(
            "approve",
            "Ask a person",
            "A call waits for somebody to say yes. Where nobody can be asked, it is denied.",
            snippet::approve(name),
        ),
    ]
}

fn faq(name: &str, server: &str, (tool, risk): (&Tool<'_>, &Risk), reached: &str) -> Vec<Faq> {
    let (kind, level) = (kind(risk.category), risk.severity.name());
    let ids: HashSet<_> =
        risk.signals.iter().filter_map(|signal| signal.param.as_deref()).collect();
    let arguments = match ids.len() {
        0 => String::new(),
        many => format!(" {} of its arguments deserve a look.", parts::thousands(many)),
    };
    let does = match tool.description.trim() {
        "" => "Its server does not say.".to_owned(),
        text => format!("Its server says: “{}”", quoted::start(text, 280)),
    };
    vec![
        parts::faq(
            format!("What does {name} do?"),
            format!("{does} Its category is {}: {}", kind.name, kind.effect),
        ),
        parts::faq(
            format!("What risk level is {name}?"),
            format!("{level}, {} of 5. {}{arguments}", risk.score, of_severity(risk.severity)),
        ),
        parts::faq(
            format!("How do I enforce a policy on {name}?"),
            format!(
                "Write a rule under its name in a policy document, or copy the recommended one, \
                 and put toolgate between the client and {server}: `toolgate run --policy \
                 policy.yaml` in front of the server's command. Every call is decided before \
                 the server hears of it, and recorded."
            ),
        ),
        parts::faq(
            format!("Can I rate-limit {name}?"),
            "Yes: a limit names a window and a bound, 10 a minute for example. It holds for any \
             stretch of that length, is counted for each grant, and cannot be got round by \
             restarting, reconnecting or changing the clock.",
        ),
        parts::faq(
            format!("How do I block {name} completely?"),
            "Leave it out of a policy with `default: deny`, write `action: deny` under its name to \
             say why, or hide it so that agents never see it.",
        ),
        parts::faq(
            format!("What MCP server provides {name}?"),
            format!("{server}, reached here as {}.", quoted::start(reached, 200)),
        ),
    ]
}
