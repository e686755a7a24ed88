//! Bodies of entries: compact JSON, written by hand into one buffer.

use std::sync::Arc;

use bytes::Bytes;
use toolgate_json::{Document, Kind, Reading, Value, quote};
use toolgate_policy::{Align, Amount, Bound, Caller, Charge, Counter};

use crate::approval::{Answer, Binding, Bond, Settled};
use crate::chain::hex;
use crate::counters::Standing;
use crate::directory::Change;
use crate::facts::{Arguments, Facts, Outcome, Why};
use crate::transaction::foreseen::{Foreseen, PASSES};

/// What every body begins with.
#[derive(Clone, Copy)]
pub(crate) struct Stamp<'a> {
    /// In hexadecimal digits.
    pub(crate) chain: &'a str,
    pub(crate) time_ns: u64,
    pub(crate) wall_ms: u64,
}

/// How an opened call ended.
#[derive(Clone, Debug)]
pub(crate) struct Closing {
    pub(crate) opened: u64,
    pub(crate) opened_ns: u64,
    pub(crate) caller: Arc<Caller>,
    pub(crate) outcome: Outcome,
    /// The ids of what was found in the result; empty where nothing was looked for.
    pub(crate) findings: Arc<[&'static str]>,
    pub(crate) duration_us: u64,
    /// Empty if nothing is given back.
    pub(crate) refund: Arc<[Charge]>,
    /// The approval that was not used after all, or that goes on.
    pub(crate) approval: Option<Arc<str>>,
    /// The call's next round, which the approval goes on for.
    pub(crate) next: Option<Binding>,
}

/// Argument names beyond this many are only counted.
const KEYS_MAX: usize = 256;

pub(crate) fn opened(
    out: &mut Vec<u8>,
    stamp: Stamp<'_>,
    who: &Facts,
    (charges, standings): (&[Charge], &[Standing]),
    foreseen: Option<&Foreseen<'_>>,
) {
    begin(out, "opened", stamp);
    facts(out, who);
    spent(out, charges, standings, true);
    if let Some(foreseen) = foreseen {
        shadow(out, foreseen);
    }
    out.push(b'}');
}

fn shadow(out: &mut Vec<u8>, foreseen: &Foreseen<'_>) {
    key(out, "shadow");
    out.push(b'{');
    match &foreseen.stop {
        Some(stop) => {
            word(out, "effect", stop.effect.as_str());
            word(out, "code", stop.code);
            text(out, "pointer", &stop.pointer);
            layer(out, stop.layer);
        }
        None => word(out, "effect", PASSES),
    }
    spent(out, foreseen.charges, &foreseen.standings, foreseen.counts());
    out.push(b'}');
}

pub(crate) fn denied(
    out: &mut Vec<u8>,
    stamp: Stamp<'_>,
    who: &Facts,
    why: &Why,
    wanted: (&[Charge], &[Standing]),
) {
    begin(out, "denied", stamp);
    word(out, "effect", why.effect.as_str());
    text(out, "code", &why.code);
    text(out, "pointer", &why.pointer);
    layer(out, why.layer);
    if let Some(retry_after_ms) = why.retry_after_ms {
        number(out, "retry_after_ms", retry_after_ms);
    }
    facts(out, who);
    spent(out, wanted.0, wanted.1, false);
    out.push(b'}');
}

/// `goes_on` is what the yes is for next that the call used up; `previous` has the last entries of
/// each refunded counter, in the order of [`Scope::ALL`].
///
/// [`Scope::ALL`]: toolgate_policy::Scope::ALL
pub(crate) fn closed(
    out: &mut Vec<u8>,
    stamp: Stamp<'_>,
    closing: &Closing,
    goes_on: Option<&Bond>,
    previous: &[[u64; 4]],
) {
    begin(out, "closed", stamp);
    number(out, "opened", closing.opened);
    word(out, "outcome", closing.outcome.as_str());
    if !closing.findings.is_empty() {
        list(out, "findings", closing.findings.iter(), |out, id| quote(id, out));
    }
    number(out, "duration_us", closing.duration_us);
    match (goes_on, &closing.approval) {
        (Some(bond), Some(id)) => {
            text(out, "approval_goes_on", id);
            bonded(out, bond);
        }
        (None, Some(id)) if closing.next.is_none() => text(out, "approval_unused", id),
        (None, Some(_)) | (_, None) => {}
    }
    if !closing.refund.is_empty() {
        number(out, "opened_ns", closing.opened_ns);
        caller(out, &closing.caller);
        list(out, "refund", closing.refund.iter().zip(previous), |out, (charge, previous)| {
            out.push(b'{');
            counter(out, &charge.counter, charge.amount);
            links(out, previous);
            out.push(b'}');
        });
    }
    out.push(b'}');
}

/// How a question ended before the call came; `given` unless it was withdrawn.
pub(crate) fn answered(
    out: &mut Vec<u8>,
    stamp: Stamp<'_>,
    settled: &Settled,
    given: Option<&Answer>,
) {
    let Settled { approval, verdict, bond } = settled;
    begin(out, "answered", stamp);
    text(out, "approval", &approval.id);
    word(out, "verdict", verdict.as_str());
    if let Some(Answer { by, reason, .. }) = given {
        text(out, "approver_issuer", &by.issuer);
        text(out, "approver", &by.subject);
        word(out, "way", by.way.as_str());
        maybe(out, "reason", reason.as_deref());
        bonded(out, bond);
    }
    text(out, "asked", &approval.decision_id);
    caller(out, &approval.caller);
    text(out, "method", &approval.method);
    maybe(out, "tool", approval.tool.as_deref());
    out.push(b'}');
}

fn bonded(out: &mut Vec<u8>, bond: &Bond) {
    word(out, "binding", &hex(&bond.binding));
    number(out, "expires_ns", bond.expires_ns);
}

pub(crate) fn changed(out: &mut Vec<u8>, stamp: Stamp<'_>, change: &Change, by: &str) {
    begin(out, "changed", stamp);
    text(out, "code", change.code);
    text(out, "subject", &change.subject);
    text(out, "text", &change.text);
    text(out, "by", by);
    out.push(b'}');
}

pub(crate) fn note(out: &mut Vec<u8>, stamp: Stamp<'_>, code: &str, words: &str) {
    begin(out, "note", stamp);
    text(out, "code", code);
    text(out, "text", words);
    out.push(b'}');
}

fn begin(out: &mut Vec<u8>, kind: &str, stamp: Stamp<'_>) {
    out.clear();
    out.push(b'{');
    word(out, "kind", kind);
    word(out, "chain", stamp.chain);
    number(out, "time_ns", stamp.time_ns);
    number(out, "wall_ms", stamp.wall_ms);
}

fn facts(out: &mut Vec<u8>, who: &Facts) {
    caller(out, &who.caller);
    maybe(out, "client", who.client.as_deref());
    maybe(out, "trace", who.trace.as_deref());
    text(out, "method", &who.method);
    maybe(out, "tool", who.tool.as_deref());
    text(out, "revision", &who.revision);
    maybe(out, "approval", who.approval.as_deref());
    if let Some(what) = &who.arguments {
        arguments(out, what);
    }
}

fn caller(out: &mut Vec<u8>, caller: &Caller) {
    text(out, "issuer", &caller.principal.issuer);
    text(out, "subject", &caller.principal.subject);
    text(out, "grant", &caller.grant);
    text(out, "server", &caller.server);
}

fn arguments(out: &mut Vec<u8>, what: &Arguments) {
    text(out, "digest", &what.digest);
    list(out, "keys", what.keys.iter().take(KEYS_MAX), |out, key| quote(key, out));
    if what.keys.len() > KEYS_MAX {
        number(out, "keys_left_out", count(what.keys.len() - KEYS_MAX));
    }
    if let Some(raw) = &what.raw {
        key(out, "arguments");
        embed(out, raw);
    }
}

/// An object as it is, on one line: line breaks can only stand between its tokens. Anything
/// else becomes a string.
fn embed(out: &mut Vec<u8>, raw: &Bytes) {
    // One level deeper than it came, it must still be readable.
    let wrapped: Bytes = [b"[", raw.as_ref(), b"]"].concat().into();
    let object = Document::parse(wrapped, Reading::Plain)
        .is_ok_and(|document| document.root().items().map(Value::kind).eq([Kind::Object]));
    if object {
        out.extend(raw.iter().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte }));
    } else {
        quote(&String::from_utf8_lossy(raw), out);
    }
}

fn spent(out: &mut Vec<u8>, charges: &[Charge], standings: &[Standing], taken: bool) {
    if charges.is_empty() {
        return;
    }
    list(out, "charges", charges.iter().zip(standings), |out, (charge, standing)| {
        out.push(b'{');
        counter(out, &charge.counter, charge.amount);
        if taken {
            links(out, &standing.previous);
        }
        list(out, "bounds", charge.bounds.iter().zip(&standing.before), |out, (bound, before)| {
            let after = before.checked_add(charge.amount).filter(|_| taken);
            level(out, bound, *before, after);
        });
        out.push(b'}');
    });
}

fn counter(out: &mut Vec<u8>, counter: &Counter, units: Amount) {
    text(out, "counter", &counter.name);
    word(out, "unit", counter.unit.as_str());
    amount(out, "amount", units);
}

fn links(out: &mut Vec<u8>, previous: &[u64; 4]) {
    list(out, "previous", previous.iter(), |out, seq| digits(out, *seq));
}

fn level(out: &mut Vec<u8>, bound: &Bound, before: Amount, after: Option<Amount>) {
    out.push(b'{');
    text(out, "pointer", &bound.pointer);
    layer(out, bound.layer);
    word(out, "scope", bound.scope.as_str());
    number(out, "window_s", bound.window.length_s.get());
    if bound.window.align == Align::Calendar {
        word(out, "align", "calendar");
    }
    amount(out, "max", bound.max);
    amount(out, "before", before);
    if let Some(after) = after {
        amount(out, "after", after);
    }
    out.push(b'}');
}

fn list<T>(
    out: &mut Vec<u8>,
    name: &str,
    items: impl Iterator<Item = T>,
    mut write: impl FnMut(&mut Vec<u8>, T),
) {
    key(out, name);
    out.push(b'[');
    for (i, item) in items.enumerate() {
        if i > 0 {
            out.push(b',');
        }
        write(out, item);
    }
    out.push(b']');
}

fn text(out: &mut Vec<u8>, name: &str, value: &str) {
    key(out, name);
    quote(value, out);
}

/// A value of ours: a word or a number that needs no escapes.
fn word(out: &mut Vec<u8>, name: &str, value: &str) {
    key(out, name);
    out.push(b'"');
    out.extend_from_slice(value.as_bytes());
    out.push(b'"');
}

fn maybe(out: &mut Vec<u8>, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        text(out, name, value);
    }
}

fn number(out: &mut Vec<u8>, name: &str, value: u64) {
    key(out, name);
    digits(out, value);
}

/// Where one policy decides, nothing need be said.
fn layer(out: &mut Vec<u8>, layer: usize) {
    if let Some(layer) = u64::try_from(layer).ok().filter(|layer| *layer > 0) {
        number(out, "layer", layer);
    }
}

fn amount(out: &mut Vec<u8>, name: &str, value: Amount) {
    key(out, name);
    let (whole, rest) = (value.units() / Amount::ONE.units(), value.units() % Amount::ONE.units());
    match u64::try_from(whole) {
        Ok(whole) if rest == 0 => digits(out, whole),
        _ => out.extend_from_slice(value.to_string().as_bytes()),
    }
}

/// The names are ours and need no escapes.
fn key(out: &mut Vec<u8>, name: &str) {
    if out.last() != Some(&b'{') {
        out.push(b',');
    }
    out.push(b'"');
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

fn digits(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
