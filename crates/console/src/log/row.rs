//! One decision among others.

use toolgate_store::{Effect, Entry, Facts, Kind, Outcome};

/// What is shown of it in a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) seq: u64,
    pub(crate) id: String,
    pub(crate) wall_ms: u64,
    pub(crate) word: Word,
    /// Why it was not let through; empty where it was.
    pub(crate) code: String,
    /// JSON pointer; empty where no rule stands behind it.
    pub(crate) rule: String,
    pub(crate) server: String,
    pub(crate) grant: String,
    /// `issuer:subject`.
    pub(crate) principal: String,
    /// The method, where it is about no tool.
    pub(crate) tool: String,
    /// What rules in shadow would have made of it; empty if nothing else.
    pub(crate) shadow: &'static str,
    pub(crate) end: Option<End>,
}

/// How a call ended that was let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct End {
    pub(crate) outcome: Outcome,
    pub(crate) duration_us: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Word {
    #[default]
    Allow,
    Deny,
    Limit,
    Pending,
}

impl Row {
    /// Nothing of an entry that is no decision.
    pub(crate) fn of(entry: &Entry) -> Option<Self> {
        let (facts, shadow) = match &entry.kind {
            Kind::Opened(opened) => {
                let effect = opened.shadow.as_ref().and_then(|would| would.effect);
                (&opened.facts, effect.map_or("", Effect::as_str))
            }
            Kind::Denied(denied) => (&denied.facts, ""),
            Kind::Answered(_) | Kind::Changed(_) | Kind::Closed(_) | Kind::Note(_) => return None,
        };
        let (word, code, rule) = match &entry.kind {
            Kind::Denied(denied) => (denied.effect.into(), &*denied.code, &*denied.pointer),
            _ => (Word::Allow, "", ""),
        };
        let principal = &facts.caller.principal;
        Some(Self {
            seq: entry.seq,
            id: entry.decision_id().to_string(),
            wall_ms: entry.wall_ms,
            word,
            code: code.to_owned(),
            rule: rule.to_owned(),
            server: facts.caller.server.clone(),
            grant: facts.caller.grant.clone(),
            principal: format!("{}:{}", principal.issuer, principal.subject),
            tool: facts.tool.as_ref().unwrap_or(&facts.method).clone(),
            shadow,
            end: None,
        })
    }
}

/// Of an entry that is a decision.
pub(crate) fn facts(entry: &Entry) -> Option<&Facts> {
    match &entry.kind {
        Kind::Denied(denied) => Some(&denied.facts),
        Kind::Opened(opened) => Some(&opened.facts),
        Kind::Answered(_) | Kind::Changed(_) | Kind::Closed(_) | Kind::Note(_) => None,
    }
}

impl End {
    /// Nothing of an entry that is no outcome.
    pub(crate) fn of(entry: &Entry) -> Option<Self> {
        match &entry.kind {
            Kind::Closed(closed) => {
                Some(Self { outcome: closed.outcome, duration_us: closed.duration_us })
            }
            Kind::Answered(_)
            | Kind::Changed(_)
            | Kind::Denied(_)
            | Kind::Note(_)
            | Kind::Opened(_) => None,
        }
    }

    /// `answered in 12.3 ms`
    pub(crate) fn words(self) -> String {
        let after = span(self.duration_us);
        match self.outcome {
            Outcome::Answered => format!("answered in {after}"),
            Outcome::Cancelled => format!("cancelled after {after}"),
            Outcome::Disconnected => format!("server gone after {after}"),
            Outcome::Flagged => format!("answered in {after}, result flagged"),
            Outcome::NotSent => "not sent".to_owned(),
            Outcome::ProtocolError => format!("protocol error in {after}"),
            Outcome::Stripped => format!("answered in {after}, result stripped"),
            Outcome::TimedOut => format!("timed out after {after}"),
            Outcome::ToolError => format!("tool error in {after}"),
            Outcome::Withheld => format!("answered in {after}, result withheld"),
        }
    }
}

impl From<Effect> for Word {
    fn from(effect: Effect) -> Self {
        match effect {
            Effect::Deny => Self::Deny,
            Effect::Limit => Self::Limit,
            Effect::Pending => Self::Pending,
        }
    }
}

impl Word {
    pub(crate) const ALL: [Self; 4] = [Self::Allow, Self::Deny, Self::Limit, Self::Pending];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
            Self::Limit => "limit",
            Self::Pending => "pending",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|word| word.as_str() == text)
    }
}

/// `850 µs`, `12.3 ms`, `4.2 s`.
pub(crate) fn span(duration_us: u64) -> String {
    let tenths = |unit: u64, name| {
        format!("{}.{} {name}", duration_us / unit, duration_us % unit * 10 / unit)
    };
    match duration_us {
        0..1_000 => format!("{duration_us} µs"),
        1_000..1_000_000 => tenths(1_000, "ms"),
        _ => tenths(1_000_000, "s"),
    }
}
