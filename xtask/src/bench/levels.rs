//! What toolgate is told to do in each of its arms. The record of every call is always on.

#[derive(Debug)]
pub(crate) struct Level {
    pub(crate) name: &'static str,
    pub(crate) policy: &'static str,
    /// Whether it denies the call.
    pub(crate) denies: bool,
}

impl Level {
    /// An admitted call is opened and closed, a denied one is told once.
    pub(crate) fn records_per_call(&self) -> u32 {
        if self.denies { 1 } else { 2 }
    }
}

/// The gateway for many, at its own address.
pub(crate) const SERVE: Level =
    Level { name: "toolgate serve: 1 limit", policy: ONE_LIMIT, denies: false };

/// Limits are far away: what is measured is the bookkeeping, not the refusal.
pub(crate) const LEVELS: &[Level] = &[
    Level { name: "toolgate: no rule", policy: NO_RULE, denies: false },
    Level { name: "toolgate: 3 conditions", policy: THREE_CONDITIONS, denies: false },
    Level { name: "toolgate: 1 limit", policy: ONE_LIMIT, denies: false },
    Level { name: "toolgate: 2 limits, amount", policy: TWO_LIMITS_AND_AMOUNT, denies: false },
    Level { name: "toolgate: denied", policy: DENIED, denies: true },
];

pub const NO_RULE: &str = r#"version: "1"
default: deny
tools:
  echo: {}
"#;

const THREE_CONDITIONS: &str = r#"version: "1"
default: deny
tools:
  echo:
    rules:
      - name: what may be asked for
        conditions:
          - { path: args.amount, op: lte, value: 100 }
          - { path: args.currency, op: in, value: [eur, usd] }
          - { path: args.path, op: regex, value: "^/srv/data/" }
"#;

pub const ONE_LIMIT: &str = r#"version: "1"
default: deny
tools:
  echo:
    rules:
      - name: hourly
        rate_limit: 1000000000/hour
"#;

pub const TWO_LIMITS_AND_AMOUNT: &str = r#"version: "1"
default: deny
tools:
  echo:
    rules:
      - name: hourly
        rate_limit: 1000000000/hour
      - name: daily
        rate_limit: 1000000000/day
      - name: daily amount
        conditions:
          - { path: state.echo.spent, op: lte, value: 1000000000000 }
        state: { counter: spent, window: day, increment_from: args.amount }
"#;

const DENIED: &str = r#"version: "1"
default: deny
tools:
  echo:
    rules:
      - name: never
        action: deny
        on_deny: not today
"#;
