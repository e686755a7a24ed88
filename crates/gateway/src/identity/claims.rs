//! What a token says, once its signature is known to be its issuer's.

use std::borrow::Cow;

use toolgate_json::{Kind, Value};
use toolgate_policy::Principal;

use crate::serve::{ClaimGrant, ClaimTest, JwtIssuer};

use super::jws::Jws;
use super::{Doubt, Identity, NO_GRANT};

/// How far two clocks may be apart.
const LEEWAY_S: u64 = 60;
/// Subjects stand in records and counters.
const SUBJECT_BYTES_MAX: usize = 255;

/// Who it says has made it: so far only a hint at whose keys to take.
pub(super) fn issuer<'a>(jws: &'a Jws<'_>) -> Result<Cow<'a, str>, Doubt> {
    let issuer = jws.claims.root().get("iss").and_then(Value::as_str);
    issuer.ok_or_else(|| Doubt::new("malformed", "it has no `iss`"))
}

pub(super) fn check(jws: &Jws<'_>, settings: &JwtIssuer, now_s: u64) -> Result<Identity, Doubt> {
    let claims = jws.claims.root();
    let until_s = times(claims, now_s)?;
    let meant = |value: Value<'_>| {
        value.is(&settings.audience) || value.items().any(|one| one.is(&settings.audience))
    };
    if !claims.get("aud").is_some_and(meant) {
        return Err(Doubt::new("wrong_audience", "its `aud` is not this gateway's"));
    }
    let subject = claims.get("sub").and_then(Value::as_str).map(Cow::into_owned);
    let usable = |subject: &String| !subject.is_empty() && subject.len() <= SUBJECT_BYTES_MAX;
    let subject =
        subject.filter(usable).ok_or(Doubt::new("malformed", "it has no usable `sub`"))?;
    let grant = settings.grants.iter().find(|mapping| gives(claims, mapping));
    let grant = grant.ok_or_else(|| {
        Doubt::new(NO_GRANT, format!("no grant is for its claims (`{}`)", settings.issuer))
    })?;
    let principal = Principal { issuer: settings.issuer.clone(), subject };
    let ends_ms = until_s.saturating_mul(1000);
    Ok(Identity { principal, grant: grant.grant.clone(), ends_ms })
}

/// Gives the second at which it is taken no more.
fn times(claims: Value<'_>, now_s: u64) -> Result<u64, Doubt> {
    let time = |key: &str| match claims.get(key) {
        None => Ok(None),
        Some(value) => match seconds(value) {
            Some(seconds) => Ok(Some(seconds)),
            None => Err(Doubt::new("malformed", format!("its `{key}` is no time"))),
        },
    };
    let ends = time("exp")?.ok_or(Doubt::new("malformed", "it has no `exp`"))?;
    let ends = ends.saturating_add(LEEWAY_S);
    if now_s >= ends {
        return Err(Doubt::new("expired", "it has expired"));
    }
    if time("nbf")?.is_some_and(|begins| begins > now_s.saturating_add(LEEWAY_S)) {
        return Err(Doubt::new("not_yet", "it is not valid yet"));
    }
    Ok(ends)
}

/// Whole seconds (RFC 7519, section 2: a number, with a fraction perhaps). What is written with an
/// exponent is not guessed at.
fn seconds(value: Value<'_>) -> Option<u64> {
    let literal = value.as_number().filter(|literal| !literal.contains(['e', 'E']))?;
    literal.split('.').next()?.parse().ok()
}

fn gives(claims: Value<'_>, mapping: &ClaimGrant) -> bool {
    let Some(value) = claims.get(&mapping.claim) else { return false };
    match &mapping.test {
        ClaimTest::Equals(text) => value.is(text),
        // A list, or words as in `scope` (RFC 8693, section 4.2).
        ClaimTest::Contains(text) if value.kind() == Kind::String => {
            value.as_str().is_some_and(|words| words.split(' ').any(|word| word == text))
        }
        ClaimTest::Contains(text) => value.items().any(|item| item.is(text)),
    }
}
