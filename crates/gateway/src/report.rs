//! What the operator is told while the gate runs: on standard error, one place.

/// Writes one message. A standard error that is gone is no reason to stop.
pub(crate) fn report(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr().lock(), "toolgate: {text}");
}

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
