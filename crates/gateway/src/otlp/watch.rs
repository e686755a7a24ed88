//! Follows one call and tells what became of it: to the counters at once, to the exporter when the
//! call is over.

use std::sync::Arc;
use std::time::{Duration, Instant};

use toolgate_policy::Call;
use toolgate_store::{Opened, Outcome};

use crate::clock;
use crate::denial::Denial;
use crate::metrics::Meter;
use crate::record;
use crate::request::Request;
use crate::session::Session;
use crate::snapshot::Snapshot;
use crate::upstream::{Failure, Reply};

use super::Exporter;
use super::seen::{Decided, Seen, Sent};

pub(crate) struct Watch {
    meter: Arc<Meter>,
    exporter: Exporter,
    began: Instant,
    /// Nothing if nothing is exported.
    seen: Option<Box<Seen>>,
}

/// Names and ids are the client's: no collector needs more of them.
const CHARS_MAX: usize = 256;

impl Watch {
    pub(crate) fn begin(session: &Session, request: &Request, call: &Call) -> Self {
        let (meter, exporter) = (Arc::clone(&session.gate.meter), session.gate.exporter.clone());
        let seen = exporter.is_on().then(|| Box::new(seen(request, call)));
        Self { meter, exporter, began: Instant::now(), seen }
    }

    pub(crate) fn denied(&mut self, snapshot: &Snapshot, denial: &Denial, took: Duration) {
        let effect = denial.effect.recorded().as_str();
        self.meter.decided(effect, denial.code, took);
        let Some(seen) = &mut self.seen else { return };
        seen.decided = Some(Decided {
            effect,
            code: denial.code,
            rule: Arc::clone(&denial.rule),
            layer: denial.layer,
            id: denial.decision_id.as_deref().map(str::to_owned),
            revision: Arc::clone(&snapshot.revision),
            took,
        });
    }

    pub(crate) fn allowed(&mut self, snapshot: &Snapshot, opened: &Opened, took: Duration) {
        self.meter.decided("allow", "", took);
        let Some(seen) = &mut self.seen else { return };
        seen.decided = Some(Decided {
            effect: "allow",
            code: "",
            rule: Arc::default(),
            layer: 0,
            id: Some(opened.decision_id()),
            revision: Arc::clone(&snapshot.revision),
            took,
        });
    }

    pub(crate) fn ended(
        &mut self,
        session: &Session,
        outcome: Outcome,
        result: &Result<Reply, Failure>,
        took: Duration,
    ) {
        self.meter.ended(outcome, took);
        let Some(seen) = &mut self.seen else { return };
        if outcome == Outcome::NotSent {
            return;
        }
        let error = result.as_ref().ok().and_then(|reply| reply.message.error());
        let code = error.and_then(|error| error.get("code")?.as_number()?.parse().ok());
        let began_ns = clock::wall_ns().saturating_sub(nanoseconds(took));
        let remote = !session.upstream.is_child();
        seen.sent = Some(Sent { began_ns, took, outcome, code, remote });
    }
}

/// However the call leaves, it has ended.
impl Drop for Watch {
    fn drop(&mut self) {
        let Some(mut seen) = self.seen.take() else { return };
        seen.took = self.began.elapsed();
        self.exporter.take(*seen);
    }
}

fn seen(request: &Request, call: &Call) -> Seen {
    let meta = call.message.root().get("params").and_then(|params| params.get("_meta"));
    let version =
        meta.and_then(|meta| meta.get("io.modelcontextprotocol/protocolVersion")?.as_str());
    let id = String::from_utf8_lossy(&request.id_raw);
    Seen {
        trace: request.trace.clone(),
        caller: Arc::clone(&call.caller),
        subject: call.subject,
        method: record::method(call),
        name: short(&call.name),
        request_id: short(id.trim_matches('"')),
        version: version.map(|version| short(&version)),
        began_ns: clock::wall_ns(),
        took: Duration::ZERO,
        decided: None,
        sent: None,
    }
}

fn short(text: &str) -> String {
    text.chars().take(CHARS_MAX).collect()
}

pub(super) fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
