//! What a policy's rules need of the cells of each group, so that a call passes.

use crate::compare::group::{Group, GroupCell};
use crate::compare::side::Side;
use crate::compare::spot::Spot;
use crate::condition::Condition;
use crate::decide::Answer;
use crate::rule::{Check, Increment, Test};

/// Where a condition looks: which group, which of its spots, which operator.
#[derive(Clone, Copy, Debug)]
pub(super) struct At {
    pub(super) group: usize,
    spot: usize,
    operator: usize,
}

#[derive(Clone, Debug)]
enum Need {
    Count(At),
    DenyIf(At),
    /// A person is asked; keys must not be there twice.
    Once(At),
    Require(At),
    RequiredArgs,
    Schema,
}

/// What one side needs.
#[derive(Debug, Default)]
pub(super) struct Needs {
    needs: Vec<Need>,
    /// Each question to a person, with the conditions for it.
    pub(super) asks: Vec<Vec<At>>,
}

/// How a tool's own definition stands to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Defined {
    /// The arguments break its schema; none that it requires is missing.
    Breaks,
    Fits,
    /// A required argument is missing.
    Lacks,
    /// A required argument is missing, and the schema allows it nevertheless.
    LacksAndFits,
    /// There is none, or a key resembles a declared one.
    Unknown,
}

impl Defined {
    pub(super) const ALL: [Self; 5] =
        [Self::Breaks, Self::Fits, Self::Lacks, Self::LacksAndFits, Self::Unknown];

    /// An item of `tools/list` that is so for all arguments.
    pub(crate) fn text(self) -> Option<&'static str> {
        match self {
            Self::Breaks => Some(r#"{"name":"tool","inputSchema":{"type":"object","not":{}}}"#),
            Self::Fits => Some(r#"{"name":"tool","inputSchema":{"type":"object"}}"#),
            Self::Lacks => Some(concat!(
                r#"{"name":"tool","inputSchema":{"type":"object","#,
                r#""required":["an argument that nobody gives"]}}"#
            )),
            // Draft 7 looks at nothing beside a reference.
            Self::LacksAndFits => Some(concat!(
                r##"{"name":"tool","inputSchema":{"$schema":"##,
                r##""http://json-schema.org/draft-07/schema#","$ref":"#/definitions/any","##,
                r##""definitions":{"any":{}},"required":["an argument that nobody gives"]}}"##
            )),
            Self::Unknown => None,
        }
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Breaks => "does not allow the arguments",
            Self::Fits => "allows the arguments",
            Self::Lacks => "requires an argument that is missing",
            Self::LacksAndFits => "requires an argument that is missing, but its schema does not",
            Self::Unknown => "is not known, or declares a key that one of the arguments resembles",
        }
    }

    fn has_required(self) -> bool {
        matches!(self, Self::Breaks | Self::Fits)
    }

    fn has_schema(self) -> bool {
        matches!(self, Self::Fits | Self::LacksAndFits)
    }
}

/// All spots that the rules of some sides look at.
pub(super) fn spots<'a>(sides: [&Side<'a>; 2]) -> Vec<Spot<'a>> {
    let mut spots: Vec<Spot<'a>> = Vec::new();
    for check in sides.into_iter().flat_map(|side| &side.checks) {
        for condition in conditions(check) {
            let at = find(&mut spots, &condition.path);
            spots[at].ask(&condition.operator);
        }
        if let Test::Limit(limit) = &check.test
            && let Increment::Argument(path) = &limit.increment
        {
            let at = find(&mut spots, path);
            spots[at].is_counted = true;
        }
    }
    spots
}

fn find<'a>(spots: &mut Vec<Spot<'a>>, path: &'a crate::path::Path) -> usize {
    let known = spots.iter().position(|spot| spot.path.as_str() == path.as_str());
    known.unwrap_or_else(|| {
        spots.push(Spot::new(path));
        spots.len() - 1
    })
}

fn conditions(check: &Check) -> Vec<&Condition> {
    match &check.test {
        Test::Approve(ask) => ask.conditions.iter().collect(),
        Test::DenyIf(condition) | Test::Require(condition) => vec![condition],
        Test::Deny | Test::Limit(_) | Test::RequiredArgs | Test::Schema => Vec::new(),
    }
}

/// Whether a rule asks for the tool's own definition.
pub(super) fn asks_definition(side: &Side<'_>) -> bool {
    side.checks.iter().any(|check| matches!(check.test, Test::RequiredArgs | Test::Schema))
}

impl Needs {
    pub(super) fn of<'a>(side: &Side<'a>, groups: &mut [Group<'a>]) -> Self {
        let mut needs = Self::default();
        for check in &side.checks {
            match &check.test {
                Test::Approve(ask) => {
                    let conditions = ask.conditions.iter();
                    let ats: Vec<At> = conditions.filter_map(|it| at(it, groups)).collect();
                    needs.needs.extend(ats.iter().copied().map(Need::Once));
                    needs.asks.push(ats);
                }
                test => needs.needs.extend(Need::of(test, groups)),
            }
        }
        needs
    }

    /// Equal for needs that ask the same of the group.
    pub(super) fn key(&self, group: usize) -> Vec<String> {
        let needs = self.needs.iter().filter(|need| need.is_of(group));
        let asks = self.asks.iter().filter(|ask| ask.iter().any(|at| at.group == group));
        let mut key: Vec<String> = needs.map(|need| format!("{need:?}")).collect();
        key.extend(asks.map(|ask| format!("{ask:?}")));
        key.sort();
        key.dedup();
        key
    }

    /// Whether all that is asked of this group holds.
    pub(super) fn hold(&self, group: usize, cell: &GroupCell) -> bool {
        self.needs.iter().all(|need| match need {
            Need::Count(at) if at.group == group => cell.signs[at.spot].is_countable,
            Need::DenyIf(at) if at.group == group => {
                matches!(at.answer(cell), Some(Answer::Absent | Answer::No))
            }
            Need::Once(at) if at.group == group => at.answer(cell).is_some(),
            Need::Require(at) if at.group == group => at.answer(cell) == Some(Answer::Yes),
            Need::RequiredArgs => cell.defined.is_none_or(Defined::has_required),
            Need::Schema => cell.defined.is_none_or(Defined::has_schema),
            Need::Count(_) | Need::DenyIf(_) | Need::Once(_) | Need::Require(_) => true,
        })
    }
}

impl Need {
    /// What a test wants of a call, whoever says yes to it.
    fn of<'a>(test: &'a Test, groups: &mut [Group<'a>]) -> Option<Self> {
        match test {
            Test::Approve(_) | Test::Deny => None,
            Test::DenyIf(condition) => at(condition, groups).map(Self::DenyIf),
            Test::Limit(limit) => match &limit.increment {
                Increment::Argument(path) => place(path, groups).map(Self::Count),
                Increment::Fixed(_) => None,
            },
            Test::Require(condition) => at(condition, groups).map(Self::Require),
            Test::RequiredArgs => Some(Self::RequiredArgs),
            Test::Schema => Some(Self::Schema),
        }
    }

    fn is_of(&self, group: usize) -> bool {
        match self {
            Self::Count(at) | Self::DenyIf(at) | Self::Once(at) | Self::Require(at) => {
                at.group == group
            }
            Self::RequiredArgs | Self::Schema => false,
        }
    }
}

impl At {
    /// Nothing if the key is there twice.
    fn answer(self, cell: &GroupCell) -> Option<Answer> {
        let sign = cell.signs.get(self.spot)?;
        if sign.is_twice { None } else { sign.answers.get(self.operator).copied() }
    }

    /// Whether the condition does not certainly not hold.
    pub(super) fn may_hold(self, cell: &GroupCell) -> bool {
        self.answer(cell) != Some(Answer::No)
    }
}

fn at<'a>(condition: &'a Condition, groups: &mut [Group<'a>]) -> Option<At> {
    let place = place(&condition.path, groups)?;
    let operator = groups[place.group].spots[place.spot].ask(&condition.operator);
    Some(At { operator, ..place })
}

fn place(path: &crate::path::Path, groups: &[Group<'_>]) -> Option<At> {
    groups.iter().enumerate().find_map(|(group, own)| {
        let spot = own.spots.iter().position(|spot| spot.path.as_str() == path.as_str())?;
        Some(At { group, spot, operator: 0 })
    })
}
