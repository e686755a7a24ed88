//! Where a request wants to go.

/// What a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place<'a> {
    /// `/mcp`: all servers of the grant.
    All,
    /// `/mcp/<server>`
    Server(&'a str),
}

/// Exactly the path as it was sent: nothing is decoded, so that a server has one path.
pub(super) fn read(path: &str) -> Option<Place<'_>> {
    let rest = path.strip_prefix("/mcp")?;
    if rest.is_empty() {
        return Some(Place::All);
    }
    let name = rest.strip_prefix('/')?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (!name.is_empty() && name.bytes().all(plain)).then_some(Place::Server(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_has_one_path() {
        assert_eq!(read("/mcp"), Some(Place::All));
        assert_eq!(read("/mcp/shop"), Some(Place::Server("shop")));
        for path in ["/", "/mcpshop", "/mcp/", "/mcp//shop", "/mcp/sh%6Fp", "/mcp/a/b", "/MCP"] {
            assert_eq!(read(path), None, "{path}");
        }
    }
}
