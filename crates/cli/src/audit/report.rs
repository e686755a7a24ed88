//! What verifying a log found, in words.

use std::fmt::Write;

use toolgate_store::{Head, HeadCheck, Report};

/// Everything that is not as it was written; nothing if the log holds.
pub(crate) fn findings(report: &Report) -> Vec<String> {
    let fault = report.fault.as_ref().map(|fault| format!("entry {} {}", fault.seq, fault.what));
    let kept = against(report.kept, "the head in the state directory");
    let given = against(report.given, "the head that was kept elsewhere");
    [fault, kept, given].into_iter().flatten().collect()
}

/// For a person, with the head to keep. `unclosed` are the ids of calls without an outcome.
pub(crate) fn report(report: &Report, unclosed: &[String]) -> String {
    let mut text = match findings(report)[..] {
        [] => format!("audit log: intact, {} entries\n", report.entries),
        _ => format!("audit log: TAMPERED WITH; {} entries hold\n", report.entries),
    };
    if let HeadCheck::Holds { seq } = report.given {
        let _ =
            writeln!(text, "everything up to entry {seq} is as it was when that head was taken");
    }
    if !unclosed.is_empty() {
        let count = unclosed.len();
        let _ = writeln!(text, "outcome unknown of {count}: {}", unclosed.join(" "));
    }
    let _ = writeln!(text, "head {}", compact(&report.newest));
    if report.given == HeadCheck::Absent {
        text.push_str(
            "keep that line on another machine: `verify --head` then finds what was changed \
             up to it\n",
        );
    }
    text
}

/// `SEQ:HASH`
fn compact(head: &Head) -> String {
    let hash = head.hash.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    format!("{}:{hash}", head.seq)
}

fn against(check: HeadCheck, whose: &str) -> Option<String> {
    Some(match check {
        HeadCheck::Absent | HeadCheck::Holds { .. } => return None,
        HeadCheck::Differs { seq } => {
            format!("entry {seq} is not the one that {whose} names: the log was rewritten")
        }
        HeadCheck::Missing { seq } => {
            format!("entry {seq}, which {whose} names, is not there: the log was cut off")
        }
        HeadCheck::OtherLog => format!("{whose} belongs to another log"),
        HeadCheck::Unreadable => format!("{whose} cannot be read"),
    })
}
