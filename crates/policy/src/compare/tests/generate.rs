//! Policies and calls at random, where rules and calls meet often.

/// `SplitMix64` (Steele, Lea and Flood, 2014): small, and the same everywhere.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(super) fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(n).unwrap()).unwrap()
    }

    pub(super) fn one<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    pub(super) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

const PATHS: &[&str] = &[
    "args.a",
    "args.a",
    "args.b",
    "args.c.d",
    "args.c.e",
    "args.l",
    "args.l[0]",
    "args.l[1]",
    "args.c",
    "args.A",
];

const TESTS: &[(&str, &str)] = &[
    ("eq", "5"),
    ("eq", "\"a\""),
    ("eq", "null"),
    ("eq", "true"),
    ("eq", "[1,\"a\"]"),
    ("eq", "{\"k\":1}"),
    ("neq", "5"),
    ("neq", "\"b\""),
    ("in", "[1,5,\"a\",null]"),
    ("in", "[\"a\",\"b\"]"),
    ("not_in", "[\"a\",\"x\"]"),
    ("not_in", "[5,7]"),
    ("lt", "10"),
    ("lt", "5"),
    ("lte", "0.5"),
    ("lte", "10"),
    ("gt", "-3"),
    ("gt", "5"),
    ("gte", "5"),
    ("regex", "\"^a\""),
    ("regex", "\"b$\""),
    ("regex", "\"a.*b\""),
    ("regex", "\"(?i)\\\\bdrop\\\\b\""),
    ("matches", "\"[a-c]{1,3}\""),
    ("matches", "\"a+\""),
    ("contains", "\"b\""),
    ("contains", "1"),
    ("exists", "true"),
    ("exists", "false"),
    ("path_within", "[\"/srv/data\",\"docs\"]"),
    ("path_within", "\"/srv\""),
    ("host_in", "[\"example.com\",\"*.example.com\"]"),
    ("host_in", "\"a.example.com\""),
    ("length", "{\"min\":1,\"max\":2}"),
    ("length", "{\"max\":5}"),
    ("each", "{\"op\":\"lte\",\"value\":5}"),
    ("each", "{\"op\":\"in\",\"value\":[\"a\",1]}"),
    ("any", "{\"op\":\"gt\",\"value\":5}"),
    ("any", "{\"op\":\"eq\",\"value\":\"a\"}"),
    ("host_public", "true"),
    ("host_public", "false"),
    ("path_sensitive", "true"),
    ("path_sensitive", "false"),
];

pub(super) const VALUES: &[&str] = &[
    "null",
    "true",
    "false",
    "0",
    "1",
    "5",
    "4.9",
    "5.0",
    "7",
    "10",
    "11",
    "-3",
    "-3.5",
    "0.5",
    "1e30",
    "1e-30",
    "9007199254740993",
    "\"a\"",
    "\"b\"",
    "\"x\"",
    "\"ab\"",
    "\"abc\"",
    "\"aab\"",
    "\"aa\"",
    "\"a drop b\"",
    "\"\"",
    "\"é\"",
    "\"/srv/data/x\"",
    "\"/srv\"",
    "\"/SRV/data\"",
    "\"/srv/data/*\"",
    "\"docs/../x\"",
    "\"docs\"",
    "\"example.com\"",
    "\"https://a.example.com/b\"",
    "\"http://[::1]\"",
    "\"https://b.a.example.com\"",
    "\"other.org\"",
    "\"http://10.0.0.1/\"",
    "\"/home/ann/.ssh/id_rsa\"",
    "\".env\"",
    "[]",
    "[1]",
    "[1,2]",
    "[1,\"a\"]",
    "[\"a\",\"b\"]",
    "[6]",
    "[null]",
    "[1,2,3,4,5,6,7]",
    "{}",
    "{\"k\":1}",
    "{\"K\":1}",
    "{\"d\":5}",
    "{\"d\":\"a\",\"e\":1}",
    "{\"D\":5}",
    "{\"d\":5,\"D\":6}",
    "{\"e\":\"b\"}",
];

const KEYS: &[&str] = &["a", "b", "c", "l", "A", "B", "C", "l\u{ad}", "other"];

pub(super) const NAMES: &[&str] =
    &["pay", "read", "read_file", "write", "write_all", "x", "", "pay_x", "zz"];

pub(super) const URIS: &[&str] = &[
    "file:///docs/a",
    "file:///docs/a.txt",
    "file:///etc/passwd",
    "memo://x",
    "FILE:///docs/a",
    "file:///docs/../etc/passwd",
    "other:///thing",
];

pub(super) fn condition(dice: &mut Dice) -> String {
    let (op, value) = dice.one(TESTS);
    format!(r#"{{"path":"{}","op":"{op}","value":{value}}}"#, dice.one(PATHS))
}

fn conditions(dice: &mut Dice, max: usize) -> String {
    let count = 1 + dice.below(max);
    let all: Vec<String> = (0..count).map(|_| condition(dice)).collect();
    format!("[{}]", all.join(","))
}

fn limit(dice: &mut Dice) -> String {
    let (max, window) = (dice.one(&[5, 10, 100]), dice.one(&["minute", "hour", "day"]));
    let scope = dice.one(&["grant", "server"]);
    let more = match dice.below(5) {
        0 => r#","increment_from":"args.a""#,
        1 => r#","align":"calendar""#,
        2 => r#","refund":"on_error""#,
        3 => r#","increment":2"#,
        _ => "",
    };
    format!(r#"{{"window":"{window}","max":{max},"scope":"{scope}"{more}}}"#)
}

/// What stands under one tool.
fn entry(dice: &mut Dice) -> String {
    let mut keys: Vec<String> = Vec::new();
    if dice.chance(50) {
        keys.push(format!(r#""require":{}"#, conditions(dice, 2)));
    }
    if dice.chance(40) {
        keys.push(format!(r#""deny_if":{}"#, conditions(dice, 2)));
    }
    if dice.chance(25) {
        let ask = if dice.chance(30) { "true".to_owned() } else { conditions(dice, 2) };
        keys.push(format!(r#""require_approval":{ask}"#));
    }
    if dice.chance(25) {
        let count = 1 + dice.below(2);
        let limits: Vec<String> = (0..count).map(|_| limit(dice)).collect();
        keys.push(format!(r#""limits":[{}]"#, limits.join(",")));
    }
    if dice.chance(8) {
        let which = dice.one(&["required_args", "schema"]);
        keys.push(format!(r#""validate":{{"{which}":true}}"#));
    }
    if dice.chance(8) {
        keys.push(r#""mode":"shadow""#.to_owned());
    }
    if dice.chance(8) {
        return r#"{"rules":[{"action":"deny","reason":"no"}]}"#.to_owned();
    }
    format!("{{{}}}", keys.join(","))
}

/// The parts of a policy, so that another one can share some.
#[derive(Clone)]
pub(super) struct Draft {
    default: &'static str,
    hide: Vec<&'static str>,
    tools: Vec<(&'static str, String)>,
    resources: Option<(&'static str, Vec<(&'static str, String)>)>,
}

const TOOLS: &[&str] = &["pay", "read", "read*", "*_all", "write", "*", "x?"];
const HIDDEN: &[&str] = &["write", "write*", "z?"];
const RESOURCES: &[&str] = &["file:///docs/*", "file:///etc/passwd", "memo://*"];

impl Draft {
    pub(super) fn new(dice: &mut Dice) -> Self {
        let mut draft =
            Self { default: "deny", hide: Vec::new(), tools: Vec::new(), resources: None };
        for _ in 0..=dice.below(3) {
            draft.change(dice);
        }
        draft.put_tool(dice);
        draft
    }

    fn put_tool(&mut self, dice: &mut Dice) {
        let name = *dice.one(TOOLS);
        self.tools.retain(|(known, _)| *known != name);
        self.tools.push((name, entry(dice)));
    }

    /// Changes one thing.
    pub(super) fn change(&mut self, dice: &mut Dice) {
        match dice.below(10) {
            0 => self.default = if dice.chance(50) { "deny" } else { "allow" },
            1 => self.hide = if dice.chance(50) { vec![*dice.one(HIDDEN)] } else { Vec::new() },
            2 => {
                let name = *dice.one(TOOLS);
                self.tools.retain(|(known, _)| *known != name);
            }
            3 if dice.chance(50) => {
                let text = if dice.chance(40) {
                    r#"{"action":"deny"}"#.to_owned()
                } else {
                    "{}".to_owned()
                };
                self.resources = Some((
                    if dice.chance(50) { "deny" } else { "allow" },
                    vec![(*dice.one(RESOURCES), text)],
                ));
            }
            _ => self.put_tool(dice),
        }
    }

    pub(super) fn text(&self) -> String {
        let quoted: Vec<String> = self.hide.iter().map(|name| format!("\"{name}\"")).collect();
        let tools: Vec<String> =
            self.tools.iter().map(|(name, text)| format!("\"{name}\":{text}")).collect();
        let resources = self.resources.as_ref().map(|(default, all)| {
            let all: Vec<String> =
                all.iter().map(|(name, text)| format!(",\"{name}\":{text}")).collect();
            format!(r#","resources":{{"default":"{default}"{}}}"#, all.concat())
        });
        format!(
            r#"{{"version":"1","default":"{}","hide":[{}],"tools":{{{}}}{}}}"#,
            self.default,
            quoted.join(","),
            tools.join(","),
            resources.unwrap_or_default()
        )
    }
}

pub(super) fn arguments(dice: &mut Dice) -> String {
    let mut members: Vec<(&str, &str)> = Vec::new();
    for _ in 0..dice.below(5) {
        let key = *dice.one(KEYS);
        if members.iter().all(|(known, _)| *known != key) {
            members.push((key, *dice.one(VALUES)));
        }
    }
    let members: Vec<String> =
        members.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
    format!("{{{}}}", members.join(","))
}
