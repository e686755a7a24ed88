//! The odd values, and the odd places to put them.

/// Numbers by their spelling.
pub(super) const NUMBERS: [&str; 36] = [
    "0",
    "-0",
    "0.0",
    "0.1",
    "0.10",
    "1e-1",
    "0.10000000000000001",
    "0.1000000000000000055511151231257827021181583404541015625",
    "19.99",
    "19.990",
    "1999e-2",
    "1.999E+1",
    "19.989999999999998",
    "19.98999999999999999",
    "500",
    "500.0",
    "5e2",
    "5E+2",
    "0.05e4",
    "500.00000000000000001",
    "500.00000000000006",
    "499.99999999999999999",
    "501",
    "-1",
    "-0.01",
    "-500",
    "9007199254740991",
    "9007199254740992",
    "9007199254740993",
    "9007199254740992.0",
    "9007199254740992.5",
    "18446744073709551616",
    "1e400",
    "-1e400",
    "1e-400",
    "123456789012345678901234567890",
];

/// Everything but a plain number.
pub(super) const OTHERS: [&str; 26] = [
    "null",
    "true",
    "false",
    r#""""#,
    r#""1""#,
    r#""501""#,
    r#""5e2""#,
    r#"" 1""#,
    r#""0x1F4""#,
    r#""٥٠٠""#,
    r#""NaN""#,
    r#""Infinity""#,
    "[]",
    "[1]",
    "[501]",
    "[1,501]",
    "[[1]]",
    "{}",
    r#"{"amount":1}"#,
    r#"{"Amount":501}"#,
    r#"{"$numberInt":"501"}"#,
    r#"{"value":1}"#,
    r#"{"toString":1}"#,
    r#"{"__proto__":{"amount":1}}"#,
    r#"{"nonce":"x"}"#,
    r#"{"a":{"b":{"c":null}}}"#,
];

/// Spellings of a key that some reader takes for it, and some that nobody does.
fn spellings(key: &str) -> Vec<String> {
    let capital = key[..1].to_uppercase() + &key[1..];
    let escaped = format!("\\u00{:02x}{}", key.as_bytes()[0], &key[1..]);
    let escaped_capital = format!("\\u00{:02X}{}", key.as_bytes()[0] - 32, &key[1..]);
    let wide =
        format!("{}{}", char::from_u32(0xfee0 + u32::from(key.as_bytes()[0])).unwrap(), &key[1..]);
    vec![
        capital,
        key.to_uppercase(),
        escaped,
        escaped_capital,
        wide,
        format!("{}\u{200b}{}", &key[..1], &key[1..]),
        key.replace('s', "ſ").replace('k', "\u{212a}"),
        format!("{key} "),
        format!("_{key}"),
        format!("{key}s"),
    ]
}

/// `key` as the only member of the arguments, or not there.
pub(super) fn plain(key: &str) -> Vec<String> {
    let mut all = vec![r#"{"nonce":"NONCE"}"#.to_owned()];
    for value in NUMBERS.iter().chain(&OTHERS) {
        all.push(format!(r#"{{"nonce":"NONCE","{key}":{value}}}"#));
    }
    all
}

/// As [`plain`], and `key` among its twins.
pub(super) fn flat(key: &str) -> Vec<String> {
    let mut all = plain(key);
    for spelling in spellings(key) {
        for value in ["1", "501", "null"] {
            all.push(format!(r#"{{"{spelling}":{value},"nonce":"NONCE"}}"#));
            all.push(format!(r#"{{"nonce":"NONCE","{key}":1,"{spelling}":{value}}}"#));
            all.push(format!(r#"{{"{spelling}":{value},"{key}":1,"nonce":"NONCE"}}"#));
        }
    }
    for value in ["1", "501"] {
        all.push(format!(r#"{{"{key}":1,"{key}":{value},"nonce":"NONCE"}}"#));
        all.push(format!(r#"{{"nonce":"NONCE","args":{{"{key}":{value}}}}}"#));
        all.push(format!(r#"{{"nonce":"NONCE","args.{key}":{value}}}"#));
        all.push(format!(r#"{{"nonce":"NONCE","a":{{"{key}":501}},"{key}":{value}}}"#));
    }
    all
}

/// `order.amount`, with twins on either level.
pub(super) fn nested() -> Vec<String> {
    let mut all: Vec<String> = flat("amount")
        .iter()
        .filter(|inner| !inner.contains("args"))
        .map(|inner| format!(r#"{{"nonce":"NONCE","order":{}}}"#, inner.replace("NONCE", "inner")))
        .collect();
    for value in OTHERS.iter().chain(&["1", "501"]) {
        all.push(format!(r#"{{"nonce":"NONCE","order":{value}}}"#));
    }
    for twin in ["Order", "ORDER", "ｏrder", r"\u004frder"] {
        for value in ["1", "501"] {
            let (known, other) = (r#"{"amount":1}"#, format!(r#"{{"amount":{value}}}"#));
            all.push(format!(r#"{{"nonce":"NONCE","order":{known},"{twin}":{other}}}"#));
            all.push(format!(r#"{{"{twin}":{other},"nonce":"NONCE","order":{known}}}"#));
            all.push(format!(r#"{{"nonce":"NONCE","{twin}":{other}}}"#));
        }
    }
    for value in ["1", "501"] {
        all.push(format!(r#"{{"nonce":"NONCE","order.amount":{value}}}"#));
        all.push(format!(r#"{{"nonce":"NONCE","amount":{value}}}"#));
        all.push(format!(r#"{{"nonce":"NONCE","order":{{"order":{{"amount":{value}}}}}}}"#));
    }
    all
}
