//! The server as OAuth sees it: the resource that a token is for (RFC 8707).

use hyper::Uri;

use crate::upstream::egress;

/// How a token request names the server: no fragment, no lonely slash.
pub(super) fn canonical(url: &str) -> String {
    let plain = url.split('#').next().unwrap_or_default();
    match plain.parse::<Uri>() {
        Ok(uri) if uri.path() == "/" && uri.query().is_none() => {
            plain.trim_end_matches('/').to_owned()
        }
        Ok(_) | Err(_) => plain.to_owned(),
    }
}

/// Whether `resource` is the server at `url`, or a part of its site above it.
pub(super) fn covers(resource: &str, url: &str) -> bool {
    let same = matches!((egress::origin(resource), egress::origin(url)), (Ok(a), Ok(b)) if a == b);
    let [above, path] = [resource, url].map(path);
    same && path
        .strip_prefix(above.trim_end_matches('/'))
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The path of a URL, without a slash that stands for no path at all.
pub(super) fn path(url: &str) -> String {
    let path = url.parse::<Uri>().map(|uri| uri.path().to_owned()).unwrap_or_default();
    if path == "/" { String::new() } else { path }
}

/// `/.well-known/<name>` between host and path (RFC 8414 section 3.1, RFC 9728 section 3.1).
pub(super) fn well_known(url: &str, name: &str, path: &str) -> Option<String> {
    let origin = egress::origin(url).ok()?;
    Some(format!("{origin}/.well-known/{name}{}", path.trim_end_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_covers_its_own_paths_and_no_neighbours() {
        let url = "https://a.example/mcp/web";
        for yes in ["https://a.example", "https://a.example/", "https://A.example:443/mcp", url] {
            assert!(covers(yes, url), "{yes}");
        }
        for no in [
            "http://a.example/mcp",
            "https://a.example:8443/mcp",
            "https://b.example/mcp",
            "https://a.example.b.example/",
            "https://a.example/mc",
            "https://a.example/mcp/web/deeper",
            "https://a.example/other",
            "https://x@a.example/",
            "",
        ] {
            assert!(!covers(no, url), "{no}");
        }
    }

    #[test]
    fn names_are_built_as_the_standards_say() {
        assert_eq!(canonical("https://a.example/"), "https://a.example");
        assert_eq!(canonical("https://a.example/mcp#x"), "https://a.example/mcp");
        assert_eq!(canonical("https://a.example/mcp/"), "https://a.example/mcp/");
        let url = well_known("https://a.example/t/1/", "x", &path("https://a.example/t/1/"));
        assert_eq!(url.unwrap(), "https://a.example/.well-known/x/t/1");
        let url = well_known("http://[::1]:8080/", "x", &path("http://[::1]:8080/"));
        assert_eq!(url.unwrap(), "http://[::1]:8080/.well-known/x");
    }
}
