//! What cannot stand at two linked places at once.

use crate::compare::spot::Label;
use crate::condition::cells::What;
use crate::path::{Path, Segment};

/// Whether no arguments have both.
pub(super) fn exclude(one: (&Path, &Label), other: (&Path, &Label)) -> bool {
    let (a, b) = (one.0.segments(), other.0.segments());
    let shared = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    match (&a[shared..], &b[shared..]) {
        ([], [next, ..]) => !holds(one.1, next, other.1),
        ([next, ..], []) => !holds(other.1, next, one.1),
        ([Segment::Index(i)], [Segment::Index(k)]) if i < k => !precedes(one.1, other.1),
        ([Segment::Index(_)], [Segment::Index(_)]) => !precedes(other.1, one.1),
        ([Segment::Key(_)], [Segment::Key(_)]) => !resemble(one.1, other.1),
        _ => false,
    }
}

/// Whether what is inside can be inside of this.
fn holds(outer: &Label, next: &Segment, inner: &Label) -> bool {
    match (outer, next) {
        (Label::Missing | Label::Value(What::Null), _) => *inner == Label::Missing,
        (Label::Twice, _) => *inner == Label::Twice,
        (Label::Value(What::Object(_)), Segment::Key(_))
        | (Label::Value(What::List(_)), Segment::Index(_)) => true,
        (Label::Resembled | Label::Value(_), _) => *inner == Label::Resembled,
    }
}

fn is_item(label: &Label) -> bool {
    matches!(label, Label::Missing | Label::Value(_))
}

/// Whether the second of two items of a list can be so if the first is.
fn precedes(first: &Label, second: &Label) -> bool {
    match first {
        Label::Missing => *second == Label::Missing,
        Label::Resembled | Label::Twice => first == second,
        Label::Value(_) => is_item(second),
    }
}

/// Whether both can be said of two keys that resemble one another.
fn resemble(one: &Label, other: &Label) -> bool {
    match (one, other) {
        (Label::Value(_), Label::Resembled) | (Label::Resembled, Label::Value(_)) => true,
        (Label::Value(_), _) | (_, Label::Value(_)) => false,
        (one, other) => one == other,
    }
}
