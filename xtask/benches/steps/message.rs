//! The calls that the steps work on.

use bytes::Bytes;
use serde_json::{Value, json};

pub(crate) fn small() -> Bytes {
    // With the other arguments beside it: 300 bytes.
    text_of(300 - 72)
}

/// One long string: a file, a letter.
pub(crate) fn text() -> Bytes {
    text_of(100_000)
}

/// Many small values: the rows of a table.
pub(crate) fn rows() -> Bytes {
    let row = |i: u32| {
        json!({"id": i, "name": format!("customer {i}"), "balance": f64::from(i) / 4.0,
            "active": i > 500, "tags": ["north", "wholesale"]})
    };
    let rows: Vec<Value> = (0..1100).map(row).collect();
    call(json!({"amount": 12.5, "currency": "usd", "path": "/srv/data/report.txt", "rows": rows}))
}

fn text_of(bytes: usize) -> Bytes {
    let text: String = "A line of plain prose. ".chars().cycle().take(bytes).collect();
    call(json!({"amount": 12.5, "currency": "usd", "path": "/srv/data/report.txt", "text": text}))
}

fn call(arguments: Value) -> Bytes {
    let mut message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": "echo"}});
    message["params"]["arguments"] = arguments;
    message.to_string().into()
}
