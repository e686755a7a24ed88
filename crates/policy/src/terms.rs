//! On which terms a person is asked, and one question for all rules that want one.

use std::num::NonZeroU64;
use std::sync::Arc;

use crate::decision::Approval;

/// What a rule says of its question; what it leaves out, the document's `approvals` say, and else
/// the gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// How long the question stands, and a yes to it.
    pub timeout_s: Option<NonZeroU64>,
    /// How long the call is kept open for it.
    pub hold_s: Option<u64>,
    /// Who may say yes; anybody who approves at all if nothing is said.
    pub approvers: Option<Arc<[Arc<str>]>>,
    /// Equal calls within this time do not tell people again.
    pub dedupe_s: Option<NonZeroU64>,
    /// How many questions of one principal may be open.
    pub pending_max: Option<NonZeroU64>,
    /// Who is told, and may answer.
    pub webhook: Option<Arc<Webhook>>,
}

/// A web address that is told of questions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    pub url: String,
    /// Where the secret is found that signs what is sent, and answers: `env:NAME`, `file:/path`.
    pub secret: Option<String>,
}

/// One question that satisfies every rule that wants a person's yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Pointer and layer of each rule, the outermost layer first.
    pub rules: Vec<(Arc<str>, usize)>,
    /// The words of the first rule that has some.
    pub on_deny: Option<Arc<str>>,
    /// The narrowest of all.
    pub terms: Terms,
}

impl Terms {
    /// With another's where nothing is said here.
    pub(crate) fn or(self, other: &Self) -> Self {
        Self {
            timeout_s: self.timeout_s.or(other.timeout_s),
            hold_s: self.hold_s.or(other.hold_s),
            approvers: self.approvers.or_else(|| other.approvers.clone()),
            dedupe_s: self.dedupe_s.or(other.dedupe_s),
            pending_max: self.pending_max.or(other.pending_max),
            webhook: self.webhook.or_else(|| other.webhook.clone()),
        }
    }

    /// What satisfies both: the shorter times, and who is named by both. Only this one's webhook:
    /// whom an inner policy tells has no say in what an outer one asks.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self {
            timeout_s: least(self.timeout_s, other.timeout_s),
            hold_s: least(self.hold_s, other.hold_s),
            approvers: match (&self.approvers, &other.approvers) {
                (Some(one), Some(two)) => {
                    Some(one.iter().filter(|name| two.contains(name)).cloned().collect())
                }
                (one, two) => one.as_ref().or(two.as_ref()).cloned(),
            },
            dedupe_s: least(self.dedupe_s, other.dedupe_s),
            pending_max: least(self.pending_max, other.pending_max),
            webhook: self.webhook.clone(),
        }
    }

    /// Whether nobody can say yes.
    pub fn is_hopeless(&self) -> bool {
        self.approvers.as_ref().is_some_and(|names| names.is_empty())
    }
}

impl Question {
    /// Nothing if no rule wants one.
    pub fn of(approvals: &[Approval]) -> Option<Self> {
        let (first, rest) = approvals.split_first()?;
        let terms = rest.iter().fold(first.terms.clone(), |terms, one| terms.and(&one.terms));
        let rules = approvals.iter().map(|one| (Arc::clone(&one.pointer), one.layer));
        let on_deny = approvals.iter().find_map(|one| one.on_deny.clone());
        Some(Self { rules: rules.collect(), on_deny, terms })
    }
}

fn least<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn approval(layer: usize, terms: Terms) -> Approval {
        Approval { pointer: format!("/{layer}").into(), layer, on_deny: None, terms }
    }

    fn names(names: &[&str]) -> Arc<[Arc<str>]> {
        names.iter().map(|name| Arc::from(*name)).collect()
    }

    #[test]
    fn one_question_satisfies_every_rule() {
        let outer = Terms {
            timeout_s: NonZeroU64::new(600),
            hold_s: Some(30),
            approvers: Some(names(&["ann", "bob"])),
            ..Terms::default()
        };
        let inner = Terms {
            timeout_s: NonZeroU64::new(60),
            approvers: Some(names(&["bob", "eve"])),
            pending_max: NonZeroU64::new(3),
            ..Terms::default()
        };
        let words = Approval { on_deny: Some("inner".into()), ..approval(1, inner) };
        let question = Question::of(&[approval(0, outer), words]).unwrap();
        assert_eq!(question.rules, [("/0".into(), 0), ("/1".into(), 1)]);
        assert_eq!(question.on_deny.as_deref(), Some("inner"));
        let expected = Terms {
            timeout_s: NonZeroU64::new(60),
            hold_s: Some(30),
            approvers: Some(names(&["bob"])),
            dedupe_s: None,
            pending_max: NonZeroU64::new(3),
            webhook: None,
        };
        assert_eq!(question.terms, expected);
        assert!(!question.terms.is_hopeless());
        assert_eq!(Question::of(&[]), None);
    }

    #[test]
    fn nobody_can_answer_for_rules_that_name_nobody_in_common() {
        let of = |who: &[&str]| Terms { approvers: Some(names(who)), ..Terms::default() };
        assert!(of(&["ann"]).and(&of(&["bob"])).is_hopeless());
        assert!(!of(&["ann"]).and(&Terms::default()).is_hopeless());
        assert!(!Terms::default().and(&Terms::default()).is_hopeless());
    }

    /// Or else a policy below could name whoever answers for the organization.
    #[test]
    fn the_outermost_policy_that_asks_says_who_is_told() {
        let webhook = |url: &str| Some(Arc::new(Webhook { url: url.to_owned(), secret: None }));
        let told = |outer, inner| {
            let of = |webhook| Terms { webhook, ..Terms::default() };
            let asked = [approval(0, of(outer)), approval(1, of(inner))];
            Question::of(&asked).unwrap().terms.webhook
        };
        assert_eq!(told(webhook("a"), webhook("b")), webhook("a"));
        assert_eq!(told(webhook("a"), None), webhook("a"));
        assert_eq!(told(None, webhook("b")), None);
    }
}
