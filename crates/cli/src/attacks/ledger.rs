//! What the vulnerable server did, as it wrote it down itself: one line for each thing.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use bytes::Bytes;
use toolgate_json::{Document, Reading, Value};

use crate::json::Object;

/// One thing that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Deed {
    pub(super) did: String,
    pub(super) harm: bool,
}

pub(super) fn write(ledger: &mut File, deed: &Deed) -> io::Result<()> {
    let line = Object::new().text("did", &deed.did).plain("harm", deed.harm).finish();
    ledger.write_all(format!("{line}\n").as_bytes())
}

/// All of it; nothing as long as the server has not begun.
pub(super) fn read(ledger: &Path) -> Vec<Deed> {
    let text = fs::read_to_string(ledger).unwrap_or_default();
    text.lines().filter_map(deed).collect()
}

fn deed(line: &str) -> Option<Deed> {
    let bytes = Bytes::copy_from_slice(line.as_bytes());
    let line = Document::parse(bytes, Reading::Strict).ok()?;
    let did = line.root().get("did")?.as_str()?.into_owned();
    Some(Deed { did, harm: line.root().get("harm").and_then(Value::as_bool)? })
}
