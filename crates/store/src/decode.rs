//! Bodies of entries, read again: wholly for a reader of the log, in part for the counters.

use std::num::NonZeroU64;
use std::sync::Arc;

use bytes::Bytes;
use toolgate_json::{Decimal, Document, Kind as JsonKind, Reading, Value};
use toolgate_policy::{Align, Amount, Caller, Counter, CounterKey, Principal, Scope, Unit, Window};

use crate::approval::{Bond, Verdict, Way};
use crate::chain::{ChainId, Hash, from_hex};
use crate::directory::Concern;
use crate::entry::{
    Answered, Changed, Closed, Denied, Entry, Kind, Level, Note, Opening, Spent, Would,
};
use crate::facts::{Arguments, Effect, Facts, Outcome};
use crate::transaction::foreseen::PASSES;

/// What an entry means to the counters.
#[derive(Debug)]
pub(crate) struct Touch {
    pub(crate) chain: ChainId,
    pub(crate) time_ns: u64,
    /// When the amounts were spent: now, or when the closed call was opened.
    pub(crate) spent_ns: u64,
    /// The opened entry whose amounts these are, given back.
    pub(crate) closes: Option<u64>,
    /// Whom a change of the directory concerns, if it is one.
    pub(crate) changes: Option<Concern>,
    pub(crate) parts: Vec<Part>,
}

/// One counter that an entry touches.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) key: CounterKey,
    pub(crate) amount: Amount,
    /// No entry between this one and that touches the counter.
    pub(crate) previous: u64,
    pub(crate) windows: Vec<Window>,
}

/// Nothing if the body is not one that this version writes.
pub(crate) fn touch(body: Bytes) -> Option<Touch> {
    let document = Document::parse(body, Reading::Plain).ok()?;
    let root = document.root();
    let time_ns = integer(root, "time_ns")?;
    let kind = root.get("kind")?;
    let closes = if kind.is("closed") { Some(integer(root, "opened")?) } else { None };
    let (list, spent_ns) = match closes {
        Some(_) => (root.get("refund"), integer(root, "opened_ns")),
        None if kind.is("opened") => (root.get("charges"), Some(time_ns)),
        None => (None, None),
    };
    let counted = root.get("shadow").filter(|shadow| spent_ns.is_some() && counts(*shadow));
    let lists = list.into_iter().chain(counted.and_then(|shadow| shadow.get("charges")));
    let mut touched = Vec::new();
    for list in lists {
        touched.append(&mut parts(list, &caller(root)?)?);
    }
    let spent_ns = if touched.is_empty() { time_ns } else { spent_ns? };
    let chain = ChainId::parse(&root.get("chain")?.as_str()?)?;
    let changes = if kind.is("changed") { Some(concern(root)?) } else { None };
    Some(Touch { chain, time_ns, spent_ns, closes, changes, parts: touched })
}

fn concern(root: Value<'_>) -> Option<Concern> {
    let (code, subject) = (root.get("code")?.as_str()?, root.get("subject")?.as_str()?);
    Some(Concern::of(&code, &subject))
}

/// Whether what limits in shadow would have counted was counted.
fn counts(shadow: Value<'_>) -> bool {
    shadow.get("effect").is_some_and(|effect| effect.is(PASSES))
}

/// Every charge touches its counter under all scopes.
fn parts(list: Value<'_>, caller: &Caller) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    for value in list.items() {
        let keys = CounterKey::all(caller, &counter(value)?);
        let amount = amount(value, "amount")?;
        let bounds = value.get("bounds").into_iter().flat_map(Value::items);
        let bounds = bounds.map(|bound| Some((scope(bound)?, window(bound)?)));
        let bounds = bounds.collect::<Option<Vec<_>>>()?;
        let mut previous = value.get("previous")?.items();
        for (scope, key) in Scope::ALL.into_iter().zip(keys) {
            let previous = previous.next()?.as_number()?.parse().ok()?;
            let own = bounds.iter().filter(|(other, _)| *other == scope);
            let windows = own.map(|(_, window)| *window).collect();
            parts.push(Part { key, amount, previous, windows });
        }
    }
    Some(parts)
}

/// Nothing if the body is not one that this version writes.
pub(crate) fn entry(seq: u64, hash: Hash, body: Bytes) -> Option<Entry> {
    let document = Document::parse(body.clone(), Reading::Plain).ok()?;
    let root = document.root();
    let kind = match root.get("kind")?.as_str()?.as_ref() {
        "answered" => Kind::Answered(answered(root)?),
        "changed" => Kind::Changed(changed(root)?),
        "closed" => Kind::Closed(closed(root)?),
        "denied" => Kind::Denied(denied(root)?),
        "note" => Kind::Note(Note { code: string(root, "code")?, text: string(root, "text")? }),
        "opened" => Kind::Opened(opening(root)?),
        _ => return None,
    };
    Some(Entry {
        chain: ChainId::parse(&root.get("chain")?.as_str()?)?,
        seq,
        hash,
        time_ns: integer(root, "time_ns")?,
        wall_ms: integer(root, "wall_ms")?,
        kind,
        body,
    })
}

/// Of an entry in which somebody says yes, or a yes goes on for another round: which question it
/// is about, and what it is for.
pub(crate) fn yes(body: Bytes) -> Option<(String, Bond)> {
    let document = Document::parse(body, Reading::Plain).ok()?;
    let root = document.root();
    let said = match root.get("kind")?.as_str()?.as_ref() {
        "answered" if root.get("verdict")?.is(Verdict::Yes.as_str()) => "approval",
        "closed" => "approval_goes_on",
        _ => return None,
    };
    let binding = from_hex(&root.get("binding")?.as_str()?)?;
    let bond = Bond { binding, expires_ns: integer(root, "expires_ns")? };
    Some((string(root, said)?, bond))
}

fn answered(root: Value<'_>) -> Option<Answered> {
    let by = match string(root, "approver") {
        Some(subject) => {
            let way = Way::parse(&root.get("way")?.as_str()?)?;
            Some((format!("{}:{subject}", string(root, "approver_issuer")?), way))
        }
        None => None,
    };
    Some(Answered {
        approval: string(root, "approval")?,
        verdict: Verdict::parse(&root.get("verdict")?.as_str()?)?,
        by,
        reason: string(root, "reason"),
        asked: string(root, "asked")?,
        caller: caller(root)?,
        method: string(root, "method")?,
        tool: string(root, "tool"),
    })
}

fn changed(root: Value<'_>) -> Option<Changed> {
    let part = |key| string(root, key);
    Some(Changed {
        code: part("code")?,
        subject: part("subject")?,
        text: part("text")?,
        by: part("by")?,
    })
}

fn closed(root: Value<'_>) -> Option<Closed> {
    let refund = root.get("refund").map_or(Some(Vec::new()), |list| {
        let one = |value| Some((counter(value)?, amount(value, "amount")?));
        list.items().map(one).collect()
    })?;
    let findings = root.get("findings").map_or(Some(Vec::new()), |list| {
        list.items().map(|id| Some(id.as_str()?.into_owned())).collect()
    })?;
    Some(Closed {
        opened: integer(root, "opened")?,
        outcome: Outcome::parse(&root.get("outcome")?.as_str()?)?,
        findings,
        duration_us: integer(root, "duration_us")?,
        refund,
    })
}

fn denied(root: Value<'_>) -> Option<Denied> {
    Some(Denied {
        facts: facts(root)?,
        effect: Effect::parse(&root.get("effect")?.as_str()?)?,
        code: string(root, "code")?,
        pointer: string(root, "pointer")?,
        layer: layer(root)?,
        retry_after_ms: integer(root, "retry_after_ms"),
        wanted: charges(root)?,
    })
}

fn opening(root: Value<'_>) -> Option<Opening> {
    let shadow = match root.get("shadow") {
        Some(shadow) => Some(would(shadow)?),
        None => None,
    };
    Some(Opening { facts: facts(root)?, spent: charges(root)?, shadow })
}

fn would(shadow: Value<'_>) -> Option<Would> {
    let effect = shadow.get("effect")?.as_str()?;
    let part = |key| string(shadow, key).unwrap_or_default();
    Some(Would {
        effect: if effect == PASSES { None } else { Some(Effect::parse(&effect)?) },
        code: part("code"),
        pointer: part("pointer"),
        layer: layer(shadow)?,
        spent: charges(shadow)?,
    })
}

fn facts(root: Value<'_>) -> Option<Facts> {
    Some(Facts {
        caller: Arc::new(caller(root)?),
        client: string(root, "client"),
        trace: string(root, "trace"),
        method: string(root, "method")?,
        tool: string(root, "tool"),
        arguments: string(root, "digest").map(|digest| arguments(root, digest)),
        revision: string(root, "revision")?.into(),
        directory: None,
        approval: string(root, "approval"),
    })
}

fn caller(root: Value<'_>) -> Option<Caller> {
    let principal =
        Principal { issuer: string(root, "issuer")?, subject: string(root, "subject")? };
    Some(Caller { principal, grant: string(root, "grant")?, server: string(root, "server")? })
}

fn arguments(root: Value<'_>, digest: String) -> Arguments {
    let keys = root.get("keys").into_iter().flat_map(Value::items);
    let raw = root.get("arguments").map(|value| match value.kind() {
        JsonKind::String => value.as_str().unwrap_or_default().into_owned().into(),
        _ => Bytes::copy_from_slice(value.raw()),
    });
    let keys = keys.filter_map(|key| key.as_str().map(std::borrow::Cow::into_owned)).collect();
    Arguments { digest, keys, raw }
}

fn charges(root: Value<'_>) -> Option<Vec<Spent>> {
    let list = root.get("charges").into_iter().flat_map(Value::items);
    list.map(|value| {
        Some(Spent {
            counter: counter(value)?,
            amount: amount(value, "amount")?,
            bounds: value.get("bounds")?.items().map(level).collect::<Option<_>>()?,
        })
    })
    .collect()
}

fn level(value: Value<'_>) -> Option<Level> {
    Some(Level {
        scope: scope(value)?,
        window: window(value)?,
        max: amount(value, "max")?,
        pointer: string(value, "pointer")?,
        layer: layer(value)?,
        before: amount(value, "before")?,
        after: amount(value, "after"),
    })
}

fn counter(value: Value<'_>) -> Option<Counter> {
    let unit = Unit::parse(&value.get("unit")?.as_str()?)?;
    Some(Counter { name: string(value, "counter")?.into(), unit })
}

fn scope(value: Value<'_>) -> Option<Scope> {
    Scope::parse(&value.get("scope")?.as_str()?)
}

fn window(value: Value<'_>) -> Option<Window> {
    let calendar = value.get("align").is_some_and(|align| align.is("calendar"));
    Some(Window {
        length_s: NonZeroU64::new(integer(value, "window_s")?)?,
        align: if calendar { Align::Calendar } else { Align::Sliding },
    })
}

fn string(value: Value<'_>, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(std::borrow::Cow::into_owned)
}

/// Not written where it is the outermost.
fn layer(value: Value<'_>) -> Option<usize> {
    match value.get("layer") {
        Some(_) => integer(value, "layer").and_then(|layer| layer.try_into().ok()),
        None => Some(0),
    }
}

fn integer(value: Value<'_>, key: &str) -> Option<u64> {
    value.get(key)?.as_number()?.parse().ok()
}

fn amount(value: Value<'_>, key: &str) -> Option<Amount> {
    let literal = value.get(key)?.as_number()?;
    match literal.parse::<u64>() {
        Ok(whole) => Some(Amount::from_units(u128::from(whole).checked_mul(Amount::ONE.units())?)),
        Err(_) => Amount::new(&Decimal::parse(literal)?),
    }
}
