//! How bad a wrong call is: the category's gravity, one more or one less.

use super::reading::Reading;
use super::schema::Use;
use super::{Category, Severity, Signal};

/// Signals of the words, beside those of the arguments. `judged` is the category without what the
/// server declares.
pub(super) fn signals(
    reading: &Reading<'_, '_>,
    judged: Category,
    category: Category,
) -> Vec<Signal> {
    // Whatever its server declares of it.
    let private = private(reading).filter(|_| judged == Category::Read);
    let mut signals: Vec<Signal> = private.into_iter().collect();
    let mut add = |id, text: &str, weight, quote: Option<&str>| {
        let quote = quote.map(str::to_owned);
        signals.push(Signal { id, text: text.to_owned(), param: None, weight, quote });
    };
    let has_url = reading.uses.iter().any(|(_, what)| *what == Use::Url);
    let has_body = reading.tool.params.iter().any(|param| BODIES.contains(&&*param.name));
    if has_url && has_body && category != Category::Read {
        add("url-and-body", "Sends a body to any address", 1.0, None);
    }
    if category == Category::Read {
        return signals;
    }
    if let Some(noun) = reading.name.iter().find(|word| ADMIN.contains(word)) {
        add("admin-noun", "Changes who may do what", 1.0, Some(noun));
    }
    let says = |phrase: &&&str| {
        reading.first.lower().contains(**phrase) || reading.rest.lower().contains(**phrase)
    };
    if let Some(phrase) = MILD.iter().find(says) {
        add("read-only-words", "Says that it changes nothing", -1.0, Some(phrase));
    }
    signals
}

const BODIES: [&str; 6] = ["body", "content", "data", "form", "headers", "payload"];
/// Nouns of rights and of those who have them.
const ADMIN: [&str; 12] = [
    "acl",
    "admin",
    "credential",
    "credentials",
    "firewall",
    "iam",
    "password",
    "permission",
    "permissions",
    "role",
    "roles",
    "secret",
];
/// Words of a description that speak against danger.
const MILD: [&str; 6] = [
    "does not change",
    "does not modify",
    "dry run by default",
    "read-only query",
    "read-only sql",
    "without making changes",
];

/// Ids that speak of what a tool does, not of how bad a call is.
const OF_CATEGORY: [&str; 8] = [
    "api-call",
    "code-noun",
    "description-verb",
    "media-noun",
    "model",
    "money-noun",
    "name-verb",
    "runs-code",
];

/// What is read may be worth as much as what is changed.
fn private(reading: &Reading<'_, '_>) -> Option<Signal> {
    let words: Vec<&str> = reading.own_words().map(|(word, _)| word).collect();
    let about = |all: &[&str]| words.iter().copied().find(|word| all.contains(word));
    let pair = |one: &[&str], two: &[&str]| {
        words.windows(2).any(|pair| one.contains(&pair[0]) && two.contains(&pair[1]))
    };
    let aside = about(&ASIDE).is_some() || reading.first.iter().any(|word| ASIDE.contains(&word));
    let named = about(&SECRETS).or_else(|| {
        let env = words.last().is_some_and(|last| matches!(*last, "env" | "envs" | "dotenv"))
            || pair(&["env", "environment"], &["var", "vars", "variable", "variables"]);
        env.then_some("env")
    });
    let keys = pair(&["access", "api", "encryption", "private", "ssh"], &["key", "keys"])
        || pair(&["access", "auth", "bearer", "refresh"], &["token", "tokens"]);
    let (id, text, quote) = if let Some(word) = named.filter(|_| !aside) {
        ("secret-output", "Returns secrets or settings that hold them", word)
    } else if keys && !aside {
        ("secret-output", "Returns keys or tokens", "key")
    } else {
        ("money-records", "Returns records of money", about(&MONEY)?)
    };
    let quote = Some(quote.to_owned());
    Some(Signal { id, text: text.to_owned(), param: None, weight: 0.0, quote })
}

const SECRETS: [&str; 9] = [
    "credential",
    "credentials",
    "dotenv",
    "keychain",
    "keystore",
    "password",
    "passwords",
    "secret",
    "secrets",
];
/// Who speaks of these speaks about secrets, and does not hand them out.
const ASIDE: [&str; 12] = [
    "check", "count", "detect", "leaked", "names", "policies", "policy", "rotation", "scan",
    "scanning", "schema", "strength",
];
const MONEY: [&str; 14] = [
    "charge",
    "charges",
    "invoice",
    "invoices",
    "payment",
    "payments",
    "payout",
    "payouts",
    "payroll",
    "refund",
    "refunds",
    "salary",
    "subscription",
    "subscriptions",
];

/// Signals that make a tool that only reads as grave as one that runs things; the policy of such a
/// tool is that of one that writes.
pub(super) const PRIVATE: [&str; 2] = ["money-records", "secret-output"];
const SCORE_OF_SECRETS: u8 = 3;

/// The gravity of the category, one more if what raises outweighs what lowers, one less if it is
/// the other way round. 1 to 5.
pub(super) fn score(category: Category, signals: &[Signal]) -> u8 {
    let counts = |signal: &&Signal| !OF_CATEGORY.contains(&signal.id);
    let sum: f32 = signals.iter().filter(counts).map(|signal| signal.weight).sum();
    let gravity = category.gravity();
    let secrets = signals.iter().any(|signal| signal.id == "secret-output");
    let least = if secrets { SCORE_OF_SECRETS } else { 1 };
    let score = if sum > 0.0 {
        gravity + 1
    } else if sum < 0.0 {
        gravity.saturating_sub(1)
    } else {
        gravity
    };
    score.max(least)
}

pub(super) fn severity(score: u8) -> Severity {
    match score {
        ..=1 => Severity::Low,
        2 => Severity::Medium,
        3 => Severity::High,
        4.. => Severity::Critical,
    }
}
