//! What the reader takes, refuses and gives back.
#![expect(clippy::unwrap_used, reason = "test")]

use bytes::Bytes;
use toolgate_json::{Decimal, Document, ErrorKind, Kind, Reading, canonical};

fn parse(text: &str) -> Result<Document, ErrorKind> {
    Document::parse(Bytes::copy_from_slice(text.as_bytes()), Reading::Strict).map_err(|e| e.kind)
}

fn canon(text: &str) -> String {
    let mut out = Vec::new();
    canonical(parse(text).unwrap().root(), &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn members_items_and_their_bytes_are_found() {
    let doc = parse(r#" {"a":[1,{"b":"x"}],"c":null,"\u0064":true} "#).unwrap();
    let root = doc.root();
    assert_eq!(root.get("a").unwrap().raw(), br#"[1,{"b":"x"}]"#);
    let items: Vec<_> = root.get("a").unwrap().items().collect();
    assert_eq!(items[0].as_number(), Some("1"));
    assert_eq!(items[1].get("b").unwrap().as_str().unwrap(), "x");
    assert!(root.get("c").unwrap().is_null());
    assert_eq!(root.get("d").unwrap().as_bool(), Some(true));
    assert_eq!(root.entries().count(), 3);
    assert_eq!(root.get("e").map(toolgate_json::Value::kind), None);
    assert_eq!(doc.root().get("a").unwrap().get("b").map(toolgate_json::Value::kind), None);
}

#[test]
fn every_doubt_is_refused() {
    use ErrorKind::*;
    for (text, kind) in [
        (r#"{"a":1,"a":2}"#, DuplicateKey),
        (r#"{"a":1,"\u0061":2}"#, DuplicateKey),
        (r#"[{"x":{"a":1,"a":1}}]"#, DuplicateKey),
        (r#"{"1":1,"2":1,"3":1,"4":1,"5":1,"6":1,"7":1,"8":1,"9":1,"1":1}"#, DuplicateKey),
        (r#""\ud800""#, LoneSurrogate),
        (r#""\udc00\ud800""#, LoneSurrogate),
        (r#""\ud800\u0041""#, LoneSurrogate),
        ("\"a\nb\"", ControlCharacter),
        ("\"\0\"", ControlCharacter),
        (r#""\x""#, Escape),
        (r#""\u12G4""#, Escape),
        (r#""\u+123""#, Escape),
        ("{} {}", Trailing),
        ("1 1", Trailing),
        ("\u{feff}1", UnexpectedByte),
        ("\u{a0}1", UnexpectedByte),
        ("01", Number),
        ("1.", Number),
        ("-", Number),
        ("1e", Number),
        ("0x1F", Number),
        ("+1", UnexpectedByte),
        (".5", UnexpectedByte),
        ("NaN", UnexpectedByte),
        ("nul", UnexpectedByte),
        ("[1,]", UnexpectedByte),
        ("{\"a\":1,}", UnexpectedByte),
        ("{a:1}", UnexpectedByte),
        ("'a'", UnexpectedByte),
        ("", UnexpectedEnd),
        ("[", UnexpectedEnd),
        ("\"abc", UnexpectedEnd),
        ("\"abc\\", UnexpectedEnd),
    ] {
        assert_eq!(parse(text).err(), Some(kind), "{text}");
    }
}

#[test]
fn bad_utf8_is_refused_where_it_stands() {
    let error = Document::parse(Bytes::from_static(b"\"a\xff\""), Reading::Strict).unwrap_err();
    assert_eq!((error.kind, error.at), (ErrorKind::Utf8, 2));
    assert!(Document::parse(Bytes::from_static(b"\"\xc0\xaf\""), Reading::Strict).is_err());
}

#[test]
fn depth_is_bounded() {
    let nested = |n: usize| "[".repeat(n) + &"]".repeat(n);
    assert!(parse(&nested(64)).is_ok());
    assert_eq!(parse(&nested(65)).err(), Some(ErrorKind::TooDeep));
    assert_eq!(parse(&"[".repeat(1_000_000)).err(), Some(ErrorKind::TooDeep));
}

#[test]
fn a_plain_reading_bears_what_servers_write() {
    let text = Bytes::from_static(br#"{"a":1,"a":2,"s":"\ud800"}"#);
    let doc = Document::parse(text, Reading::Plain).unwrap();
    assert!(doc.root().has_duplicate_key());
    assert_eq!(doc.root().get("a").unwrap().as_number(), Some("2"));
    assert_eq!(doc.root().get("s").unwrap().as_str().unwrap(), "\u{FFFD}");
}

#[test]
fn escapes_resolve() {
    let doc = parse(r#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00é""#).unwrap();
    assert_eq!(doc.root().as_str().unwrap(), "\"\\/\u{8}\u{c}\n\r\té😀é");
    assert_eq!(doc.root().kind(), Kind::String);
}

#[test]
fn canonical_form_is_one_per_value() {
    assert_eq!(
        canon(r#" {"b": [1E2, 0.10, -0, 1e-7], "a": "\u0041\/\n"} "#),
        r#"{"a":"A/\n","b":[100,0.1,0,1e-7]}"#
    );
    assert_eq!(canon("1.0"), canon("1"));
    assert_ne!(canon("9007199254740993"), canon("9007199254740992"));
    assert_eq!(canon(r#""\u0001""#), r#""\u0001""#);
}

#[test]
fn decimals_are_exact_and_ordered() {
    let d = |s| Decimal::parse(s).unwrap();
    assert!(d("0.1") < d("0.2") && d("-1") < d("0") && d("-2") < d("-1") && d("9") < d("10"));
    assert!(d("9007199254740992") < d("9007199254740993"));
    assert_eq!(d("1e2"), d("100.00"));
    assert_eq!(d("-0.0"), d("0"));
    assert_eq!(d("19.99").scaled(2), Some(1999));
    assert_eq!(d("19.999").scaled(2), None);
    assert_eq!(d("-1").scaled(2), None);
    assert_eq!(d("1e400").scaled(2), None);
    assert_eq!(d("0").scaled(2), Some(0));
    assert!(d("100").is_integer() && d("0").is_integer() && !d("0.5").is_integer());
}

#[test]
fn a_number_is_known_if_every_parser_reads_it_alike() {
    for known in ["0", "-1", "0.1", "19.99", "1E2", "9007199254740992", "1e22", "5e-324"] {
        assert!(Decimal::known(known).is_some(), "{known}");
    }
    for unknown in
        ["9007199254740993", "1e400", "1e-400", "18446744073709551616", "500.00000000000000001"]
    {
        assert!(Decimal::known(unknown).is_none(), "{unknown}");
    }
}
