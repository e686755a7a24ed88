//! Which decisions somebody wants to see, as it stands in the address of a page.

use std::fmt::Write as _;

use memchr::memchr2_iter;
use toolgate_store::{Entry, Glance};

use crate::form::Form;
use crate::json;
use crate::moment;
use crate::reply::Refusal;

use super::row::{self, Row, Word};

/// Nothing in it, and all are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    pub(crate) word: Option<Word>,
    /// Globs, but for `text`.
    pub(crate) server: String,
    pub(crate) grant: String,
    pub(crate) principal: String,
    pub(crate) tool: String,
    /// A code, or the place of a rule.
    pub(crate) code: String,
    /// Somewhere in the call, capitals or not.
    pub(crate) text: String,
    pub(crate) from_ms: Option<u64>,
    pub(crate) to_ms: Option<u64>,
    /// As they were typed.
    pub(crate) from: String,
    pub(crate) to: String,
    /// What an entry that is wanted holds in its bytes.
    needles: Vec<Vec<u8>>,
}

/// Longer ones find nothing.
const CHARS_MAX: usize = 512;

impl Filter {
    pub(crate) fn read(form: &Form) -> Result<Self, Refusal> {
        let word = match form.one("effect").unwrap_or_default() {
            "" => None,
            text => Some(Word::parse(text).ok_or_else(|| {
                Refusal::bad_request("`effect` is one of `allow`, `deny`, `limit`, `pending`")
            })?),
        };
        let now_ms = moment::now_ms();
        let mut filter = Self {
            word,
            server: text(form, "server")?,
            grant: text(form, "grant")?,
            principal: text(form, "principal")?,
            tool: text(form, "tool")?,
            code: text(form, "code")?,
            text: text(form, "text")?,
            from: text(form, "from")?,
            to: text(form, "to")?,
            ..Self::default()
        };
        filter.from_ms = time("from", &filter.from, now_ms)?;
        filter.to_ms = time("to", &filter.to, now_ms)?;
        filter.needles = filter.needles();
        Ok(filter)
    }

    /// Whether it is worth while to read an entry: a quick look at its bytes.
    pub(crate) fn may_want(&self, glance: &Glance<'_>) -> bool {
        let text = || self.text.is_empty() || holds(glance.body, in_json(&self.text).as_bytes());
        let needles =
            || self.needles.iter().all(|it| memchr::memmem::find(glance.body, it).is_some());
        glance.is_decision() && needles() && text()
    }

    pub(crate) fn wants(&self, row: &Row, entry: &Entry) -> bool {
        self.wants_row(row) && (self.text.is_empty() || says(row, entry, &self.text))
    }

    /// The same, of what a text is not needed for.
    pub(crate) fn wants_row(&self, row: &Row) -> bool {
        let fits = |glob: &str, name: &str| glob.is_empty() || matches(glob, name);
        let qualified = || format!("{}/{}", row.server, row.tool);
        self.word.is_none_or(|word| word == row.word)
            && fits(&self.server, &row.server)
            && fits(&self.grant, &row.grant)
            && (self.principal.is_empty() || is_principal(&self.principal, &row.principal))
            && (fits(&self.tool, &row.tool) || fits(&self.tool, &qualified()))
            && (fits(&self.code, &row.code) || fits(&self.code, &row.rule))
            && self.from_ms.is_none_or(|from| row.wall_ms >= from)
            && self.to_ms.is_none_or(|to| row.wall_ms < to)
    }

    /// Whether what is no decision is wanted too: notes of the log, of this time.
    pub(crate) fn wants_note(&self, wall_ms: u64) -> bool {
        let names =
            [&self.server, &self.grant, &self.principal, &self.tool, &self.code, &self.text];
        names.iter().all(|name| name.is_empty())
            && self.word.is_none()
            && self.from_ms.is_none_or(|from| wall_ms >= from)
            && self.to_ms.is_none_or(|to| wall_ms < to)
    }

    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What the address has behind its `?`; empty if all are wanted.
    pub(crate) fn query(&self) -> String {
        let pairs = self.fields().into_iter().filter(|(_, value)| !value.is_empty());
        let pairs = pairs.map(|(key, value)| format!("{key}={}", form_escaped(value)));
        pairs.collect::<Vec<_>>().join("&")
    }

    /// The command that shows the same, as far as there is one.
    pub(crate) fn command(&self, verb: &str) -> String {
        let mut line = format!("toolgate audit {verb}");
        let options = [
            ("decision", self.word.map_or("", Word::as_str)),
            ("server", &self.server),
            ("grant", &self.grant),
            ("tool", &self.tool),
        ];
        let code = if self.code.starts_with('/') { "" } else { &*self.code };
        let more = [("code", code), ("since", &self.from), ("until", &self.to)];
        for (name, value) in options.into_iter().chain(more).filter(|(_, value)| !value.is_empty())
        {
            let _ = write!(line, " --{name} {}", shell_word(value));
        }
        line
    }

    fn fields(&self) -> [(&'static str, &str); 9] {
        [
            ("effect", self.word.map_or("", Word::as_str)),
            ("server", &self.server),
            ("grant", &self.grant),
            ("principal", &self.principal),
            ("tool", &self.tool),
            ("code", &self.code),
            ("text", &self.text),
            ("from", &self.from),
            ("to", &self.to),
        ]
    }

    fn needles(&self) -> Vec<Vec<u8>> {
        let member = |key: &str, value: &str| format!("\"{key}\":{}", json::string(value));
        let plain = |value: &str| !value.is_empty() && !value.contains(['*', '?']);
        let mut needles = Vec::new();
        match self.word {
            Some(Word::Allow) => needles.push("\"kind\":\"opened\"".to_owned()),
            Some(word) => needles.push(member("effect", word.as_str())),
            None => {}
        }
        for (key, value) in [("server", &self.server), ("grant", &self.grant)] {
            if plain(value) {
                needles.push(member(key, value));
            }
        }
        // With a slash it may be a server and its tool.
        if plain(&self.tool) && !self.tool.contains('/') {
            needles.push(json::string(&self.tool));
        }
        if plain(&self.code) {
            needles.push(json::string(&self.code));
        }
        needles.into_iter().map(String::into_bytes).collect()
    }
}

fn text(form: &Form, name: &str) -> Result<String, Refusal> {
    let text = form.one(name).unwrap_or_default().trim();
    if text.chars().count() > CHARS_MAX {
        let text = format!("`{name}` is longer than {CHARS_MAX} characters");
        return Err(Refusal::bad_request(text));
    }
    Ok(text.to_owned())
}

fn time(name: &str, text: &str, now_ms: u64) -> Result<Option<u64>, Refusal> {
    if text.is_empty() {
        return Ok(None);
    }
    moment::parse(text, now_ms).map(Some).ok_or_else(|| {
        let text = format!(
            "`{name}` is a time such as `2026-11-21T10:00` (UTC), or an age such as `90m`, \
             `24h`, `7d`"
        );
        Refusal::bad_request(text)
    })
}

/// Whether one of the things that are said of a call holds the text.
fn says(row: &Row, entry: &Entry, text: &str) -> bool {
    let has = |said: &str| holds(said.as_bytes(), text.as_bytes());
    let Some(facts) = row::facts(entry) else { return false };
    let arguments = facts.arguments.as_ref();
    let raw = arguments.and_then(|arguments| arguments.raw.as_ref());
    let own = [&row.id, &row.code, &row.rule, &row.server, &row.grant, &row.principal, &row.tool];
    let labels = [&facts.client, &facts.trace, &facts.approval];
    own.into_iter().any(|it| has(it))
        || labels.into_iter().flatten().any(|it| has(it))
        || has(&facts.method)
        || arguments.is_some_and(|arguments| arguments.keys.iter().any(|key| has(key)))
        || raw.is_some_and(|raw| {
            has(&String::from_utf8_lossy(raw)) || holds(raw, in_json(text).as_bytes())
        })
}

/// Capitals of ASCII are not told apart.
fn holds(hay: &[u8], needle: &[u8]) -> bool {
    let Some(first) = needle.first() else { return true };
    let found = |at: usize| {
        hay.get(at..at + needle.len()).is_some_and(|there| there.eq_ignore_ascii_case(needle))
    };
    memchr2_iter(first.to_ascii_lowercase(), first.to_ascii_uppercase(), hay).any(found)
}

/// As it stands between quotes.
fn in_json(text: &str) -> String {
    let quoted = json::string(text);
    quoted[1..quoted.len() - 1].to_owned()
}

/// Whether a glob is for `issuer:subject`, or for the subject alone.
pub(crate) fn is_principal(glob: &str, name: &str) -> bool {
    let subject = name.split_once(':').map(|(_, subject)| subject);
    matches(glob, name) || subject.is_some_and(|subject| matches(glob, subject))
}

/// `*` stands for any characters, `?` for one. Linear: only the last `*` is gone back to.
pub(crate) fn matches(glob: &str, name: &str) -> bool {
    let (glob, name): (Vec<_>, Vec<_>) = (glob.chars().collect(), name.chars().collect());
    let (mut g, mut n) = (0, 0);
    let mut star = None;
    while n < name.len() {
        match glob.get(g) {
            Some('*') => {
                star = Some((g + 1, n));
                g += 1;
            }
            Some(c) if *c == '?' || *c == name[n] => (g, n) = (g + 1, n + 1),
            _ => match star {
                Some((behind, eaten)) => {
                    star = Some((behind, eaten + 1));
                    (g, n) = (behind, eaten + 1);
                }
                None => return false,
            },
        }
    }
    glob[g..].iter().all(|c| *c == '*')
}

/// For the value of a field in an address.
pub(crate) fn form_escaped(value: &str) -> String {
    let mut out = String::new();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// One word for a shell of the POSIX kind.
pub(crate) fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._/:@+,%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(query: &str) -> Filter {
        Filter::read(&Form::parse(query).unwrap()).unwrap()
    }

    #[test]
    fn a_filter_survives_its_address() {
        let query =
            "effect=deny&server=s%2F1&tool=read_%2A&code=limit&text=a%20%26%20%C3%A9&from=24h";
        let read = filter(query);
        assert_eq!(read.query(), query);
        assert_eq!(filter(&read.query()).text, "a & é");
        assert!(filter("").is_empty() && filter("tool=+").is_empty());
    }

    #[test]
    fn a_command_line_is_one_that_no_name_can_break_out_of() {
        let line = filter("tool=a%27%3B%20rm%20-rf&effect=limit").command("tail");
        assert_eq!(line, "toolgate audit tail --decision limit --tool 'a'\\''; rm -rf'");
    }

    #[test]
    fn nonsense_is_refused() {
        for query in ["effect=maybe", "from=yesterday", "to=-5m", "text=x&from=1"] {
            assert!(Filter::read(&Form::parse(query).unwrap()).is_err(), "{query}");
        }
    }

    #[test]
    fn texts_are_found_whatever_their_capitals() {
        for (hay, needle, expected) in [
            ("the Password is", "password", true),
            ("the pass word is", "password", false),
            ("ppassword", "PASSWORD", true),
            ("", "x", false),
            ("pass", "password", false),
        ] {
            assert_eq!(holds(hay.as_bytes(), needle.as_bytes()), expected, "{hay} {needle}");
        }
    }
}
