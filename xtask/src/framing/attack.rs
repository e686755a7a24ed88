//! Second calls that hide in a first one: no server may ever run them.

use serde_json::json;
use toolgate_testkit::modern_params;

use super::breaks::{BREAKS, Spot};
use super::corpus::{Era, Fate, Sent, echo};

/// Where the place for the hidden call is in the carrier's text.
const PLACE: &str = "\"place\"";

pub(super) fn add(era: Era, corpus: &mut Vec<Sent>) {
    for line_break in BREAKS {
        let hidden = hidden(era, corpus.len());
        let lines = format!("{0}{hidden}{0}", line_break.raw);

        add_one(era, corpus, (line_break.name, "as a value"), |text| {
            (text.replace(PLACE, &lines), line_break.is_json(Spot::Space))
        });
        // The same as text: its quotes are escaped, its line ends are not.
        let text_of_it = json!(hidden).to_string();
        let quoted = &text_of_it[1..text_of_it.len() - 1];
        let in_string = format!("\"{0}{quoted}{0}\"", line_break.raw);
        add_one(era, corpus, (line_break.name, "in a string"), |text| {
            (text.replace(PLACE, &in_string), line_break.is_json(Spot::Raw))
        });
        // A second document behind the first, and before it.
        add_one(era, corpus, (line_break.name, "behind"), |text| (format!("{text}{lines}"), false));
        add_one(era, corpus, (line_break.name, "before"), |text| (format!("{lines}{text}"), false));
    }
}

/// The one that works: a value of an argument that no schema knows, on a line of its own.
pub(super) fn behind_cr(era: Era) -> Sent {
    let lines = format!("\r{}\r", hidden(era, 0));
    let carrier = carrier(era, 0);
    Sent { text: carrier.text.replace(PLACE, &lines), ..carrier }
}

/// A call of `echo` that has a place for more.
fn carrier(era: Era, number: usize) -> Sent {
    let sent = echo(era, &format!("carrier {number}"), number);
    let extra = format!("\"extra\":{PLACE},\"message\":");
    Sent { text: sent.text.replacen("\"message\":", &extra, 1), ..sent }
}

fn add_one(
    era: Era,
    corpus: &mut Vec<Sent>,
    (line_break, what): (&str, &str),
    change: impl Fn(&str) -> (String, bool),
) {
    let number = corpus.len();
    let mut sent = carrier(era, number);
    let (text, passes) = change(&sent.text);
    sent.label = format!("{number} hidden call {what}, {line_break}");
    sent.text = text;
    if !passes {
        sent.fate = Fate::Refused;
    }
    corpus.push(sent);
}

/// A whole call of a tool that the policy does not allow.
fn hidden(era: Era, number: usize) -> String {
    let mut params = json!({"name": "danger", "arguments": {}});
    if era == Era::Modern {
        params = modern_params(&params, &json!({}));
    }
    let id = format!("hidden {number}");
    json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params}).to_string()
}
