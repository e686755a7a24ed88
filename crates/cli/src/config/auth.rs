//! `auth`: who besides the holders of grant tokens may call.

use toolgate_policy::document::outline::{
    Manner, Node, Shape, Table, Value, any_of, may, must, nearest, quoted,
};

use super::form::{Fault, Reads, Written};
use super::reading::Reading;
use super::url::Url;
use crate::json::{self, Object};

/// One issuer of tokens (RFC 7519), and the grants that its tokens stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Jwt {
    pub(crate) issuer: String,
    pub(crate) audience: String,
    /// Discovered from the issuer if absent.
    pub(crate) jwks_url: Option<String>,
    pub(crate) algorithms: Vec<&'static str>,
    /// The first that matches wins.
    pub(crate) grants: Vec<Mapping>,
}

/// A claim that gives a grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mapping {
    pub(crate) claim: String,
    pub(crate) test: ClaimTest,
    pub(crate) grant: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ClaimTest {
    Contains(String),
    Equals(String),
}

/// Asymmetric ones only: who verifies cannot sign (RFC 8725, section 2.1).
const ALGORITHMS: [&str; 9] =
    ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"];
const USUAL: [&str; 3] = ["RS256", "ES256", "EdDSA"];

/// Whoever changes the keys on their way is everybody.
const KEYS_URL: Url = Url { secure: true };
const ALGORITHM: Shape = Shape::Form(&Written(Algorithm));
const NAME: Shape = Shape::Text(Manner::Name);

pub(crate) static TABLE: Table = Table {
    name: "auth",
    place: "in `auth`",
    keys: &[may(
        "jwt",
        Shape::Either(&[Shape::List(&Shape::Object(&JWT)), Shape::Object(&JWT)]),
        "Issuers whose tokens are taken: one, or a list.",
    )],
};

pub(crate) static JWT: Table = Table {
    name: "jwt",
    place: "in an item of `jwt`",
    keys: &[
        must("issuer", Shape::Form(&Written(KEYS_URL)), "The `iss` of its tokens, exactly."),
        must("audience", NAME, "The `aud` that its tokens must have: this gateway's own URL."),
        may(
            "jwks_url",
            Shape::Form(&Written(KEYS_URL)),
            "Where its keys are; discovered from the issuer if absent.",
        ),
        may(
            "algorithms",
            Shape::List(&ALGORITHM),
            "The signatures that are taken; RS256, ES256 and EdDSA if absent.",
        ),
        must(
            "grants",
            Shape::List(&Shape::Object(&CLAIM)),
            "Which claim gives which grant; the first that matches wins.",
        ),
    ],
};

pub(crate) static CLAIM: Table = Table {
    name: "claim",
    place: "in an item of `grants`",
    keys: &[
        must("claim", NAME, "The claim, as `groups` or `sub`."),
        may("contains", NAME, "The claim is a list, and this is in it."),
        may("equals", NAME, "The claim is this text."),
        must("grant", NAME, "The grant that such a token stands for."),
    ],
};

/// The name of a signature algorithm (RFC 7518, section 3.1; RFC 8037).
#[derive(Clone, Copy, Debug)]
struct Algorithm;

impl Reads for Algorithm {
    type Value = &'static str;

    fn due(&self) -> String {
        "the name of an algorithm".to_owned()
    }

    fn read(&self, node: &Node) -> Result<&'static str, Fault> {
        let name = node.text().unwrap_or_default();
        if let Some(known) = ALGORITHMS.into_iter().find(|known| *known == name) {
            return Ok(known);
        }
        let known = format!("known here: {}", any_of(&ALGORITHMS));
        if name.eq_ignore_ascii_case("none") {
            return Err(Fault::new("anybody can write a token without a signature", known));
        }
        if name.starts_with("HS") {
            let message = format!("who can verify {} could sign it too", quoted(name));
            return Err(Fault::new(message, known));
        }
        let help =
            nearest(name, ALGORITHMS).map_or(known, |near| format!("did you mean `{near}`?"));
        Err(Fault::new(format!("unknown algorithm {}", quoted(name)), help))
    }

    fn schema(&self) -> String {
        let names = json::array(ALGORITHMS.iter().map(|name| json::string(name)));
        Object::new().raw("enum", names).finish()
    }
}

/// All issuers under `auth`.
pub(crate) fn read(node: &Node, reading: &mut Reading<'_>) -> Vec<Jwt> {
    let Some(jwt) = node.get("jwt") else { return Vec::new() };
    let one = std::slice::from_ref(jwt);
    let nodes = if matches!(jwt.value, Value::List(_)) { jwt.items() } else { one };
    let mut issuers: Vec<Jwt> = Vec::new();
    for node in nodes {
        let Some(jwt) = Jwt::read(node, reading) else { continue };
        if issuers.iter().any(|earlier| earlier.issuer == jwt.issuer) {
            reading
                .findings
                .error(node.span, "this issuer stands here twice")
                .help("merge the two: one issuer has one audience and one list of grants");
        }
        issuers.push(jwt);
    }
    issuers
}

impl Jwt {
    fn read(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        let algorithms = algorithms(node.get("algorithms"), reading);
        let grants = grants(node.get("grants"), reading);
        Some(Self {
            issuer: KEYS_URL.take(node.get("issuer"))?,
            audience: node.get("audience")?.text()?.to_owned(),
            jwks_url: KEYS_URL.take(node.get("jwks_url")),
            algorithms,
            grants,
        })
    }

    pub(crate) fn json(&self) -> String {
        Object::new()
            .text("issuer", &self.issuer)
            .text("audience", &self.audience)
            .maybe_text("jwks_url", self.jwks_url.as_deref())
            .raw("algorithms", json::array(self.algorithms.iter().map(|name| json::string(name))))
            .raw("grants", json::array(self.grants.iter().map(Mapping::json)))
            .finish()
    }
}

impl Mapping {
    fn read(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        let text = |key| node.get(key).and_then(Node::text).map(str::to_owned);
        let asked = match (node.member("contains"), node.member("equals")) {
            (Some(_), Some(equals)) => {
                reading
                    .findings
                    .error(equals.key_span, "a claim has one of `contains` and `equals`, not both")
                    .help("for either of the two, write two items");
                return None;
            }
            (Some(_), None) => text("contains").map(ClaimTest::Contains),
            (None, Some(_)) => text("equals").map(ClaimTest::Equals),
            (None, None) => {
                if matches!(node.value, Value::Map(_)) {
                    reading
                        .findings
                        .error(node.span, "every token would get this grant")
                        .help("say what the claim `contains` or `equals`");
                }
                return None;
            }
        };
        Some(Self { claim: text("claim")?, test: asked?, grant: text("grant")? })
    }

    fn json(&self) -> String {
        let (key, value) = match &self.test {
            ClaimTest::Contains(value) => ("contains", value),
            ClaimTest::Equals(value) => ("equals", value),
        };
        let object = Object::new().text("claim", &self.claim).text(key, value);
        object.text("grant", &self.grant).finish()
    }
}

fn grants(node: Option<&Node>, reading: &mut Reading<'_>) -> Vec<Mapping> {
    let Some(Node { value: Value::List(items), span }) = node else { return Vec::new() };
    if items.is_empty() {
        reading
            .findings
            .error(*span, "no token of this issuer would get a grant")
            .help("write `- {claim: sub, equals: bob, grant: bob}`");
    }
    items.iter().filter_map(|item| Mapping::read(item, reading)).collect()
}

fn algorithms(node: Option<&Node>, reading: &mut Reading<'_>) -> Vec<&'static str> {
    let Some(node) = node else { return USUAL.to_vec() };
    if matches!(&node.value, Value::List(items) if items.is_empty()) {
        reading
            .findings
            .error(node.span, "without an algorithm no token can be verified")
            .help("leave it out for RS256, ES256 and EdDSA");
    }
    node.items().iter().filter_map(|item| Algorithm.take(Some(item))).collect()
}
