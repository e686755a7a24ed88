//! Every key of every dialect, once: the reader, its suggestions and the schema come from here.

use crate::condition::OPERATORS;
use crate::document::cases::keys::{EARLIER, EXPECT, TEST};
use crate::document::notation::{About, Notation, Refused};
use crate::document::section_keys::{ENTRY, ENTRY_RULE, SERVER_REQUESTS};
use crate::document::table::{Key, Manner, Shape, Table, may, must};

/// Policy documents.
pub(crate) static POLICY: Notation = Notation {
    what: "policy",
    shortest: "default: deny",
    root: &DOCUMENT,
    tables: &TABLES,
    refused: &[
        Refused {
            key: "servers",
            message: "unknown key `servers`",
            help: "is this the gateway's configuration? `toolgate check --config FILE` reads it",
        },
        Refused {
            key: "spend",
            message: "payments are not supported yet: `spend` would bound nothing",
            help: "remove it; `limits` with `increment_from` bound a sum among the arguments",
        },
    ],
    holds_secrets: false,
    about: About {
        id: "https://toolgate.dev/schema/policy.schema.json",
        title: "toolgate policy",
        description: "What agents may do with an MCP server, and the server with them.",
    },
};

/// All tables; where several have a key, the first ones are suggested.
pub(crate) static TABLES: [&Table; 20] = [
    &TOOL,
    &DOCUMENT,
    &RULE,
    &ALL_TOOLS,
    &LIMIT,
    &RATE,
    &STATE,
    &RULE_CONDITION,
    &PREDICATE,
    &CONDITION,
    &VALIDATE,
    &APPROVALS,
    &NOTIFY,
    &WEBHOOK,
    &ENTRY,
    &ENTRY_RULE,
    &SERVER_REQUESTS,
    &TEST,
    &EARLIER,
    &EXPECT,
];

static PREDICATE_ITEM: Shape = Shape::Object(&PREDICATE);
static LIMIT_ITEM: Shape = Shape::Object(&LIMIT);
static RULE_CONDITION_ITEM: Shape = Shape::Object(&RULE_CONDITION);
static APPROVAL_SHAPES: [Shape; 2] = [Shape::Bool, Shape::List(&Shape::Object(&CONDITION))];

const NAME: Shape = Shape::Text(Manner::Name);
const TEXT: Shape = Shape::Text(Manner::Free);
const PATH: Shape = Shape::Text(Manner::Path);
const RULE_PATH: Shape = Shape::Text(Manner::RulePath);
const DURATION: Shape = Shape::Text(Manner::Duration);
const WINDOW: Shape = Shape::Either(&[Shape::Choice(WINDOWS), Shape::Seconds]);
const RATE_LIMIT: Shape = Shape::Either(&[Shape::Rate, Shape::Object(&RATE)]);
pub(crate) const POSTURE: Shape = Shape::Choice(&["allow", "deny"]);
pub(crate) const ACTION: Shape = Shape::Choice(ACTIONS);
const RECORD: Shape = Shape::Choice(&["args"]);

pub(crate) const ACTIONS: &[&str] = &["allow", "deny", "evaluate", "require_approval"];
pub(crate) const WINDOWS: &[&str] = &["minute", "hour", "day"];
pub(crate) const SCOPES: &[&str] = &["grant", "principal", "server", "global", "session"];

pub(crate) const ON_DENY: Key =
    may("on_deny", TEXT, "What the agent hears when this denies its call.");
pub(crate) const REASON: Key = may("reason", TEXT, "The same as `on_deny`.");
pub(crate) const RECORD_ARGS: Key = may(
    "record",
    RECORD,
    "`args`: the audit log keeps the arguments of calls, not only a digest of them.",
);
const RESULTS: Key = may(
    "results",
    Shape::Choice(&["flag", "strip", "block"]),
    "What happens to results whose text is hidden or gives orders; without it none is looked at.",
);
pub(crate) const MODE: Key = may(
    "mode",
    Shape::Choice(&["enforce", "shadow"]),
    "`shadow`: it only records what it would have done, and lets every call pass. The innermost \
     `mode` counts; `enforce` if there is none.",
);
pub(crate) const REQUIRE: Key = may(
    "require",
    Shape::List(&PREDICATE_ITEM),
    "Conditions that must all hold; a call for which one does not, or cannot be judged, is denied.",
);
pub(crate) const DENY_IF: Key = may(
    "deny_if",
    Shape::List(&PREDICATE_ITEM),
    "Conditions of which none may hold; a call for which one does, or cannot be judged, is denied.",
);
pub(crate) const LIMITS: Key = may(
    "limits",
    Shape::List(&LIMIT_ITEM),
    "How much may be spent in a window of time: calls, or a number among the arguments.",
);
const VALIDATE_KEY: Key =
    may("validate", Shape::Object(&VALIDATE), "Checks against the tool's own definition.");
pub(crate) const TIMEOUT: Key = may(
    "approval_timeout",
    DURATION,
    "How long a person's answer is waited for, and a yes counts: `30m`, `1h30m`; `10m` if absent.",
);
pub(crate) const HOLD: Key = may(
    "hold",
    Shape::Text(Manner::Pause),
    "How long the call itself is kept open for the answer: `45s` if absent, `0s` for not at all.",
);
pub(crate) const APPROVERS: Key = may(
    "approvers",
    Shape::Either(&[Shape::List(&NAME), NAME]),
    "Who may say yes; `in_client` is whoever sits at the client. Anybody who approves if absent.",
);

pub(crate) const RULE_NAME: Key = may("name", TEXT, "What the rule is called. For people.");
pub(crate) const RULE_ACTION: Key = may(
    "action",
    ACTION,
    "`allow` or `evaluate` what meets the rule, `deny` all, or let a person decide.",
);
pub(crate) const CONDITIONS: Key = may(
    "conditions",
    Shape::List(&RULE_CONDITION_ITEM),
    "Conditions that must all hold; with `require_approval`, those that call for a person.",
);
pub(crate) const RATE_KEY: Key =
    may("rate_limit", RATE_LIMIT, "How many calls in a window of time: `10/minute`.");
pub(crate) const STATE_KEY: Key = may(
    "state",
    Shape::Object(&STATE),
    "A counter, bounded by a condition on `state.<tool>.<counter>`.",
);
pub(crate) const APPROVAL_KEY: Key = may(
    "require_approval",
    Shape::Either(&APPROVAL_SHAPES),
    "`true` asks a person for each call; conditions ask for the calls for which all hold.",
);

pub(crate) static DOCUMENT: Table = Table {
    name: "policy",
    place: "at the top of the document",
    keys: &[
        may("$schema", TEXT, "Where an editor finds the schema of this document. Not read."),
        may("version", Shape::Choice(&["1"]), "The version of the notation: \"1\"."),
        may("description", TEXT, "What the policy is for. For people."),
        may(
            "default",
            POSTURE,
            "What happens to tools that no key of `tools` lists. `allow` if absent: say `deny`.",
        ),
        MODE,
        may(
            "hide",
            Shape::Either(&[Shape::List(&NAME), NAME]),
            "Tools that do not exist for the agent: names, or patterns with `*` and `?`.",
        ),
        RECORD_ARGS,
        RESULTS,
        may("approvals", Shape::Object(&APPROVALS), "How people are asked, unless a rule says."),
        may("all_tools", Shape::Object(&ALL_TOOLS), "What holds for every call of every tool."),
        may(
            "tools",
            Shape::Tools(&TOOL),
            "What holds for a tool: its name, a pattern with `*` and `?`, or `*` for every tool.",
        ),
        may(
            "resources",
            Shape::Section(&ENTRY),
            "What holds for a resource: its URI, a pattern with `*` and `?`, or `*` for all.",
        ),
        may(
            "prompts",
            Shape::Section(&ENTRY),
            "What holds for a prompt: its name, a pattern with `*` and `?`, or `*` for all.",
        ),
        may(
            "server_requests",
            Shape::Object(&SERVER_REQUESTS),
            "What the server may ask of the client.",
        ),
        may(
            "tests",
            Shape::List(&Shape::Object(&TEST)),
            "Calls, and what becomes of them. A policy whose tests fail is not put in force.",
        ),
    ],
};

pub(crate) static ALL_TOOLS: Table = Table {
    name: "all_tools",
    place: "under `all_tools`",
    keys: &[MODE, REQUIRE, DENY_IF, LIMITS, ON_DENY, REASON],
};

pub(crate) static TOOL: Table = Table {
    name: "tool",
    place: "directly under a tool",
    keys: &[
        may(
            "rules",
            Shape::List(&Shape::Object(&RULE)),
            "Rules in order; the first that denies ends it.",
        ),
        may(
            "action",
            ACTION,
            "`deny` blocks the tool, `require_approval` lets a person decide each call.",
        ),
        MODE,
        ON_DENY,
        REASON,
        VALIDATE_KEY,
        REQUIRE,
        DENY_IF,
        APPROVAL_KEY,
        TIMEOUT,
        HOLD,
        APPROVERS,
        RATE_KEY,
        LIMITS,
        RECORD_ARGS,
        RESULTS,
    ],
};

pub(crate) static RULE: Table = Table {
    name: "rule",
    place: "in an item of `rules`",
    keys: &[
        RULE_NAME,
        RULE_ACTION,
        MODE,
        CONDITIONS,
        ON_DENY,
        REASON,
        VALIDATE_KEY,
        RATE_KEY,
        STATE_KEY,
        TIMEOUT,
        HOLD,
        APPROVERS,
    ],
};

pub(crate) static LIMIT: Table = Table {
    name: "limit",
    place: "in an item of `limits`",
    keys: &[
        may("counter", NAME, "The counter's name; tools that name the same one share it."),
        must("window", WINDOW, "`minute`, `hour`, `day`, or a number of seconds."),
        must("max", Shape::Amount, "No window may hold more than this."),
        may(
            "scope",
            Shape::Choice(SCOPES),
            "For whom it is counted; `grant` if absent. `session` is read as `grant`.",
        ),
        may("increment", Shape::Amount, "What one call counts; 1 if absent."),
        may("increment_from", PATH, "A number among the arguments that is counted in place of 1."),
        may(
            "align",
            Shape::Choice(&["sliding", "calendar"]),
            "Any span of that length, which is `sliding`, or full minutes, hours, days (UTC).",
        ),
        may(
            "refund",
            Shape::Choice(&["not_sent", "on_error"]),
            "When a call's share comes back: if it was never sent, or also if it failed.",
        ),
        MODE,
        ON_DENY,
        REASON,
    ],
};

const OP: Key = must("op", Shape::Choice(OPERATORS), "What is asked of the argument.");
const VALUE: Key = must("value", Shape::Any, "What it is compared with.");

pub(crate) static PREDICATE: Table = Table {
    name: "predicate",
    place: "in an item of `require` or `deny_if`",
    keys: &[must("path", PATH, "The argument: `args.a.b[0]`."), OP, VALUE, MODE, ON_DENY, REASON],
};

pub(crate) static CONDITION: Table = Table {
    name: "condition",
    place: "in an item of `require_approval`",
    keys: &[must("path", PATH, "The argument: `args.a.b[0]`."), OP, VALUE],
};

pub(crate) static RULE_CONDITION: Table = Table {
    name: "rule_condition",
    place: "in an item of `conditions`",
    keys: &[
        must(
            "path",
            RULE_PATH,
            "The argument, `args.a.b[0]`, or the counter, `state.<tool>.<counter>`.",
        ),
        OP,
        VALUE,
    ],
};

pub(crate) static RATE: Table = Table {
    name: "rate",
    place: "in `rate_limit`",
    keys: &[
        must("max", Shape::Amount, "How many calls."),
        must("window", WINDOW, "In how many seconds; or `minute`, `hour`, `day`."),
    ],
};

pub(crate) static STATE: Table = Table {
    name: "state",
    place: "in `state`",
    keys: &[
        must("counter", NAME, "The counter's name; it belongs to this tool."),
        must("window", WINDOW, "`minute`, `hour`, `day`, or a number of seconds."),
        may("increment", Shape::Amount, "What one call counts; 1 if absent or 0."),
        may("increment_from", PATH, "A number among the arguments that is counted in place of 1."),
    ],
};

pub(crate) static VALIDATE: Table = Table {
    name: "validate",
    place: "in `validate`",
    keys: &[
        may(
            "required_args",
            Shape::Bool,
            "Every argument that the tool's schema requires is there.",
        ),
        may("schema", Shape::Bool, "The arguments satisfy the tool's schema."),
    ],
};

pub(crate) static APPROVALS: Table = Table {
    name: "approvals",
    place: "in `approvals`",
    keys: &[
        may("timeout", DURATION, "How long a question stands, and a yes counts: `10m` if absent."),
        HOLD,
        APPROVERS,
        may(
            "dedupe_window",
            DURATION,
            "Equal calls are one question, and tell nobody again within this time: `5m` if absent.",
        ),
        may(
            "pending_max",
            Shape::Amount,
            "How many questions of one principal may be open; 20 if absent.",
        ),
        may("notify", Shape::Object(&NOTIFY), "Who is told that a question waits."),
    ],
};

pub(crate) static NOTIFY: Table = Table {
    name: "notify",
    place: "in `notify`",
    keys: &[may("webhook", Shape::Object(&WEBHOOK), "A web address that is told.")],
};

pub(crate) static WEBHOOK: Table = Table {
    name: "webhook",
    place: "in `webhook`",
    keys: &[
        must(
            "url",
            Shape::Text(Manner::Start(&["https://", "http://"])),
            "Where the question is sent, as JSON.",
        ),
        may(
            "secret",
            Shape::Text(Manner::Start(&["env:", "file:"])),
            "Where the secret that signs it, and answers, is found: `env:NAME` or `file:/path`.",
        ),
    ],
};
