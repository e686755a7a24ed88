//! What some tests can tell apart: every value falls into one of finitely many cells, and all
//! values of a cell are judged alike.
//!
//! The cells are complete but for the doubts: ways to be judged of which it could neither be
//! shown that a value has them, nor that none has.

mod automaton;
mod folders;
mod hosts;
mod lists;
pub(crate) mod numbers;
mod objects;
mod parts;
mod phrases;
#[cfg(test)]
mod tests;
mod texts;

use bytes::Bytes;
use toolgate_json::{Document, Reading, Value};

use super::literal::Literal;
use super::{Match, Operator};

/// One test of values.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Probe<'a> {
    /// Is it this value? Asked of the items of lists.
    Equals(&'a Literal),
    Is(&'a Operator),
}

/// Values that no test tells apart.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    /// One of them, as JSON.
    pub(crate) value: String,
    pub(crate) what: What,
    /// What each test says of them.
    pub(crate) answers: Vec<Match>,
    /// Whether a limit can count them.
    pub(crate) countable: bool,
}

/// Which values a cell holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Boolean(bool),
    /// Of lists, what sets these apart from others; nothing if they are all lists.
    List(Option<String>),
    Null,
    Number(numbers::Span),
    Object(Option<String>),
    /// A text that a test names, as JSON.
    Quoted(String),
    /// All others.
    Text(Option<String>),
    /// A number that programs read differently.
    Unclear,
}

/// A way to be judged that some value may have, or none.
#[derive(Clone, Debug)]
pub(crate) struct Doubt {
    pub(crate) what: What,
    pub(crate) answers: Vec<Match>,
    pub(crate) countable: bool,
    pub(crate) why: &'static str,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Cells {
    pub(crate) sure: Vec<Cell>,
    pub(crate) doubts: Vec<Doubt>,
    /// Set where there are too many doubts to list: anything might be.
    pub(crate) open: Option<&'static str>,
}

/// All cells that the tests tell apart; by what a limit can count too, if `counted`.
pub(crate) fn of(probes: &[Probe<'_>], counted: bool) -> Cells {
    let mut all = Cells::default();
    for (value, what) in [
        ("null", What::Null),
        ("true", What::Boolean(true)),
        ("false", What::Boolean(false)),
        (numbers::UNCLEAR, What::Unclear),
    ] {
        all.add(probes, value.to_owned(), what);
    }
    numbers::add(probes, counted, &mut all);
    texts::add(probes, &mut all);
    lists::add(probes, &mut all);
    objects::add(probes, &mut all);
    all
}

impl Probe<'_> {
    pub(crate) fn judge(self, value: Value<'_>) -> Match {
        match self {
            Self::Equals(literal) => literal.equals(value),
            Self::Is(operator) => operator.judge(value),
        }
    }
}

impl Cells {
    fn add(&mut self, probes: &[Probe<'_>], value: String, what: What) {
        if let Some(answers) = judged(probes, &value) {
            self.sure.push(Cell { value, what, answers, countable: false });
        }
    }

    /// The same, unless there is a cell of this sort already that is judged so.
    fn add_new(
        &mut self,
        probes: &[Probe<'_>],
        value: String,
        what: impl FnOnce(&[Match]) -> What,
    ) {
        let Some(answers) = judged(probes, &value) else { return };
        let what = what(&answers);
        let is_known = |cell: &Cell| cell.answers == answers && cell.what == what;
        if !self.sure.iter().any(is_known) {
            self.sure.push(Cell { value, what, answers, countable: false });
        }
    }

    /// Doubts for all of `options` that no cell of this sort has.
    fn doubt(
        &mut self,
        options: &[Vec<Match>],
        what: impl Fn(&[Match]) -> What,
        why: &'static str,
    ) {
        const DOUBTS_MAX: usize = 4096;
        let count = options.iter().map(Vec::len).try_fold(1_usize, usize::checked_mul);
        if count.is_none_or(|count| count > DOUBTS_MAX) {
            self.open = Some(why);
            return;
        }
        for answers in product(options) {
            let what = what(&answers);
            let is_known = |cell: &Cell| cell.answers == answers && cell.what == what;
            if !self.sure.iter().any(is_known) {
                self.doubts.push(Doubt { what, answers, countable: false, why });
            }
        }
    }
}

/// What each test says of a JSON text; nothing if it is none.
fn judged(probes: &[Probe<'_>], value: &str) -> Option<Vec<Match>> {
    let document = read(value)?;
    Some(probes.iter().map(|probe| probe.judge(document.root())).collect())
}

fn read(value: &str) -> Option<Document> {
    Document::parse(Bytes::copy_from_slice(value.as_bytes()), Reading::Strict).ok()
}

/// Every way to take one of each.
pub(crate) fn product<T: Clone>(options: &[Vec<T>]) -> Vec<Vec<T>> {
    options.iter().fold(vec![Vec::new()], |ways, option| {
        let longer = |way: Vec<T>| {
            option.iter().map(move |one| {
                let mut way = way.clone();
                way.push(one.clone());
                way
            })
        };
        ways.into_iter().flat_map(longer).collect()
    })
}

/// A text as JSON.
fn quoted(text: &str) -> String {
    let mut quoted = Vec::new();
    toolgate_json::quote(text, &mut quoted);
    String::from_utf8_lossy(&quoted).into_owned()
}

/// Cells of texts alone, without those that `named` lists; `samples` are tried first.
pub(crate) fn of_texts(probes: &[Probe<'_>], named: &[String], samples: &[String]) -> Cells {
    let mut all = Cells::default();
    texts::add_others(probes, named, samples, &mut all);
    all
}

/// The text that is meant by a JSON string.
pub(crate) fn text(value: &str) -> Option<String> {
    read(value)?.root().as_str().map(std::borrow::Cow::into_owned)
}
