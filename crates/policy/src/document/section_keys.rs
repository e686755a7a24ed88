//! The keys of `resources`, `prompts` and `server_requests`: a tool's, but for what needs a tool's
//! definition.

use crate::document::keys::{
    ACTION, APPROVAL_KEY, APPROVERS, CONDITIONS, DENY_IF, HOLD, LIMITS, MODE, ON_DENY, POSTURE,
    RATE_KEY, REASON, RECORD_ARGS, REQUIRE, RULE_ACTION, RULE_NAME, STATE_KEY, TIMEOUT,
};
use crate::document::table::{Key, Shape, Table, may};

pub(crate) static ENTRY: Table = Table {
    name: "entry",
    place: "under a name in `resources`, `prompts` or `server_requests`",
    keys: &[
        may(
            "rules",
            Shape::List(&Shape::Object(&ENTRY_RULE)),
            "Rules in order; the first that denies ends it.",
        ),
        may("action", ACTION, "`deny` blocks it, `require_approval` lets a person decide."),
        MODE,
        ON_DENY,
        REASON,
        REQUIRE,
        DENY_IF,
        APPROVAL_KEY,
        TIMEOUT,
        HOLD,
        APPROVERS,
        RATE_KEY,
        LIMITS,
        RECORD_ARGS,
    ],
};

pub(crate) static ENTRY_RULE: Table = Table {
    name: "entry_rule",
    place: "in an item of `rules` there",
    keys: &[
        RULE_NAME,
        RULE_ACTION,
        MODE,
        CONDITIONS,
        ON_DENY,
        REASON,
        RATE_KEY,
        STATE_KEY,
        TIMEOUT,
        HOLD,
        APPROVERS,
    ],
};

const fn asked(name: &'static str, means: &'static str) -> Key {
    may(name, Shape::Object(&ENTRY), means)
}

pub(crate) static SERVER_REQUESTS: Table = Table {
    name: "server_requests",
    place: "in `server_requests`",
    keys: &[
        may("default", POSTURE, "What happens to those that are not named; as above if absent."),
        asked("*", "What holds for all of them."),
        asked("elicitation/create", "The server asks the user for something."),
        asked("roots/list", "The server asks for the client's folders."),
        asked("sampling/createMessage", "The server asks for a text of the client's model."),
    ],
};
