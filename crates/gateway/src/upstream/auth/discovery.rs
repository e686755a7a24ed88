//! From a server's URL to its authorization server, by the metadata of both.

use hyper::StatusCode;

use crate::upstream::egress::{Ask, Egress};

use super::AuthError;
use super::challenge::Challenge;
use super::metadata::{Authority, Resource};
use super::resource::{covers, path, well_known};
use super::token::answered;
use super::words::harmless;

/// The server itself (RFC 9728). Nothing where it publishes nothing about itself.
pub(super) async fn resource(
    egress: &Egress,
    url: &str,
    challenge: &Challenge,
) -> Result<Option<Resource>, AuthError> {
    let named = challenge.resource_metadata.as_deref();
    let (places, guessed) = match named {
        Some(place) => (vec![place.to_owned()], false),
        None => (resource_places(url), true),
    };
    for place in places {
        let Some(body) = get(egress, &place, guessed).await? else { continue };
        let Some(found) = Resource::read(&body) else {
            if guessed {
                continue;
            }
            return Err(unfit(&place, "is no metadata of a protected resource (RFC 9728)"));
        };
        if !covers(&found.name, url) {
            let what = format!("is about `{}`, not about this server", harmless(&found.name));
            return Err(unfit(&place, &what));
        }
        return Ok(Some(found));
    }
    Ok(None)
}

/// The authorization server of this very name (RFC 8414, OIDC Discovery).
pub(super) async fn authority(egress: &Egress, issuer: &str) -> Result<Authority, AuthError> {
    if issuer.contains(['?', '#']) {
        return Err(unfit(issuer, "is no issuer: it has a query or a fragment"));
    }
    for place in authority_places(issuer) {
        let Some(body) = get(egress, &place, true).await? else { continue };
        let Some(found) = Authority::read(&body) else { continue };
        // RFC 8414 section 3.3: letter by letter, or anybody could speak for anybody.
        if found.issuer != issuer {
            let what = format!("names the issuer `{}`, not `{issuer}`", harmless(&found.issuer));
            return Err(unfit(&place, &what));
        }
        return Ok(found);
    }
    Err(unfit(issuer, "publishes no metadata of an authorization server (RFC 8414)"))
}

fn resource_places(url: &str) -> Vec<String> {
    const NAME: &str = "oauth-protected-resource";
    let path = path(url);
    let mut places = vec![well_known(url, NAME, &path), well_known(url, NAME, "")];
    places.dedup();
    places.into_iter().flatten().collect()
}

/// In the order of MCP 2025-11-25.
fn authority_places(issuer: &str) -> Vec<String> {
    const OAUTH: &str = "oauth-authorization-server";
    const OPENID: &str = "openid-configuration";
    let path = path(issuer);
    let inserted = [OAUTH, OPENID].map(|name| well_known(issuer, name, &path));
    let appended = format!("{}/.well-known/{OPENID}", issuer.trim_end_matches('/'));
    let mut places: Vec<_> = inserted.into_iter().flatten().chain([appended]).collect();
    places.dedup();
    places
}

/// Nothing where there is nothing to be found, and that is no surprise.
async fn get(egress: &Egress, url: &str, guessed: bool) -> Result<Option<bytes::Bytes>, AuthError> {
    let to = egress.learned(url)?;
    let answer = egress.fetch(&to, Ask::get()).await?;
    match answer.status {
        StatusCode::OK => Ok(Some(answer.body)),
        status if guessed && status.is_client_error() => Ok(None),
        status => Err(answered(&to, status)),
    }
}

fn unfit(place: &str, what: &str) -> AuthError {
    AuthError::Unfit(format!("`{}` {what}", harmless(place)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_tried_in_the_order_of_the_specification() {
        let known = "https://a.example/.well-known";
        assert_eq!(
            resource_places("https://a.example/mcp"),
            [
                format!("{known}/oauth-protected-resource/mcp"),
                format!("{known}/oauth-protected-resource")
            ]
        );
        assert_eq!(
            resource_places("https://a.example/"),
            [format!("{known}/oauth-protected-resource")]
        );
        assert_eq!(
            authority_places("https://a.example/t"),
            [
                format!("{known}/oauth-authorization-server/t"),
                format!("{known}/openid-configuration/t"),
                "https://a.example/t/.well-known/openid-configuration".to_owned(),
            ]
        );
        assert_eq!(
            authority_places("https://a.example"),
            [
                format!("{known}/oauth-authorization-server"),
                format!("{known}/openid-configuration")
            ]
        );
    }
}
