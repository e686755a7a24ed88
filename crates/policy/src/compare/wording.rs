//! Regions, as people and programs read them.

use toolgate_json::Decimal;

use crate::amount::Amount;
use crate::compare::Part;
use crate::compare::group::Group;
use crate::compare::needs::Defined;
use crate::compare::region::Region;
use crate::compare::spot::Label;
use crate::condition::cells::What;
use crate::condition::cells::numbers::Span;

/// What the region says of each group that it says anything of. First comes what is narrowest.
pub(super) fn parts(groups: &[Group<'_>], region: &Region) -> Vec<Part> {
    let mut parts = Vec::new();
    for (group, cells) in groups.iter().zip(&region.cells) {
        if cells.len() < group.cells.len() {
            parts.extend(part(group, cells));
        }
    }
    parts.sort_by_key(|part| part.is_other);
    parts
}

pub(super) fn anything(group: &Group<'_>) -> Part {
    let paths: Vec<&str> = group.spots.iter().map(|spot| spot.path.as_str()).collect();
    Part { path: paths.join(", "), values: Vec::new(), is_other: true }
}

fn part(group: &Group<'_>, cells: &[usize]) -> Vec<Part> {
    if group.is_definition() {
        let words = cells.iter().filter_map(|at| group.cells[*at].defined).map(Defined::words);
        let values = words.map(str::to_owned).collect();
        return vec![Part { path: String::new(), values, is_other: false }];
    }
    if let [spot] = &group.spots[..] {
        let label = |at: usize| &group.cells[at].labels[0];
        let is_in = |at: &usize| cells.contains(at);
        let (own, rest): (Vec<usize>, Vec<usize>) = (0..group.cells.len()).partition(is_in);
        let all: Vec<&Label> = (0..group.cells.len()).map(label).collect();
        let own = described(&own.into_iter().map(label).collect::<Vec<_>>(), &all);
        let rest = described(&rest.into_iter().map(label).collect::<Vec<_>>(), &all);
        let is_other = rest.len() < own.len();
        let values = if is_other { rest } else { own };
        return vec![Part { path: spot.path.to_string(), values, is_other }];
    }
    // Which go together cannot be said of each alone.
    let way = |at: &usize| {
        let labels = group.cells[*at].labels.iter();
        let each = group.spots.iter().zip(labels).map(|(spot, label)| {
            format!("{}: {}", spot.path, described(&[label], &[]).join(" or "))
        });
        each.collect::<Vec<_>>().join(" with ")
    };
    let mut values: Vec<String> = cells.iter().map(way).collect();
    values.dedup();
    vec![Part { values, ..Part { is_other: false, ..anything(group) } }]
}

/// The labels in words, as few as possible; all that there are make up sorts.
fn described(own: &[&Label], all: &[&Label]) -> Vec<String> {
    let mut words: Vec<String> = numbers(own, all);
    let mut push = |text: String| {
        if !words.contains(&text) {
            words.push(text);
        }
    };
    for label in own {
        let what = match label {
            Label::Missing => {
                push("not given".to_owned());
                continue;
            }
            Label::Resembled => {
                push("given by a key that resembles it, or with something in its way".to_owned());
                continue;
            }
            Label::Twice => {
                push("given twice".to_owned());
                continue;
            }
            Label::Value(What::Number(_) | What::Unclear) => continue,
            Label::Value(what) => what,
        };
        let of_sort =
            |labels: &[&Label]| labels.iter().filter(|label| is_of(label, what.sort())).count();
        if of_sort(all) > 0 && of_sort(own) == of_sort(all) {
            push(what.sort().to_owned());
        } else {
            push(one(what));
        }
    }
    words
}

fn is_of(label: &Label, sort: &str) -> bool {
    matches!(label, Label::Value(what) if what.sort() == sort)
}

fn one(what: &What) -> String {
    match what {
        What::Boolean(value) => value.to_string(),
        What::List(words) | What::Object(words) | What::Text(words) => {
            words.clone().unwrap_or_else(|| what.sort().to_owned())
        }
        What::Quoted(text) => text.clone(),
        What::Null | What::Number(_) | What::Unclear => what.sort().to_owned(),
    }
}

/// Spans that follow one another are one.
fn numbers(own: &[&Label], all: &[&Label]) -> Vec<String> {
    let sort = "any number";
    let count = |labels: &[&Label]| labels.iter().filter(|label| is_of(label, sort)).count();
    if count(own) > 0 && count(own) == count(all) {
        return vec![sort.to_owned()];
    }
    let mut runs: Vec<Run> = Vec::new();
    let mut words = Vec::new();
    for label in own {
        match label {
            Label::Value(What::Number(span)) => {
                let next = Run::of(span);
                match runs.last_mut().filter(|last| last.meets(&next)) {
                    Some(last) => last.join(next),
                    None => runs.push(next),
                }
            }
            Label::Value(What::Unclear) => {
                words.push("a number that programs read differently".to_owned());
            }
            _ => {}
        }
    }
    runs.iter().map(Run::words).chain(words).collect()
}

/// Numbers from one end to the other.
struct Run {
    low: Option<Decimal>,
    high: Option<Decimal>,
    has_low: bool,
    has_high: bool,
    /// Where only some of them are meant.
    note: Option<bool>,
}

impl Run {
    fn of(span: &Span) -> Self {
        let can_count = || span.low.as_ref().and_then(Amount::new).is_some();
        Self {
            low: span.low.clone(),
            high: span.high.clone(),
            has_low: span.is_point,
            has_high: span.is_point,
            note: if span.is_point { Some(can_count()) } else { span.countable },
        }
    }

    /// Whether both are one run: side by side, or all numbers between the same ends.
    fn meets(&self, next: &Self) -> bool {
        if !next.has_low && (&self.low, &self.high) == (&next.low, &next.high) {
            return true;
        }
        let is_beside = self.high.is_some() && self.high == next.low;
        let is_gapless = self.has_high || next.has_low;
        let is_alike = self.note == next.note || self.is_point() || next.is_point();
        let fits = |point: &Self, other: &Self| {
            !point.is_point() || other.note.is_none() || point.note == other.note
        };
        is_beside && is_gapless && is_alike && fits(self, next) && fits(next, self)
    }

    fn is_point(&self) -> bool {
        self.has_low && self.has_high && self.low == self.high
    }

    fn join(&mut self, next: Self) {
        let is_same = !next.has_low && (&self.low, &self.high) == (&next.low, &next.high);
        self.note = match (self.is_point(), next.is_point()) {
            _ if is_same => None,
            (true, _) => next.note,
            (false, _) => self.note,
        };
        if !is_same {
            self.high = next.high;
            self.has_high = next.has_high;
        }
    }

    fn words(&self) -> String {
        let low = self.low.as_ref().map(|low| {
            if self.has_low { format!("at least {low}") } else { format!("more than {low}") }
        });
        let high = self.high.as_ref().map(|high| {
            if self.has_high { format!("at most {high}") } else { format!("less than {high}") }
        });
        let note = match self.note {
            None => "",
            Some(true) => ", with at most 18 decimal places",
            Some(false) => ", with more than 18 decimal places",
        };
        let span = match (low, high) {
            (Some(_), Some(_)) if self.is_point() => return self.point(),
            (Some(low), Some(high)) => format!("{low} and {high}"),
            (Some(end), None) | (None, Some(end)) => end,
            (None, None) => "any number".to_owned(),
        };
        format!("{span}{note}")
    }

    fn point(&self) -> String {
        self.low.as_ref().map(ToString::to_string).unwrap_or_default()
    }
}
