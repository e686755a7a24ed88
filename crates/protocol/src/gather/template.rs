//! Whether a URI can come from a template.

/// Whether `uri` is the template (RFC 6570) with something in place of each expression: its
/// literal parts stand in it, in order. Values are not looked at.
pub fn expands(template: &str, uri: &str) -> bool {
    let (head, mut template) = template.split_once('{').unwrap_or((template, ""));
    let Some(mut rest) = uri.strip_prefix(head) else { return false };
    if template.is_empty() {
        return rest.is_empty();
    }
    while let Some((_, behind)) = template.split_once('}') {
        let Some((literal, next)) = behind.split_once('{') else { return rest.ends_with(behind) };
        let Some(at) = rest.find(literal) else { return false };
        rest = &rest[at + literal.len()..];
        template = next;
    }
    false
}
