//! Conditions that a tool's arguments call for, whatever the server.

use super::node::Node;
use super::plan::is_word;
use crate::risk::{Use, uses};
use crate::{Category, Param, Tool};

/// Conditions, and what only a person can add.
#[derive(Default)]
pub(super) struct Sharp {
    pub(super) require: Vec<Node>,
    pub(super) deny_if: Vec<Node>,
    pub(super) hints: Vec<String>,
}

/// By what each argument at the top is for. A tool that runs something is bounded by its limit:
/// what it runs reaches further than its arguments say.
pub(super) fn sharpen(tool: &Tool<'_>, category: Category) -> Sharp {
    let mut sharp = Sharp::default();
    for (at, what) in uses(&tool.params) {
        let param = &tool.params[at];
        if !is_word(&param.path) || !is_one(param, what) {
            continue;
        }
        let path = format!("args.{}", param.path);
        match what {
            Use::Code if is_sql(tool, param) => sql(&mut sharp, &path),
            Use::Money if category == Category::Financial => {
                let deny = "more than 100 at a time is not allowed";
                let bound = Node::Number(AMOUNT_MAX);
                sharp.require.push(predicate(&path, "lte", bound, deny));
                sharp
                    .hints
                    .push(format!("{path}: the bound of {AMOUNT_MAX} is a guess, set yours"));
            }
            Use::Path if category == Category::Execute => {
                sharp.hints.push(format!("{path}: narrow it by `path_within`"));
            }
            Use::Path => {
                let deny = "this place of the file system is not for tools";
                sharp.deny_if.push(predicate(&path, "regex", Node::text(SECRET_PLACES), deny));
                sharp.hints.push(format!("{path}: narrow it by `path_within`"));
            }
            Use::Recipient => {
                sharp.hints.push(format!("{path}: narrow it by `in`, or by `matches`"));
            }
            Use::Url if category != Category::Execute => {
                let deny = "addresses inside the own network are not for tools";
                sharp.deny_if.push(predicate(&path, "regex", Node::text(INNER_HOSTS), deny));
                sharp.hints.push(format!("{path}: narrow it by `host_in`"));
            }
            Use::Url => sharp.hints.push(format!("{path}: narrow it by `host_in`")),
            Use::Code
            | Use::Confirm
            | Use::Credential
            | Use::DryRun
            | Use::Force
            | Use::Html
            | Use::Money => {}
        }
    }
    sharp
}

/// Whether a condition on a text, or on a number, always finds one: another type would deny.
fn is_one(param: &Param<'_>, what: Use) -> bool {
    let kind = param.schema.get("type");
    let is = |name: &str| kind.is_some_and(|kind| kind.is(name));
    if what == Use::Money { is("number") || is("integer") } else { is("string") }
}

const AMOUNT_MAX: u32 = 100;

fn predicate(path: &str, op: &str, value: Node, on_deny: &str) -> Node {
    Node::map([
        ("path", Node::text(path)),
        ("op", Node::text(op)),
        ("value", value),
        ("on_deny", Node::text(on_deny)),
    ])
}

/// One statement that reads. `WITH` and `EXPLAIN ANALYZE` may write (`PostgreSQL`, "WITH Queries"),
/// so neither begins one.
fn sql(sharp: &mut Sharp, path: &str) {
    let deny = "only one reading statement (SELECT, SHOW, DESCRIBE) is allowed";
    sharp.require.push(predicate(path, "matches", Node::text(SQL_READS), deny));
    let deny = "a word of this statement may change data";
    sharp.deny_if.push(predicate(path, "regex", Node::text(SQL_WRITES), deny));
}

const SQL_READS: &str = r"(?is)\s*(select|show|describe|desc)\b[^;]*;?\s*";
const SQL_WRITES: &str = concat!(
    r"(?i)\b(alter|call|copy|create|delete|drop|exec|execute|grant|insert|into|lock|merge|",
    r"replace|revoke|set|truncate|update|vacuum)\b",
);

fn is_sql(tool: &Tool<'_>, param: &Param<'_>) -> bool {
    let name = param.name.to_ascii_lowercase();
    let says = |text: &str| {
        let text = text.to_ascii_lowercase();
        text.contains("sql") && !text.contains("graphql") && !text.contains("soql")
    };
    name.contains("sql") && !name.contains("graphql")
        || matches!(&*name, "query" | "statement") && (says(&param.description) || says(&tool.name))
}

/// Steps upwards, the system's own folders, and where keys lie.
const SECRET_PLACES: &str = concat!(
    r"(?i)(^|[/\\])\.\.([/\\]|$)|(^|[/\\])\.(aws|docker|env|gnupg|kube|netrc|npmrc|ssh)",
    r"([/\\.]|$)|^/(etc|proc|root|sys)(/|$)|id_(rsa|ed25519)",
);

/// The machine itself, the networks behind it, and the metadata of clouds (RFC 1918, RFC 3927,
/// RFC 4193).
const INNER_HOSTS: &str = concat!(
    r"(?i)^\s*(file|gopher|dict):|^\s*[a-z][a-z0-9+.-]*:[/\\]*([^/@]*@)?",
    r"(localhost|0|127|10|192\.168|169\.254|172\.(1[6-9]|2\d|3[01])|\[|[0-9]+([/:]|$)|0x|metadata)",
);
