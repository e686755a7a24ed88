//! The keys of `tests`.

use crate::document::keys::DOCUMENT;
use crate::document::table::{Key, Manner, Named, Shape, Table, may, must};

const NAME: Shape = Shape::Text(Manner::Name);
const TEXT: Shape = Shape::Text(Manner::Free);
const DURATION: Shape = Shape::Text(Manner::Duration);

static NAME_ITEM: Shape = NAME;
const NAMES: Shape = Shape::Either(&[NAME, Shape::List(&NAME_ITEM)]);

/// Whatever a call may carry.
static ANYTHING: Named = Named { pattern: "", check: |_, _| {}, value: Shape::Any };
static ARGUMENTS_ITEM: Shape = Shape::Named(&ANYTHING);
const ARGUMENTS: Shape = Shape::Either(&[Shape::Named(&ANYTHING), Shape::List(&ARGUMENTS_ITEM)]);

const EFFECTS: &[&str] = &["allow", "approve", "deny", "hidden", "limit"];

const GRANT: &str = "Whose grant; `grant` if absent.";
const PRINCIPAL: &str = "Who calls; `somebody` if absent.";
const SERVER: &str = "Which server; `server` if absent.";

pub(crate) static TEST: Table = Table {
    name: "test",
    place: "in an item of `tests`",
    keys: &[
        may("name", TEXT, "What the test shows. For people."),
        may("tool", NAMES, "The tool that is called; with a list, each of them."),
        may("prompt", NAMES, "In place of `tool`: the prompt that is got."),
        may("resource", NAMES, "In place of `tool`: the URI of the resource that is read."),
        may("server_request", NAMES, "In place of `tool`: what the server asks of the client."),
        may("mentioned", Shape::Bool, "The prompt or resource is only named, not used."),
        may("args", ARGUMENTS, "The arguments; with a list, each of them by itself."),
        may("grant", NAMES, GRANT),
        may("principal", NAMES, PRINCIPAL),
        may("server", NAMES, SERVER),
        may(
            "definition",
            Shape::Named(&ANYTHING),
            "The tool as its server defines it: `{inputSchema: …}`.",
        ),
        may("at", TEXT, "When, as `2026-01-31T12:00:00Z`: for limits with `align: calendar`."),
        may("history", Shape::List(&EARLIER_ITEM), "Calls that went before, for limits."),
        may("approved", Shape::Bool, "A person has said yes."),
        may("above", Shape::List(&DOCUMENT_ITEM), "Policies above this one, the outermost first."),
        must(
            "expect",
            Shape::Either(&[Shape::Choice(EFFECTS), Shape::Object(&EXPECT)]),
            "What becomes of the calls: `allow`, `approve`, `deny`, `hidden` or `limit`.",
        ),
    ],
};

static EARLIER_ITEM: Shape = Shape::Object(&EARLIER);
static DOCUMENT_ITEM: Shape = Shape::Object(&DOCUMENT);

const fn other(name: &'static str, means: &'static str) -> Key {
    may(name, NAME, means)
}

pub(crate) static EARLIER: Table = Table {
    name: "earlier",
    place: "in an item of `history`",
    keys: &[
        may("ago", DURATION, "How long before, as `30s` or `1h30m`; at the same time if absent."),
        may("times", Shape::Amount, "How many such calls; 1 if absent."),
        may("every", DURATION, "How long from one of them to the next, beginning with `ago`."),
        other("tool", "The tool that was called; that of the test if absent."),
        other("prompt", "In place of `tool`: the prompt that was got."),
        other("resource", "In place of `tool`: the URI of the resource that was read."),
        other("server_request", "In place of `tool`: what the server asked of the client."),
        may("args", Shape::Named(&ANYTHING), "The arguments; those of the test if absent."),
        other("grant", "Whose grant; that of the test if absent."),
        other("principal", "Who called; as in the test if absent."),
        other("server", "Which server; that of the test if absent."),
        may("approved", Shape::Bool, "Whether a person said yes, if asked; `true` if absent."),
    ],
};

pub(crate) static EXPECT: Table = Table {
    name: "expect",
    place: "in `expect`",
    keys: &[
        must("effect", Shape::Choice(EFFECTS), "What becomes of the calls."),
        may("rule", TEXT, "Which rule decides: its `name`, or a JSON pointer to it."),
        may("code", TEXT, "The reason's code: `condition_not_met`, `limit`."),
        may("says", TEXT, "Words that the agent hears; part of them is enough."),
        may("retry_after", DURATION, "How long the agent is told to wait."),
        may("layer", Shape::Amount, "Which policy decides, with `above`: 0 is the outermost."),
        may("owes", Shape::List(&TEXT_ITEM), "All that is owed before the call goes on."),
        may("shadow", Shape::List(&TEXT_ITEM), "All that rules in shadow would have done to it."),
    ],
};

static TEXT_ITEM: Shape = TEXT;
