//! What the scripted client says, and what must come of it.

/// One tool call and its purpose.
pub(super) struct Step {
    /// What it shows, for the table.
    pub(super) shows: &'static str,
    pub(super) tool: &'static str,
    /// As it goes over the wire: some are not what a decent client would write.
    pub(super) arguments: &'static str,
    pub(super) expected: Expected,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// It reaches the server.
    Allow,
    /// A tool result that says so, with this code.
    Deny(&'static str),
    /// A tool result that says when to come back.
    Limit,
    /// No message at all: a JSON-RPC error.
    Refuse,
    /// As if there were no such tool.
    Unknown,
}

pub(super) const STEPS: [Step; 14] = [
    Step {
        shows: "a listed tool",
        tool: "list_customers",
        arguments: "{}",
        expected: Expected::Allow,
    },
    Step {
        shows: "two a minute: the second",
        tool: "list_customers",
        arguments: "{}",
        expected: Expected::Allow,
    },
    Step {
        shows: "two a minute: the third",
        tool: "list_customers",
        arguments: "{}",
        expected: Expected::Limit,
    },
    Step {
        shows: "a path inside",
        tool: "read_file",
        arguments: r#"{"path": "/shop/public/prices.txt"}"#,
        expected: Expected::Allow,
    },
    Step {
        shows: "a path that climbs out",
        tool: "read_file",
        arguments: r#"{"path": "/shop/public/../private/payroll.csv"}"#,
        expected: Expected::Deny("condition_unknown"),
    },
    Step {
        shows: "a small amount",
        tool: "refund",
        arguments: r#"{"customer": "c-1", "amount": 99.5}"#,
        expected: Expected::Allow,
    },
    Step {
        shows: "a large amount",
        tool: "refund",
        arguments: r#"{"customer": "c-2", "amount": 500}"#,
        expected: Expected::Deny("condition_not_met"),
    },
    Step {
        shows: "a negative amount, to win budget back",
        tool: "refund",
        arguments: r#"{"customer": "c-2", "amount": -1000}"#,
        expected: Expected::Deny("amount_invalid"),
    },
    Step {
        shows: "a number in quotes",
        tool: "refund",
        arguments: r#"{"customer": "c-2", "amount": "5"}"#,
        expected: Expected::Deny("condition_unknown"),
    },
    Step {
        shows: "150 a day: 99.5 + 60 is more",
        tool: "refund",
        arguments: r#"{"customer": "c-3", "amount": 60}"#,
        expected: Expected::Limit,
    },
    Step {
        shows: "two spellings of one key",
        tool: "refund",
        arguments: r#"{"customer": "c-3", "amount": 5, "Amount": 5000}"#,
        expected: Expected::Deny("ambiguous_argument"),
    },
    Step {
        shows: "one key twice",
        tool: "refund",
        arguments: r#"{"customer": "c-3", "amount": 5, "amount": 5000}"#,
        expected: Expected::Refuse,
    },
    Step {
        shows: "a tool that nobody listed",
        tool: "run_command",
        arguments: r#"{"command": "rm -rf /"}"#,
        expected: Expected::Deny("default_deny"),
    },
    Step {
        shows: "a hidden tool",
        tool: "delete_customer",
        arguments: r#"{"customer": "c-1"}"#,
        expected: Expected::Unknown,
    },
];
