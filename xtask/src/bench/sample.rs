//! What one run of the load generator measured. It travels as one line of JSON.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Sample {
    /// All calls that were sent and answered, those before the measurement included.
    pub sent: u32,
    /// The calls that were measured.
    pub calls: u32,
    pub seconds: f64,
    pub calls_per_s: f64,
    pub p50_us: f64,
    pub p99_us: f64,
    /// CPU time, user and system, of the one process that the client talks to.
    pub cpu_us: f64,
    /// From the start of that process to its first answer.
    pub first_answer_ms: f64,
    /// Resident memory of that process before the first call and after the last.
    pub rss_idle_kib: u32,
    pub rss_end_kib: u32,
}
