//! The URL that a server names to post to: on the very same server, or nowhere.

use hyper::Uri;

/// RFC 3986, section 5, as far as servers need it; and MCP 2024-11-05, SDKs alike: the same origin,
/// since the operator's headers go there.
pub(super) fn resolve(base: &Uri, named: &[u8]) -> Result<Uri, String> {
    let refused = |why: &str| {
        let named = String::from_utf8_lossy(named).escape_debug().take(200).collect::<String>();
        format!("the server named the endpoint `{named}`, which {why}")
    };
    let text = std::str::from_utf8(named).map_err(|_| refused("is not a URL"))?;
    let text = text.trim().split('#').next().unwrap_or_default();
    if text.is_empty() {
        return Err(refused("is empty"));
    }
    let uri: Uri = absolute(base, text).parse().map_err(|_| refused("is not a URL"))?;
    if origin(&uri).is_some_and(|there| Some(there) == origin(base)) {
        Ok(uri)
    } else {
        Err(refused("is on another server"))
    }
}

fn absolute(base: &Uri, text: &str) -> String {
    let scheme = base.scheme_str().unwrap_or_default();
    let authority = base.authority().map_or("", |authority| authority.as_str());
    let path = base.path();
    if has_scheme(text) {
        text.to_owned()
    } else if text.starts_with("//") {
        format!("{scheme}:{text}")
    } else if text.starts_with('/') {
        format!("{scheme}://{authority}{text}")
    } else if text.starts_with('?') {
        format!("{scheme}://{authority}{path}{text}")
    } else {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        format!("{scheme}://{authority}{folder}/{text}")
    }
}

fn has_scheme(text: &str) -> bool {
    let scheme = text.split(['/', '?']).next().unwrap_or_default();
    scheme.contains(':')
}

/// Nothing for a URL that has none, or that carries a user's name and password.
fn origin(uri: &Uri) -> Option<(String, String, u16)> {
    let scheme = uri.scheme_str()?.to_ascii_lowercase();
    let authority = uri.authority()?;
    let port = match (&*scheme, authority.port_u16()) {
        (_, Some(port)) => port,
        ("https", None) => 443,
        ("http", None) => 80,
        _ => return None,
    };
    let plain = !authority.as_str().contains('@');
    plain.then(|| (scheme, authority.host().to_ascii_lowercase(), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(base: &str, named: &str) -> Result<String, String> {
        resolve(&base.parse().unwrap(), named.as_bytes()).map(|uri| uri.to_string())
    }

    #[test]
    fn an_endpoint_on_the_same_server_is_taken() {
        let base = "https://Example.com/a/sse?x=1";
        for (named, uri) in [
            ("/messages?id=1", "https://Example.com/messages?id=1"),
            (" messages#part ", "https://Example.com/a/messages"),
            ("?id=1", "https://Example.com/a/sse?id=1"),
            ("https://example.com:443/m", "https://example.com:443/m"),
            ("//example.com/m", "https://example.com/m"),
            ("m:1", ""),
            ("./m?to=http://other", "https://Example.com/a/./m?to=http://other"),
        ] {
            assert_eq!(on(base, named).unwrap_or_default(), uri, "{named}");
        }
        assert!(on("http://127.0.0.1:80/sse", "http://127.0.0.1/m").is_ok());
        assert!(on("http://[::1]:8080/sse", "/m").is_ok_and(|uri| uri == "http://[::1]:8080/m"));
    }

    #[test]
    fn an_endpoint_elsewhere_is_refused() {
        let base = "https://example.com/sse";
        for named in [
            "https://evil.com/m",
            "http://example.com/m",
            "https://example.com:444/m",
            "//evil.com/m",
            "https://example.com.evil.com/m",
            "https://user@example.com/m",
            "https://example.com@evil.com/m",
            "ftp://example.com/m",
            "javascript:alert(1)",
            "",
            "#x",
            "https://",
            "/a b",
        ] {
            let refusal = on(base, named).unwrap_err();
            assert!(refusal.starts_with("the server named the endpoint `"), "{refusal}");
        }
        assert!(resolve(&base.parse().unwrap(), b"/\xff").is_err());
        assert!(!on(base, "//evil.com/\u{1b}[2J").unwrap_err().contains('\u{1b}'));
    }
}
