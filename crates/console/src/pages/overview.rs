//! The first page: what was decided lately, what waits, what is nearly used up, what has changed.

use std::time::Duration;

use askama::Template;
use hyper::StatusCode;
use toolgate_store::Power::Look;
use toolgate_store::{Budget, Directory, Extent, State, Which};

use crate::door::Asked;
use crate::house::House;
use crate::identity::Somebody;
use crate::log::{form_escaped, span};
use crate::moment;
use crate::reply::{Refusal, Reply};
use crate::route::Door::Session;
use crate::route::Route;
use crate::watch::Range;

use super::chart::{self, Bars, Lines};
use super::foreign::Foreign;
use super::frame::{Frame, Section};
use super::{log, render};

#[derive(Template)]
#[template(path = "overview.html")]
struct Page {
    frame: Frame,
    /// Address, name, whether it is the one shown.
    ranges: Vec<(String, &'static str, bool)>,
    range: &'static str,
    counted_from: String,
    figures: Vec<Figure>,
    bars: Bars,
    lines: Option<Lines>,
    p50: String,
    p99: String,
    tools: Vec<Top>,
    denials: Vec<Top>,
    budgets: Vec<Near>,
    changed: Vec<(Foreign, Foreign, &'static str)>,
    servers: Vec<Health>,
    freezes: Vec<Foreign>,
}

struct Figure {
    name: &'static str,
    count: String,
    address: String,
    class: &'static str,
}

/// One of those there are most of.
struct Top {
    what: Foreign,
    at: Foreign,
    count: u64,
    percent: u64,
    address: String,
}

struct Near {
    counter: Foreign,
    owner: Foreign,
    scope: &'static str,
    used: String,
    window: String,
    percent: u128,
    bar: u128,
}

/// How calls at a server ended.
struct Health {
    name: Foreign,
    answered: u64,
    failed: u64,
    gone: u64,
    state: &'static str,
}

const TOP_MAX: usize = 8;
/// A budget as full as this is shown.
const NEAR_PERCENT: u128 = 50;
/// What has just happened is counted for so long before the page is shown.
const CATCH_UP: Duration = Duration::from_millis(40);

pub(crate) const ROUTES: &[Route] =
    &[Route::get("/", Session(Look, |house, who, asked| Box::pin(show(house, who, asked))))];

async fn show(house: &House, somebody: &Somebody, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let range = match log::query(asked)?.one("range") {
        None => Range::Day,
        Some(text) => Range::parse(text)
            .ok_or_else(|| Refusal::bad_request("`range` is one of `1h`, `24h`, `7d`, `30d`"))?,
    };
    let newest = house.in_log(toolgate_store::Log::newest).await?;
    house.pulse.catch_up(newest, CATCH_UP).await;
    let directory = house.read(|readers| readers.directory.read())?;
    let waiting = house.read(|readers| readers.approvals.list(Which::Pending))?;
    let waiting = waiting.iter().filter(|one| one.state == State::Pending).count();
    let seen = house.pulse.look(range);
    let look = &seen.look;
    let changed = changed(&directory);
    let figures = figures(look.total, range, waiting, changed.len());
    let most = look.tools.first().map_or(0, |tool| tool.2);
    let most_denied = look.denials.first().map_or(0, |denial| denial.3);
    let duration = |us: Option<u64>| us.map_or_else(|| "–".to_owned(), span);
    let page = Page {
        frame: Frame::new(house, somebody, "Overview", Section::Overview),
        ranges: Range::ALL
            .map(|(it, name, words)| (format!("/?range={name}"), words, it == range))
            .to_vec(),
        range: range.as_str(),
        counted_from: seen.counted_from_ms.map(moment::readable).unwrap_or_default(),
        figures,
        bars: Bars::of(&look.bars),
        lines: Lines::of(&look.bars),
        p50: duration(look.p50_us),
        p99: duration(look.p99_us),
        tools: look.tools.iter().take(TOP_MAX).map(|it| tool(it, most, range)).collect(),
        denials: look
            .denials
            .iter()
            .take(TOP_MAX)
            .map(|it| denial(it, most_denied, range))
            .collect(),
        budgets: near(&seen.budgets),
        changed,
        servers: look.servers.iter().map(health).collect(),
        freezes: directory.freezes.iter().map(|it| frozen(&it.extent)).collect(),
    };
    render(StatusCode::OK, &page)
}

fn figures(total: [u64; 4], range: Range, waiting: usize, changed: usize) -> Vec<Figure> {
    let from = range.as_str();
    let one = |name, count: u64, effect: &str, class| Figure {
        name,
        count: grouped(count),
        address: format!("/log?{effect}from={from}"),
        class,
    };
    let [_, deny, limit, pending] = total;
    let plain = |name, count: usize, address: &str| Figure {
        name,
        count: count.to_string(),
        address: address.to_owned(),
        class: if count > 0 { "pending" } else { "" },
    };
    vec![
        one("decisions", total.iter().sum(), "", ""),
        one("denied", deny, "effect=deny&", "deny"),
        one("over a limit", limit, "effect=limit&", "limit"),
        one("held for a person", pending, "effect=pending&", ""),
        plain("waiting now", waiting, "/approvals"),
        plain("tools changed", changed, "#changed"),
    ]
}

fn tool((server, name, count): &(String, String, u64), most: u64, range: Range) -> Top {
    let (tool, at) = (form_escaped(name), form_escaped(server));
    Top {
        what: Foreign::of(name),
        at: Foreign::of(server),
        count: *count,
        percent: chart::percent(*count, most),
        address: format!("/log?tool={tool}&server={at}&from={}", range.as_str()),
    }
}

fn denial(it: &(String, String, String, u64), most: u64, range: Range) -> Top {
    let (server, code, rule, count) = it;
    let what = if rule.is_empty() { code.clone() } else { format!("{code} at {rule}") };
    let by = form_escaped(if rule.is_empty() { code } else { rule });
    Top {
        what: Foreign::of(&what),
        at: Foreign::of(server),
        count: *count,
        percent: chart::percent(*count, most),
        address: format!("/log?code={by}&server={}&from={}", form_escaped(server), range.as_str()),
    }
}

fn near(budgets: &[Budget]) -> Vec<Near> {
    let near = budgets.iter().filter(|budget| budget.percent() >= NEAR_PERCENT).take(TOP_MAX);
    let one = |budget: &Budget| Near {
        counter: Foreign::of(&budget.counter),
        owner: Foreign::of(if budget.owner.is_empty() { "everybody" } else { &budget.owner }),
        scope: budget.scope.as_str(),
        used: format!("{} of {}", budget.used, budget.max),
        window: moment::span(budget.window_s.saturating_mul(1000)),
        percent: budget.percent(),
        bar: budget.percent().min(100),
    };
    near.map(one).collect()
}

/// Tools that are not what they were when somebody first saw them.
fn changed(directory: &Directory) -> Vec<(Foreign, Foreign, &'static str)> {
    let all = directory.pins.iter().flat_map(|(server, pins)| {
        pins.iter().filter_map(move |(tool, pin)| {
            let what = match (pin.changed, pin.gone_ms) {
                (Some(_), _) => "changed",
                (None, Some(_)) => "gone",
                (None, None) => return None,
            };
            Some((Foreign::of(tool), Foreign::of(server), what))
        })
    });
    all.collect()
}

fn health((name, [answered, failed, gone]): &(String, [u64; 3])) -> Health {
    let state = match (answered + failed, *gone) {
        (_, 0) => "answers",
        (0, _) => "does not answer",
        (_, _) => "answers, not always",
    };
    Health { name: Foreign::of(name), answered: *answered, failed: *failed, gone: *gone, state }
}

fn frozen(extent: &Extent) -> Foreign {
    Foreign::of(&match extent {
        Extent::All => "everything".to_owned(),
        Extent::Grant(name) => format!("grant {name}"),
        Extent::Server(name) => format!("server {name}"),
    })
}

/// `1 234 567`, with narrow spaces that do not break.
fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}
