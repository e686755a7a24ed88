//! Paths into the arguments of a call: `args.a.b[0]["key.with.dots"]`.

use std::fmt;

use toolgate_json::{Kind, Value};

use crate::fold::{Key, Likeness};

mod parse;
#[cfg(test)]
mod tests;

/// Where a rule looks. Keys are exact; array items count from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    segments: Vec<Segment>,
    /// One spelling per path.
    text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    Index(usize),
    Key(Key),
}

/// What stands at a path.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Lookup<'a> {
    Absent,
    Doubt(Doubt<'a>),
    Found(Value<'a>),
}

/// Why it cannot be said what stands at a path.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Doubt<'a> {
    /// The path goes through something that has no such place: a key of a text, say.
    NotThrough(Value<'a>),
    /// Only a twin of the key is there.
    Twin(Value<'a>),
    /// Several keys are there that some reader takes for one; this is one of them.
    Twins(Value<'a>),
}

impl Path {
    /// Reads `args.…`; the error says what is wrong and at which character.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let segments = parse::segments(text)?;
        let text = format!("args{}", Segments(&segments));
        Ok(Self { segments, text })
    }

    pub(crate) fn segments(&self) -> &[Segment] {
        &self.segments
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The name as the agent knows it: without `args.`
    pub(crate) fn argument(&self) -> &str {
        self.text.strip_prefix("args.").unwrap_or(&self.text)
    }

    /// Whether what the path finds is certain whatever values the arguments' keys have: it ends
    /// at the first step.
    pub(crate) fn is_astray(&self, arguments: Option<Value<'_>>) -> bool {
        let (Some(arguments), Some(first)) = (arguments, self.segments.first()) else {
            return true;
        };
        !matches!(first.step(arguments), Lookup::Found(_))
    }

    /// Follows the path from the arguments object.
    pub(crate) fn find<'a>(&self, arguments: Option<Value<'a>>) -> Lookup<'a> {
        let Some(mut value) = arguments else { return Lookup::Absent };
        for segment in &self.segments {
            match segment.step(value) {
                Lookup::Found(inner) => value = inner,
                other => return other,
            }
        }
        Lookup::Found(value)
    }
}

impl Segment {
    fn step<'a>(&self, value: Value<'a>) -> Lookup<'a> {
        match (self, value.kind()) {
            (Self::Key(key), Kind::Object) => member(value, key),
            (Self::Index(index), Kind::Array) => {
                value.items().nth(*index).map_or(Lookup::Absent, Lookup::Found)
            }
            (_, Kind::Null) => Lookup::Absent,
            (_, _) => Lookup::Doubt(Doubt::NotThrough(value)),
        }
    }
}

fn member<'a>(object: Value<'a>, wanted: &Key) -> Lookup<'a> {
    let (mut found, mut twin) = (None, None);
    for (key, value) in object.entries() {
        match wanted.compare(key) {
            Likeness::Other => {}
            // Only a server's message can hold a key twice: a client's is refused.
            Likeness::Same if found.is_some() => return Lookup::Doubt(Doubt::Twins(key)),
            Likeness::Same => found = Some(value),
            Likeness::Twin if twin.is_some() => return Lookup::Doubt(Doubt::Twins(key)),
            Likeness::Twin => twin = Some(key),
        }
    }
    match (found, twin) {
        (None, None) => Lookup::Absent,
        (Some(value), None) => Lookup::Found(value),
        (None, Some(key)) => Lookup::Doubt(Doubt::Twin(key)),
        (Some(_), Some(key)) => Lookup::Doubt(Doubt::Twins(key)),
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

struct Segments<'a>(&'a [Segment]);

impl fmt::Display for Segments<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for segment in self.0 {
            match segment {
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Key(key) if parse::is_plain(key.text()) => write!(f, ".{}", key.text())?,
                Segment::Key(key) => {
                    let mut quoted = Vec::new();
                    toolgate_json::quote(key.text(), &mut quoted);
                    write!(f, "[{}]", String::from_utf8_lossy(&quoted))?;
                }
            }
        }
        Ok(())
    }
}
