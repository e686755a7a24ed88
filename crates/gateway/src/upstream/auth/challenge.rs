//! `WWW-Authenticate` of a 401: where the server's metadata is, which scopes it wants.

use hyper::header::{HeaderMap, WWW_AUTHENTICATE};

/// The first `Bearer` challenge (RFC 6750, RFC 9728 section 5.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Challenge {
    pub(super) resource_metadata: Option<String>,
    pub(super) scope: Option<String>,
}

impl Challenge {
    pub(super) fn read(headers: &HeaderMap) -> Self {
        let values = headers.get_all(WWW_AUTHENTICATE).iter();
        let mut values = values.filter_map(|value| value.to_str().ok());
        values.find_map(Self::bearer).unwrap_or_default()
    }

    /// One header may hold several challenges, with commas between as between parameters.
    fn bearer(value: &str) -> Option<Self> {
        let mut found: Option<Self> = None;
        for item in items(value) {
            let (scheme, parameter) = split(item);
            match (scheme, &mut found) {
                (Some(_), Some(_)) => break,
                (Some(scheme), None) if scheme.eq_ignore_ascii_case("bearer") => {
                    found = Some(Self::default());
                }
                (Some(_), None) | (None, _) => {}
            }
            let parameter = parameter.and_then(|text| text.split_once('='));
            if let (Some(challenge), Some((name, value))) = (&mut found, parameter) {
                challenge.set(name.trim(), unquote(value.trim()));
            }
        }
        found
    }

    fn set(&mut self, name: &str, value: String) {
        let place = match name.to_ascii_lowercase().as_str() {
            "resource_metadata" => &mut self.resource_metadata,
            "scope" => &mut self.scope,
            _ => return,
        };
        // Twice the same parameter is an error; the first one stands.
        if place.is_none() && !value.is_empty() {
            *place = Some(value);
        }
    }
}

/// Splits at commas outside quotes.
fn items(value: &str) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    let items = value.split(move |c: char| {
        let cut = c == ',' && !quoted;
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        cut
    });
    items.map(str::trim).filter(|item| !item.is_empty())
}

/// A scheme, if the item begins with one, and what else there is.
fn split(item: &str) -> (Option<&str>, Option<&str>) {
    let head = item.split('=').next().unwrap_or_default().trim_end();
    match head.split_once(' ') {
        Some((scheme, _)) => (Some(scheme), Some(item[scheme.len()..].trim_start())),
        None if item.contains('=') => (None, Some(item)),
        None => (Some(item), None),
    }
}

fn unquote(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return value.to_owned();
    };
    let mut escaped = false;
    let kept = |c: &char| {
        escaped = *c == '\\' && !escaped;
        !escaped
    };
    inner.chars().filter(kept).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;

    fn read(values: &[&'static str]) -> (Option<String>, Option<String>) {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(WWW_AUTHENTICATE, HeaderValue::from_static(value));
        }
        let challenge = Challenge::read(&headers);
        (challenge.resource_metadata, challenge.scope)
    }

    #[test]
    fn the_bearer_challenge_is_found_among_others() {
        let url = || Some("https://a.example/m".to_owned());
        let scope = || Some("files:read b".to_owned());
        let table: &[(&[&'static str], _)] = &[
            (&[], (None, None)),
            (&["Bearer"], (None, None)),
            (&["Basic realm=\"x\""], (None, None)),
            (&["Basic resource_metadata=\"https://a.example/m\""], (None, None)),
            (&["Bearer resource_metadata=\"https://a.example/m\""], (url(), None)),
            (&["bearer  resource_metadata=https://a.example/m"], (url(), None)),
            (
                &[
                    "Bearer realm=\"a, b\", scope=\"files:read b\", resource_metadata=\"https://a.example/m\"",
                ],
                (url(), scope()),
            ),
            (
                &["Basic realm=\"x\", Bearer scope=\"files:read b\", Digest scope=\"no\""],
                (None, scope()),
            ),
            (&["Basic realm=\"x\"", "Bearer scope=\"files:read b\""], (None, scope())),
            (&["Bearer scope=\"files:\\read b\", scope=\"other\""], (None, scope())),
            (&["Bearer error=\"x\\\", scope=\\\"no\", scope=\"files:read b\""], (None, scope())),
            (&["Negotiate, Bearer scope=\"files:read b\""], (None, scope())),
            (&["Bearer scope=\"\""], (None, None)),
            (&["Bearer scope=\"half"], (None, Some("\"half".to_owned()))),
            (&[",,, =,\"", "Bearer =,=x"], (None, None)),
        ];
        for (values, wanted) in table {
            assert_eq!(read(values), *wanted, "{values:?}");
        }
    }
}
