//! `audit verify`: is the log what was written?

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use toolgate_store::{Head, HeadCheck, Log, OpenError, Report};

use crate::args::VerifyArgs;
use crate::audit;
use crate::exit::{Exit, Failure};
use crate::json::{self, Object};
use crate::output;

pub(super) fn execute(state: &Path, args: &VerifyArgs, json: bool) -> Result<ExitCode, Failure> {
    let log = Log::open(state).map_err(|error| match error {
        OpenError::Corrupt { .. } => Failure::new(Exit::Tampered, error.to_string()),
        _ => audit::unopened(&error),
    })?;
    let given = args.head.as_deref().map(|given| head(given, &log)).transpose()?;
    let report = log.verify(given.as_ref());
    let found = audit::findings(&report);
    // Only a log that can be read to its end can be asked for this.
    let unclosed = if report.fault.is_none() { log.unclosed(1)? } else { Vec::new() };
    let ids: Vec<_> = unclosed.iter().map(|entry| entry.decision_id().to_string()).collect();
    output::print(&if json {
        envelope(&report, &found, &ids)
    } else {
        audit::report(&report, &ids)
    })?;
    if found.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    if json {
        return Ok(Exit::Tampered.into());
    }
    let text = format!("the audit log was tampered with: {}", found.join("; "));
    Err(Failure::new(Exit::Tampered, text))
}

/// `SEQ:HASH`, the JSON of a head, or a file with either in its last line: heads are appended.
fn head(given: &str, log: &Log) -> Result<Head, Failure> {
    if let Some(head) = parse(given, log) {
        return Ok(head);
    }
    let unusable = |why: String| {
        let text = format!("`--head {given}` is neither `SEQ:HASH` nor a file with a head: {why}");
        Failure::new(Exit::Usage, text)
    };
    let text = fs::read_to_string(given).map_err(|e| unusable(e.to_string()))?;
    let newest = text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
    parse(newest, log).ok_or_else(|| unusable("its last line is none".to_owned()))
}

fn parse(text: &str, log: &Log) -> Option<Head> {
    if text.trim_start().starts_with('{') {
        return Head::parse(text);
    }
    // As `verify` prints it.
    let text = text.trim().trim_start_matches("head ");
    let (seq, digits) = text.split_once(':')?;
    let mut hash = [0; 32];
    if digits.len() != 64 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, at) in hash.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&digits[at..at + 2], 16).ok()?;
    }
    // The hash stands for the log too: the first entry is chained to its name.
    Some(Head { chain: log.chain(), seq: seq.parse().ok()?, hash })
}

fn envelope(report: &Report, found: &[String], unclosed: &[String]) -> String {
    let strings = |list: &[String]| json::array(list.iter().map(|text| json::string(text)));
    let object = Object::new()
        .plain("version", 1)
        .plain("holds", found.is_empty())
        .plain("entries", report.entries)
        .raw("head", report.newest.to_json())
        .text("given_head", given_word(report.given))
        .raw("findings", strings(found))
        .raw("unclosed", strings(unclosed));
    object.finish() + "\n"
}

fn given_word(check: HeadCheck) -> &'static str {
    match check {
        HeadCheck::Absent => "absent",
        HeadCheck::Differs { .. } => "differs",
        HeadCheck::Holds { .. } => "holds",
        HeadCheck::Missing { .. } => "missing",
        HeadCheck::OtherLog => "other_log",
        HeadCheck::Unreadable => "unreadable",
    }
}
