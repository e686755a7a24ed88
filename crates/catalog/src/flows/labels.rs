//! What a tool brings to a flow: strangers' words, private data, a way out, harm.

use crate::{Category, Risk, Tool};

/// Why a tool is one of these; nothing if it is not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Labels {
    pub(super) untrusted: Option<&'static str>,
    pub(super) private: Option<&'static str>,
    pub(super) outward: Option<&'static str>,
    pub(super) harm: Option<&'static str>,
}

/// Where anybody may write, and what of it is read.
const STRANGERS: &[(&str, &[&str])] = &[
    (
        "reads pages of the web",
        &[
            "web", "url", "page", "website", "browser", "browse", "crawl", "scrape", "navigate",
            "internet", "rss", "feed",
        ],
    ),
    (
        "reads messages that others send",
        &[
            "email", "emails", "mail", "mails", "inbox", "gmail", "message", "messages", "chat",
            "channel", "thread", "threads", "sms",
        ],
    ),
    (
        "reads what others post",
        &[
            "issue",
            "issues",
            "comment",
            "comments",
            "reviews",
            "ticket",
            "tickets",
            "discussion",
            "post",
            "posts",
            "tweet",
            "tweets",
            "forum",
            "reddit",
        ],
    ),
    (
        "reads texts that others share",
        &["shared", "invitation", "invitations", "attachment", "attachments", "transcript"],
    ),
];
const HELD: &[(&str, &[&str])] = &[
    (
        "reads files",
        &[
            "file",
            "files",
            "directory",
            "folder",
            "document",
            "documents",
            "drive",
            "notes",
            "note",
            "vault",
        ],
    ),
    ("reads a database", &["database", "sql", "table", "tables", "rows", "records"]),
    (
        "reads mail and messages",
        &["email", "emails", "mail", "inbox", "gmail", "messages", "sms", "conversation"],
    ),
    (
        "reads people's data",
        &[
            "contact",
            "contacts",
            "customer",
            "customers",
            "calendar",
            "employee",
            "employees",
            "patient",
            "profile",
        ],
    ),
    (
        "reads secrets",
        &[
            "secret",
            "secrets",
            "credential",
            "credentials",
            "password",
            "passwords",
            "env",
            "keychain",
        ],
    ),
    (
        "reads source code",
        &["repo", "repository", "repositories", "code", "commit", "commits", "branch"],
    ),
    (
        "reads accounts of money",
        &[
            "balance",
            "invoice",
            "invoices",
            "payment",
            "payments",
            "transaction",
            "transactions",
            "portfolio",
        ],
    ),
];
const OUT: &[(&str, &[&str])] = &[
    ("sends messages", &["send", "reply", "forward", "notify", "invite", "dm"]),
    ("publishes", &["post", "publish", "tweet", "share", "comment", "upload", "push"]),
    ("sends requests to any address", &["request", "webhook", "fetch", "curl", "http"]),
];
/// Tools that read, by their first words.
const READING: &[&str] = &[
    "browse", "check", "crawl", "download", "extract", "fetch", "find", "get", "list", "load",
    "lookup", "navigate", "open", "query", "read", "retrieve", "scrape", "search", "show", "view",
];

pub(super) fn labels(tool: &Tool<'_>, risk: &Risk) -> Labels {
    let words = words(&tool.name);
    let says = |lists: &[(&'static str, &[&str])]| {
        let hit = |(_, known): &&(&'static str, &[&str])| {
            words.iter().any(|word| known.contains(&word.as_str()))
        };
        lists.iter().find(hit).map(|(why, _)| *why)
    };
    let reads = words.iter().any(|word| READING.contains(&word.as_str()))
        || risk.category == Category::Read;
    let takes = |names: &[&str]| {
        let name = |name: &str| name.to_ascii_lowercase();
        tool.params.iter().any(|param| names.contains(&name(&param.name).as_str()))
    };
    // Of the two words one alone is a verb, the other every call.
    let pull_request = ["pull", "request"].iter().all(|word| words.iter().any(|own| own == word));
    let writes = risk.category != Category::Read;
    let by_url = takes(&["url", "uri", "link", "webhook_url", "endpoint"]);
    Labels {
        untrusted: if reads {
            says(STRANGERS)
                .or(pull_request.then_some("reads what others post"))
                .or(by_url.then_some("reads any address"))
        } else {
            None
        },
        private: if reads { says(HELD) } else { None },
        outward: match says(OUT) {
            Some(why) if writes || by_url => Some(why),
            _ if by_url && reads => Some("reads any address, with data in it"),
            _ if risk.category == Category::Execute => Some("runs what can send"),
            _ => None,
        },
        harm: match risk.category {
            Category::Destructive => Some("destroys"),
            Category::Execute => Some("runs what it is told"),
            Category::Financial => Some("moves money"),
            Category::Read | Category::Write => None,
        },
    }
}

/// The words of a name, whatever parts them.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut was_small = false;
    for letter in name.chars() {
        if !letter.is_alphanumeric() || (letter.is_uppercase() && was_small) {
            words.push(String::new());
        }
        if letter.is_alphanumeric()
            && let Some(last) = words.last_mut()
        {
            last.extend(letter.to_lowercase());
        }
        was_small = letter.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}
