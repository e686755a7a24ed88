//! Texts that are no message, each kind with the code of its refusal.

/// A text, the code of its refusal, and the id under which that comes.
pub(super) struct Bad {
    pub(super) text: Vec<u8>,
    pub(super) code: i64,
    pub(super) id: Option<i64>,
}

pub(super) fn bad() -> Vec<Bad> {
    let of = |text: &str, code, id| Bad { text: text.as_bytes().to_vec(), code, id };
    let mut all: Vec<Bad> = NO_JSON.iter().map(|text| of(text, -32700, None)).collect();
    all.extend(NO_UTF8.iter().map(|text| Bad { text: text.to_vec(), code: -32700, id: None }));
    all.extend(NO_ENVELOPE.iter().map(|text| of(text, -32600, None)));
    all.extend(REQUESTS.iter().map(|text| of(text, -32600, Some(7))));
    all.extend(PARAMS.iter().map(|text| of(text, -32602, Some(7))));
    let ids = IDS.iter().map(|id| format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#));
    all.extend(ids.map(|text| of(&text, -32600, None)));
    all.extend([63, 1000, 100_000].map(|depth| of(&deep(depth), -32600, None)));
    let wide = r#"{"jsonrpc":"2.0","id":7,"method":"ping"}"#.encode_utf16();
    let text = wide.flat_map(u16::to_be_bytes).collect();
    all.push(Bad { text, code: -32700, id: None });
    all
}

fn deep(depth: usize) -> String {
    let (open, close) = ("[".repeat(depth), "]".repeat(depth));
    format!(r#"{{"jsonrpc":"2.0","id":7,"method":"ping","params":{{"a":{open}{close}}}}}"#)
}

/// No JSON at all.
const NO_JSON: &[&str] = &[
    "{",
    "}",
    "x",
    "nul",
    "'ping'",
    "{'id':1}",
    r#"{"id":1,}"#,
    r#"{"id":01}"#,
    r#"{"id":+1}"#,
    r#"{"id":.5}"#,
    r#"{"id":0x1}"#,
    r#"{"id":NaN}"#,
    r#"{"id":Infinity}"#,
    r#"{"id":"\x"}"#,
    r#"{"id":"\u12"}"#,
    "{\"id\":\"\t\"}",
    r#"{"id":1}}"#,
    "{} {}",
    r#"{"jsonrpc":"2.0","id":7,"method":"ping"} x"#,
    r#"{"jsonrpc":"2.0","id":7,"method":"ping"}{"jsonrpc":"2.0","id":8,"method":"ping"}"#,
    "\u{feff}{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"ping\"}",
    "/**/{}",
    "{}//",
];

/// Broken, overlong, and a lone surrogate.
const NO_UTF8: [&[u8]; 3] = [
    b"{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"p\xffng\"}",
    b"{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"\xc0\xae\"}",
    b"{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"\xed\xa0\x80\"}",
];

/// No message, or both a question and an answer, or half of one.
const NO_ENVELOPE: &[&str] = &[
    "5",
    "null",
    "true",
    r#""ping""#,
    "{}",
    r#"{"id":7}"#,
    r#"{"jsonrpc":"2.0","id":7,"method":"ping","result":{}}"#,
    r#"{"jsonrpc":"2.0","id":7,"result":{},"error":{"code":1,"message":""}}"#,
    r#"{"jsonrpc":"2.0","id":7,"error":"no"}"#,
    r#"{"jsonrpc":"2.0","result":{}}"#,
];

/// Requests that somebody waits for, and that two readers take differently or none takes.
const REQUESTS: &[&str] = &[
    r#"{"id":7,"method":"ping"}"#,
    r#"{"jsonrpc":"1.0","id":7,"method":"ping"}"#,
    r#"{"jsonrpc":2.0,"id":7,"method":"ping"}"#,
    r#"{"jsonrpc":null,"id":7,"method":"ping"}"#,
    r#"{"jsonrpc":"2.0","id":7,"method":""}"#,
    r#"{"jsonrpc":"2.0","id":7,"method":7}"#,
    r#"{"jsonrpc":"2.0","id":7,"method":null}"#,
    r#"{"jsonrpc":"2.0","id":7,"method":["tools/call"]}"#,
    r#"{"jsonrpc":"2.0","id":7,"method":"ping","x":1}"#,
    r#"{"jsonrpc":"2.0","id":7,"method":"ping","params":{"a":{"b":1,"b":2}}}"#,
    r#"{"jsonrpc":"2.0","id":7,"method":"ping","params":{"a":"\ud800"}}"#,
    r#"{"jsonrpc":"2.0","id":7,"method":"ping","params":{"a":"\udc00\ud800"}}"#,
];

/// Requests whose parameters are none.
const PARAMS: &[&str] = &[
    r#"{"jsonrpc":"2.0","id":7,"method":"ping","params":[]}"#,
    r#"{"jsonrpc":"2.0","id":7,"method":"ping","params":"x"}"#,
    r#"{"jsonrpc":"2.0","id":7,"method":"ping","params":null}"#,
    r#"{"jsonrpc":"2.0","id":7,"method":"ping","params":{"_meta":[]}}"#,
    r#"{"jsonrpc":"2.0","id":7,"method":"ping","params":{"_meta":null}}"#,
    r#"{"jsonrpc":"2.0","id":7,"method":"ping","params":{"_meta":{"progressToken":1.5}}}"#,
    r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{}}"#,
    r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":7}}"#,
    r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":""}}"#,
    r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"echo\u0000"}}"#,
    r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"echo\n"}}"#,
    r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":["echo"]}}"#,
];

/// Ids that nobody could be answered under.
const IDS: &[&str] = &[
    "null",
    "1.5",
    "1.0",
    "1e2",
    "-0",
    "9007199254740992",
    "1e400",
    "{}",
    "[]",
    "[1]",
    "true",
    r#""\ud800""#,
];
