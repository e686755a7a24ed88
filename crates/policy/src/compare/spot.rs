//! One path, and what the rules of both policies ask of what stands there.

use toolgate_json::{Decimal, Value};

use crate::amount::Amount;
use crate::compare::shape::Fill;
use crate::condition::Match;
use crate::condition::Operator;
use crate::condition::cells::{self, Cells, Probe, What};
use crate::decide::Answer;
use crate::path::{Doubt, Lookup, Path};

#[derive(Debug)]
pub(crate) struct Spot<'a> {
    pub(super) path: &'a Path,
    pub(super) operators: Vec<&'a Operator>,
    /// How each is written, to know it again.
    keys: Vec<String>,
    pub(super) is_counted: bool,
}

/// All that rules can know of what stands at a spot.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Sign {
    /// Of each operator.
    pub(super) answers: Vec<Answer>,
    pub(super) is_twice: bool,
    pub(super) is_countable: bool,
}

/// What stands at a spot, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Label {
    Missing,
    /// Only under a key that resembles it, or behind something that has no such place.
    Resembled,
    Twice,
    Value(What),
}

/// One kind of thing that can stand at a spot.
#[derive(Clone, Debug)]
pub(crate) struct Kind {
    /// Nothing if there may be no such thing.
    pub(super) fill: Option<Fill>,
    pub(super) sign: Sign,
    pub(super) label: Label,
    pub(super) why: &'static str,
}

impl Label {
    /// The less, the more it looks like what people send.
    pub(super) fn oddity(&self) -> usize {
        match self {
            Self::Missing => 0,
            Self::Value(What::Number(span)) if span.countable == Some(false) => 4,
            Self::Value(What::Quoted(_)) => 1,
            Self::Value(What::Number(_) | What::Text(_)) => 2,
            Self::Value(What::Boolean(_) | What::List(_) | What::Object(_)) => 3,
            Self::Value(What::Null | What::Unclear) => 4,
            Self::Resembled | Self::Twice => 5,
        }
    }
}

impl<'a> Spot<'a> {
    pub(super) fn new(path: &'a Path) -> Self {
        Self { path, operators: Vec::new(), keys: Vec::new(), is_counted: false }
    }

    /// The operator's number here.
    pub(super) fn ask(&mut self, operator: &'a Operator) -> usize {
        let key = format!("{operator:?}");
        if let Some(at) = self.keys.iter().position(|known| *known == key) {
            return at;
        }
        self.keys.push(key);
        self.operators.push(operator);
        self.operators.len() - 1
    }

    pub(super) fn probes(&self) -> Vec<Probe<'a>> {
        self.operators.iter().map(|operator| Probe::Is(operator)).collect()
    }

    /// All kinds, and why there may be more.
    pub(super) fn kinds(&self) -> (Vec<Kind>, Option<&'static str>) {
        let Cells { sure, doubts, open } = cells::of(&self.probes(), self.is_counted);
        let mut kinds = Vec::new();
        for cell in sure {
            let sign = self.valued(&cell.answers, cell.countable);
            let (fill, label) = (Some(Fill::Value(cell.value)), Label::Value(cell.what));
            kinds.push(Kind { fill, sign, label, why: "" });
        }
        for doubt in doubts {
            let sign = self.valued(&doubt.answers, doubt.countable);
            kinds.push(Kind { fill: None, sign, label: Label::Value(doubt.what), why: doubt.why });
        }
        for (fill, label) in [
            (Fill::Missing, Label::Missing),
            (Fill::Twin, Label::Resembled),
            (Fill::Twice, Label::Twice),
        ] {
            let sign = self.unvalued(&fill);
            kinds.push(Kind { fill: Some(fill), sign, label, why: "" });
        }
        (kinds, open)
    }

    fn valued(&self, answers: &[Match], countable: bool) -> Sign {
        let answers = answers.iter().map(|answer| of_match(*answer)).collect();
        Sign { answers, is_twice: false, is_countable: countable && self.is_counted }
    }

    fn unvalued(&self, fill: &Fill) -> Sign {
        let answer = |operator: &&Operator| match fill {
            Fill::Missing => absent(operator),
            _ => Answer::Unknown,
        };
        let answers = self.operators.iter().map(answer).collect();
        Sign { answers, is_twice: *fill == Fill::Twice, is_countable: false }
    }

    /// What rules know of these arguments.
    pub(super) fn sign(&self, arguments: Option<Value<'_>>) -> Sign {
        match self.path.find(arguments) {
            Lookup::Absent => self.unvalued(&Fill::Missing),
            Lookup::Doubt(Doubt::Twins(_)) => self.unvalued(&Fill::Twice),
            Lookup::Doubt(_) => self.unvalued(&Fill::Twin),
            Lookup::Found(value) => {
                let answers: Vec<Match> =
                    self.operators.iter().map(|operator| operator.judge(value)).collect();
                self.valued(&answers, is_countable(value))
            }
        }
    }
}

fn of_match(answer: Match) -> Answer {
    match answer {
        Match::No => Answer::No,
        Match::Unknown => Answer::Unknown,
        Match::Yes => Answer::Yes,
    }
}

fn absent(operator: &Operator) -> Answer {
    match operator.judge_absent() {
        None => Answer::Absent,
        Some(false) => Answer::No,
        Some(true) => Answer::Yes,
    }
}

fn is_countable(value: Value<'_>) -> bool {
    let number = value.as_number().and_then(Decimal::known);
    number.is_some_and(|number| Amount::new(&number).is_some())
}
