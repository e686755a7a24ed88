//! What the operator is told while the gate runs: on standard error, one place.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

static MUTED: AtomicBool = AtomicBool::new(false);

/// From now on nothing is told here: for a command that tells by itself what servers do, and
/// keeps their noise from its own lines.
pub fn mute() {
    MUTED.store(true, Ordering::Relaxed);
}

/// Writes one message. A standard error that is gone is no reason to stop.
pub(crate) fn report(text: &str) {
    use std::io::Write;
    if MUTED.load(Ordering::Relaxed) {
        return;
    }
    let _ = writeln!(std::io::stderr().lock(), "toolgate: {text}");
}

/// As [`report`], but what was said a moment ago is not said again: a client could have it said
/// with every request.
pub(crate) fn report_seldom(text: &str) {
    static SAID: Mutex<Vec<(String, Instant)>> = Mutex::new(Vec::new());
    {
        let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
        said.retain(|(_, at)| at.elapsed() < SILENCE);
        if said.len() >= SAID_MAX || said.iter().any(|(other, _)| other == text) {
            return;
        }
        said.push((text.to_owned(), Instant::now()));
    }
    report(text);
}

const SILENCE: Duration = Duration::from_secs(30);
const SAID_MAX: usize = 64;

/// Writes text that is already made for a person, several lines perhaps.
pub(crate) fn report_text(text: &str) {
    use std::io::Write;
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// The one line on standard output: where a serving gateway can be reached.
pub(crate) fn announce(text: &str) {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}
