//! Every key of an attack's document.

use toolgate_policy::document::outline::{About, Manner, Notation, Shape, Table, may, must};

pub(super) static NOTATION: Notation = Notation {
    what: "attack",
    shortest: "id: path-escape",
    root: &ATTACK,
    tables: &[&ATTACK, &CASE, &NEEDS, &MAPS, &STEP, &PLAY],
    refused: &[],
    holds_secrets: false,
    about: About {
        id: "https://toolgate.dev/schema/attack.schema.json",
        title: "toolgate attack",
        description: "One pattern of attack, with the policy that stops it.",
    },
};

const TEXT: Shape = Shape::Text(Manner::Free);
const NAME: Shape = Shape::Text(Manner::Name);
const NAMES: Shape = Shape::List(&NAME);

static ATTACK: Table = Table {
    name: "attack",
    place: "at the top of the document",
    keys: &[
        must("id", NAME, "Stable, in lower case with hyphens; the file's name."),
        must("name", NAME, "For people."),
        must(
            "family",
            Shape::Choice(&[
                "arguments",
                "definitions",
                "flows",
                "limits",
                "protocol",
                "servers",
                "supply",
            ]),
            "Where it has its hold.",
        ),
        must("severity", Shape::Choice(&["Critical", "High", "Low", "Medium"]), "How bad it is."),
        must("summary", TEXT, "One sentence."),
        must("how", TEXT, "How it works, in paragraphs."),
        must("cases", Shape::List(&Shape::Object(&CASE)), "What happened or was shown."),
        must("signs", Shape::List(&TEXT), "What a watchful person or program sees of it."),
        may(
            "needs",
            Shape::Object(&NEEDS),
            "What a tool must be like; absent where it does not depend on it.",
        ),
        must("maps", Shape::Object(&MAPS), "Ids in lists that others keep."),
        must("beyond", TEXT, "What the policy does not stop, and what would."),
        must("policy", TEXT, "The policy that stops it, as a text."),
        must("steps", Shape::List(&Shape::Object(&STEP)), "What is tried, by whom."),
        may("play", Shape::Object(&PLAY), "How it is played."),
    ],
};

static CASE: Table = Table {
    name: "case",
    place: "in `cases`",
    keys: &[
        must("what", TEXT, "In one or two sentences."),
        may("cve", NAME, "Its number."),
        must("source", Shape::Text(Manner::Start(&["https://"])), "Where it can be read."),
    ],
};

static NEEDS: Table = Table {
    name: "needs",
    place: "in `needs`",
    keys: &[
        must(
            "categories",
            Shape::List(&Shape::Choice(&["Destructive", "Execute", "Financial", "Read", "Write"])),
            "Any of these.",
        ),
        may("signals", NAMES, "Any of these; whatever they are if absent."),
    ],
};

static MAPS: Table = Table {
    name: "maps",
    place: "in `maps`",
    keys: &[
        must("owasp_mcp", NAMES, "OWASP MCP Top 10."),
        must("owasp_agentic", NAMES, "OWASP Top 10 for agentic applications."),
        may("atlas", NAMES, "MITRE ATLAS."),
        may("safe_mcp", NAMES, "SAFE-MCP."),
    ],
};

static STEP: Table = Table {
    name: "step",
    place: "in `steps`",
    keys: &[
        may("attack", TEXT, "What an attacker tries."),
        may("honest", TEXT, "What an honest agent does."),
        may("tool", NAME, "The tool that is called."),
        may("prompt", NAME, "The prompt that is got."),
        may("resource", TEXT, "The URI that is read."),
        may("raw", TEXT, "A whole message."),
        may("asks", NAME, "What the server asks of its client while the tool runs."),
        may("arguments", TEXT, "JSON; what the server asks for, where it asks."),
        may("by_pin", Shape::Bool, "Whether a pin stops it, and the policy need not."),
        may("times", Shape::Amount, "How many times in a row; once if absent."),
    ],
};

static PLAY: Table = Table {
    name: "play",
    place: "in `play`",
    keys: &[
        must("tools", NAMES, "The tools of the vulnerable server."),
        may("pinned", Shape::Bool, "Whether the server changes its tools, and pins are in play."),
        may("gate_alone", Shape::Bool, "Whether the gate stops it without any policy."),
    ],
};
