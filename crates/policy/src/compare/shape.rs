//! Arguments made to order: a value here, nothing there, a key that resembles another.

use bytes::Bytes;
use toolgate_json::{Document, Kind, Reading, Value};

use crate::path::{Path, Segment};

/// What is to stand at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fill {
    Missing,
    /// Only a key that resembles the last one.
    Twin,
    /// The key and one that resembles it.
    Twice,
    /// JSON.
    Value(String),
}

/// JSON that can be added to.
#[derive(Clone, Debug)]
enum Shape {
    List(Vec<Shape>),
    Object(Vec<(String, Shape)>),
    Plain(String),
}

/// The arguments with all of these, as JSON; what cannot be together is left out.
pub(super) fn arguments<'a>(fills: impl Iterator<Item = (&'a Path, &'a Fill)>) -> String {
    let mut fills: Vec<_> = fills.collect();
    // What holds others comes before them.
    fills.sort_by_key(|(path, _)| path.segments().len());
    let mut root = Shape::Object(Vec::new());
    for (path, fill) in fills {
        root.put(path.segments(), fill);
    }
    root.json()
}

impl Shape {
    fn put(&mut self, segments: &[Segment], fill: &Fill) {
        let last_key = segments.iter().rposition(|segment| matches!(segment, Segment::Key(_)));
        let (at, keep, add) = match (fill, last_key) {
            (Fill::Missing, _) | (Fill::Twice | Fill::Twin, None) => return,
            (Fill::Value(value), _) => (segments, Some(value.as_str()), None),
            (Fill::Twin, Some(last)) => (&segments[..=last], None, Some("0")),
            (Fill::Twice, Some(last)) => (&segments[..=last], Some("0"), Some("0")),
        };
        let Some((last, way)) = at.split_last() else { return };
        let Some(place) = way.iter().try_fold(self, Self::enter) else { return };
        if let Some(value) = keep {
            place.set(last, value);
        }
        if let (Some(value), Segment::Key(key), Self::Object(members)) = (add, last, place) {
            members.push((twin(key.text()), Self::Plain(value.to_owned())));
        }
    }

    fn enter(&mut self, segment: &Segment) -> Option<&mut Self> {
        match (segment, self) {
            (Segment::Key(key), Self::Object(members)) => {
                let at = members.iter().position(|(name, _)| name == key.text());
                let at = at.unwrap_or_else(|| {
                    members.push((key.text().to_owned(), Self::Plain("null".to_owned())));
                    members.len() - 1
                });
                members.get_mut(at).map(|(_, shape)| shape)
            }
            (Segment::Index(index), Self::List(items)) => {
                // More would be no longer a call that anybody sends.
                const ITEMS_MAX: usize = 10_000;
                while items.len() <= *index && items.len() < ITEMS_MAX {
                    items.push(Self::Plain("null".to_owned()));
                }
                items.get_mut(*index)
            }
            (segment, shape @ Self::Plain(_)) => {
                if !matches!(shape, Self::Plain(text) if text == "null") {
                    return None;
                }
                *shape = match segment {
                    Segment::Key(_) => Self::Object(Vec::new()),
                    Segment::Index(_) => Self::List(Vec::new()),
                };
                shape.enter(segment)
            }
            (_, _) => None,
        }
    }

    fn set(&mut self, segment: &Segment, value: &str) {
        if let Some(place) = self.enter(segment) {
            *place = Self::read(value);
        }
    }

    fn read(text: &str) -> Self {
        match Document::parse(Bytes::copy_from_slice(text.as_bytes()), Reading::Strict) {
            Ok(document) => Self::of(document.root()),
            Err(_) => Self::Plain("null".to_owned()),
        }
    }

    fn of(value: Value<'_>) -> Self {
        match value.kind() {
            Kind::Array => Self::List(value.items().map(Self::of).collect()),
            Kind::Object => Self::Object(
                value
                    .entries()
                    .map(|(key, value)| {
                        (key.as_str().unwrap_or_default().into_owned(), Self::of(value))
                    })
                    .collect(),
            ),
            _ => Self::Plain(String::from_utf8_lossy(value.raw()).into_owned()),
        }
    }

    fn json(&self) -> String {
        match self {
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(Self::json).collect();
                format!("[{}]", items.join(", "))
            }
            Self::Object(members) => {
                let member = |(key, value): &(String, Self)| {
                    let mut quoted = Vec::new();
                    toolgate_json::quote(key, &mut quoted);
                    format!("{}: {}", String::from_utf8_lossy(&quoted), value.json())
                };
                let members: Vec<String> = members.iter().map(member).collect();
                format!("{{{}}}", members.join(", "))
            }
            Self::Plain(text) => text.clone(),
        }
    }
}

/// Another spelling of the key: in capitals, or with a character that no eye sees.
fn twin(key: &str) -> String {
    let upper = key.to_ascii_uppercase();
    if upper == key { format!("{key}\u{ad}") } else { upper }
}
