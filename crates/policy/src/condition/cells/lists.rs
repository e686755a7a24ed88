//! Lists: every way in which their items can add up.

use std::collections::VecDeque;

use hashbrown::HashSet;

use super::{Cells, Probe, What, judged, phrases};
use crate::condition::literal::Literal;
use crate::condition::operator::{Operator, Test};
use crate::condition::{Match, cells};

const STATES_MAX: usize = 2_000;
const TOO_MANY: &str = "lists can be made up in too many ways";

/// What is asked of items, and how the answers add up.
enum Sum<'a> {
    /// All must be so.
    All(&'a Operator),
    /// Some must be this.
    Any(&'a Literal),
    /// One after the other must be these.
    Each(&'a [Literal]),
    /// Some must be so.
    One(&'a Operator),
}

/// What is known of a list once some of its items are.
#[derive(Clone, PartialEq, Eq, Hash)]
struct State {
    count: usize,
    sums: Vec<Match>,
}

pub(super) fn add(probes: &[Probe<'_>], all: &mut Cells) {
    let (sums, count_max) = sums(probes);
    if sums.is_empty() && count_max == 0 {
        all.add(probes, "[]".to_owned(), What::List(None));
        return;
    }
    let of_items = items(&sums);
    let items = cells::of(&of_items, false);
    let what = |answers: &[Match]| What::List(phrases::of_list(probes, answers));
    let mut gap =
        if items.doubts.is_empty() { items.open } else { items.doubts.first().map(|d| d.why) };
    let mut seen = HashSet::new();
    let mut queue = VecDeque::new();
    let start =
        sums.iter().map(|sum| Match::of(!matches!(sum, Sum::Any(_) | Sum::One(_)))).collect();
    queue.push_back((State { count: 0, sums: start }, String::new()));
    while let Some((state, text)) = queue.pop_front() {
        all.add_new(probes, format!("[{text}]"), what);
        for item in &items.sure {
            let next = state.with(&item.value, &sums, count_max);
            if seen.len() > STATES_MAX {
                gap = Some(TOO_MANY);
            } else if seen.insert(next.clone()) {
                queue.push_back((next, longer(&text, &item.value)));
            }
        }
    }
    if let Some(why) = gap {
        all.doubt(&options(probes), what, why);
    }
}

/// One item more.
fn longer(items: &str, item: &str) -> String {
    if items.is_empty() { item.to_owned() } else { format!("{items},{item}") }
}

impl State {
    fn with(&self, item: &str, sums: &[Sum<'_>], count_max: usize) -> Self {
        let judge =
            |probe: Probe<'_>| judged(&[probe], item).and_then(|answers| answers.first().copied());
        let add = |(sum, so_far): (&Sum<'_>, &Match)| match sum {
            Sum::All(operator) => {
                Match::all([*so_far, known(judge(Probe::Is(operator)))].into_iter())
            }
            Sum::One(operator) => {
                Match::any([*so_far, known(judge(Probe::Is(operator)))].into_iter())
            }
            Sum::Any(literal) => {
                Match::any([*so_far, known(judge(Probe::Equals(literal)))].into_iter())
            }
            Sum::Each(list) => match list.get(self.count) {
                Some(literal) => {
                    Match::all([*so_far, known(judge(Probe::Equals(literal)))].into_iter())
                }
                None => *so_far,
            },
        };
        let sums = sums.iter().zip(&self.sums).map(add).collect();
        Self { count: (self.count + 1).min(count_max), sums }
    }
}

fn known(answer: Option<Match>) -> Match {
    answer.unwrap_or(Match::Unknown)
}

/// And the number of items from which on more make no difference.
fn sums<'a>(probes: &[Probe<'a>]) -> (Vec<Sum<'a>>, usize) {
    let (mut sums, mut count_max) = (Vec::new(), 0);
    for probe in probes {
        match probe {
            Probe::Is(Operator(Test::Contains(part))) => sums.push(Sum::Any(&part.literal)),
            Probe::Is(Operator(Test::Any(operator))) => sums.push(Sum::One(operator)),
            Probe::Is(Operator(Test::Each(operator))) => sums.push(Sum::All(operator)),
            Probe::Is(Operator(Test::Length { min, max })) => {
                let most = (*min).max(max.unwrap_or(0)).saturating_add(1);
                count_max = count_max.max(usize::try_from(most).unwrap_or(usize::MAX));
            }
            _ => {}
        }
    }
    for literal in super::parts::literals(probes) {
        if let Literal::Array(list) = literal {
            count_max = count_max.max(list.len() + 1);
            sums.push(Sum::Each(list));
        }
    }
    (sums, count_max)
}

fn items<'a>(sums: &[Sum<'a>]) -> Vec<Probe<'a>> {
    let mut probes = Vec::new();
    for sum in sums {
        match sum {
            Sum::All(operator) | Sum::One(operator) => probes.push(Probe::Is(operator)),
            Sum::Any(literal) => probes.push(Probe::Equals(literal)),
            Sum::Each(list) => probes.extend(list.iter().map(Probe::Equals)),
        }
    }
    probes
}

/// What each test may say of a list.
fn options(probes: &[Probe<'_>]) -> Vec<Vec<Match>> {
    let any = || vec![Match::No, Match::Unknown, Match::Yes];
    let one = |probe: &Probe<'_>| match probe {
        Probe::Is(Operator(Test::Length { .. })) => vec![Match::No, Match::Yes],
        Probe::Is(Operator(
            Test::Any(_)
            | Test::Contains(_)
            | Test::Each(_)
            | Test::Equal(_)
            | Test::NoneOf(_)
            | Test::NotEqual(_)
            | Test::OneOf(_),
        ))
        | Probe::Equals(_) => any(),
        Probe::Is(_) => judged(&[*probe], "[]").unwrap_or_default(),
    };
    probes.iter().map(one).collect()
}
