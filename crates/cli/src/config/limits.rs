//! `limits`: how much of everything, and how long.

use std::time::Duration;

use toolgate_policy::document::outline::{Node, Shape, Table, may};

use super::amount::{
    Count, DAY_MS, GIB, HOUR_MS, KIB, MIB, MINUTE_MS, SECOND_MS, Size, Time, time_json,
};
use super::form::{Reads, Written};
use super::reading::Reading;
use crate::json::Object;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) message_bytes: u64,
    pub(crate) headers_bytes: u64,
    pub(crate) in_flight_per_grant: u64,
    pub(crate) in_flight_per_principal: u64,
    pub(crate) sessions: u64,
    pub(crate) sessions_per_grant: u64,
    pub(crate) sessions_per_principal: u64,
    pub(crate) processes: u64,
    pub(crate) processes_per_principal: u64,
    pub(crate) session_idle: Duration,
    pub(crate) connections: u64,
    pub(crate) request_timeout: Duration,
    pub(crate) write_timeout: Duration,
    pub(crate) drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message_bytes: 4 * MIB,
            headers_bytes: 32 * KIB,
            in_flight_per_grant: 1024,
            in_flight_per_principal: 256,
            sessions: 20_000,
            sessions_per_grant: 20_000,
            sessions_per_principal: 10_000,
            processes: 1024,
            processes_per_principal: 256,
            session_idle: Duration::from_millis(30 * MINUTE_MS),
            connections: 20_000,
            request_timeout: Duration::from_millis(10 * MINUTE_MS),
            write_timeout: Duration::from_millis(30 * SECOND_MS),
            drain: Duration::from_millis(30 * SECOND_MS),
        }
    }
}

const MESSAGE: Size = Size { min: KIB, max: GIB };
/// What the HTTP reader can do with less is not worth having.
const HEADERS: Size = Size { min: 8 * KIB, max: MIB };
const IN_FLIGHT: Count = Count { min: 1, max: 100_000 };
const PROCESSES: Count = Count { min: 1, max: 100_000 };
const MANY: Count = Count { min: 1, max: 1_000_000 };
const IDLE: Time = Time { min_ms: 100, max_ms: 30 * DAY_MS };
const REQUEST: Time = Time { min_ms: 10, max_ms: DAY_MS };
const WRITE: Time = Time { min_ms: 100, max_ms: HOUR_MS };
const DRAIN: Time = Time { min_ms: 0, max_ms: HOUR_MS };

pub(crate) static TABLE: Table = Table {
    name: "limits",
    place: "in `limits`",
    keys: &[
        may(
            "message",
            Shape::Form(&Written(MESSAGE)),
            "The longest message of a client; `4MiB` if absent.",
        ),
        may(
            "headers",
            Shape::Form(&Written(HEADERS)),
            "All headers of one request together; `32KiB` if absent.",
        ),
        may(
            "in_flight_per_grant",
            Shape::Form(&Written(IN_FLIGHT)),
            "Requests of one grant that wait for an answer; 1024 if absent.",
        ),
        may(
            "in_flight_per_principal",
            Shape::Form(&Written(IN_FLIGHT)),
            "Requests of one principal that wait for an answer; 256 if absent.",
        ),
        may("sessions", Shape::Form(&Written(MANY)), "Sessions of clients; 20000 if absent."),
        may(
            "sessions_per_grant",
            Shape::Form(&Written(MANY)),
            "Sessions of one grant's clients; 20000 if absent.",
        ),
        may(
            "sessions_per_principal",
            Shape::Form(&Written(MANY)),
            "Sessions of one principal's clients; 10000 if absent.",
        ),
        may(
            "processes",
            Shape::Form(&Written(PROCESSES)),
            "Processes of servers that are commands; 1024 if absent.",
        ),
        may(
            "processes_per_principal",
            Shape::Form(&Written(PROCESSES)),
            "Such processes of one principal; 256 if absent.",
        ),
        may(
            "session_idle",
            Shape::Form(&Written(IDLE)),
            "A session that is silent for so long ends; `30m` if absent.",
        ),
        may("connections", Shape::Form(&Written(MANY)), "Open connections; 20000 if absent."),
        may(
            "request_timeout",
            Shape::Form(&Written(REQUEST)),
            "How long a server may take for an answer; `10m` if absent.",
        ),
        may(
            "write_timeout",
            Shape::Form(&Written(WRITE)),
            "How long a client may read nothing of what it is sent; `30s` if absent.",
        ),
        may(
            "drain",
            Shape::Form(&Written(DRAIN)),
            "How long requests may take to end when the gateway stops; `30s` if absent.",
        ),
    ],
};

impl Limits {
    pub(crate) fn read(node: &Node, reading: &mut Reading<'_>) -> Self {
        let default = Self::default();
        let count = |key, form: Count, absent| form.take(node.get(key)).unwrap_or(absent);
        let size = |key, form: Size, absent| form.take(node.get(key)).unwrap_or(absent);
        let time = |key, form: Time, absent| form.take(node.get(key)).unwrap_or(absent);
        let limits = Self {
            message_bytes: size("message", MESSAGE, default.message_bytes),
            headers_bytes: size("headers", HEADERS, default.headers_bytes),
            in_flight_per_grant: count(
                "in_flight_per_grant",
                IN_FLIGHT,
                default.in_flight_per_grant,
            ),
            in_flight_per_principal: count(
                "in_flight_per_principal",
                IN_FLIGHT,
                default.in_flight_per_principal,
            ),
            sessions: count("sessions", MANY, default.sessions),
            sessions_per_grant: count("sessions_per_grant", MANY, default.sessions_per_grant),
            sessions_per_principal: count(
                "sessions_per_principal",
                MANY,
                default.sessions_per_principal,
            ),
            processes: count("processes", PROCESSES, default.processes),
            processes_per_principal: count(
                "processes_per_principal",
                PROCESSES,
                default.processes_per_principal,
            ),
            session_idle: time("session_idle", IDLE, default.session_idle),
            connections: count("connections", MANY, default.connections),
            request_timeout: time("request_timeout", REQUEST, default.request_timeout),
            write_timeout: time("write_timeout", WRITE, default.write_timeout),
            drain: time("drain", DRAIN, default.drain),
        };
        limits.warn_of_idle(node, reading);
        limits
    }

    /// Nobody can ever have more than all together.
    fn warn_of_idle(&self, node: &Node, reading: &mut Reading<'_>) {
        let shares = [
            ("sessions_per_grant", self.sessions_per_grant, "grant", self.sessions),
            ("sessions_per_principal", self.sessions_per_principal, "principal", self.sessions),
            ("processes_per_principal", self.processes_per_principal, "principal", self.processes),
        ];
        for (key, share_max, who, max) in shares {
            let Some(share) = node.get(key).filter(|_| share_max > max) else { continue };
            let whole = key.split('_').next().unwrap_or(key);
            let message = format!("a {who} cannot have more than all {max} {whole}");
            let help = format!("raise `{whole}`, or lower this");
            reading.findings.warning(share.span, message).help(help);
        }
    }

    pub(crate) fn json(&self) -> String {
        Object::new()
            .plain("message", self.message_bytes)
            .plain("headers", self.headers_bytes)
            .plain("in_flight_per_grant", self.in_flight_per_grant)
            .plain("in_flight_per_principal", self.in_flight_per_principal)
            .plain("sessions", self.sessions)
            .plain("sessions_per_grant", self.sessions_per_grant)
            .plain("sessions_per_principal", self.sessions_per_principal)
            .plain("processes", self.processes)
            .plain("processes_per_principal", self.processes_per_principal)
            .raw("session_idle", time_json(self.session_idle))
            .plain("connections", self.connections)
            .raw("request_timeout", time_json(self.request_timeout))
            .raw("write_timeout", time_json(self.write_timeout))
            .raw("drain", time_json(self.drain))
            .finish()
    }
}
