//! What programs may take a resource's address for.
//!
//! A pattern is compared with a URI as it stands. Which file or page a server finds there is its
//! own affair: `file:///docs/../etc`, `FILE:///docs`, `%2e%2e`. All spellings that a program may
//! take for one another have one folded spelling (RFC 3986, section 6.2, and beyond it).

use crate::fold;
use crate::glob::Glob;

#[cfg(test)]
mod tests;

/// The spelling that all readings share; nothing if there is no telling.
pub(crate) fn folded(uri: &str) -> Option<String> {
    let decoded = decoded(uri)?;
    let text = fold::folded(&decoded).replace('\\', "/");
    if text.chars().any(char::is_control) {
        return None;
    }
    let (scheme, rest) = match text.split_once(':') {
        Some((scheme, rest)) if !scheme.contains('/') => (Some(scheme), rest),
        _ => (None, text.as_str()),
    };
    let mut out = scheme.map(|scheme| format!("{scheme}:")).unwrap_or_default();
    if rest.starts_with('/') {
        out.push('/');
    }
    let mut segments = segments(rest);
    if scheme == Some("file") && rest.starts_with("//") && segments.first() == Some(&"localhost") {
        segments.remove(0);
    }
    out.push_str(&segments.join("/"));
    if rest.ends_with('/') && !segments.is_empty() {
        out.push('/');
    }
    Some(out)
}

/// A pattern, or a name, by its folded spelling.
pub(crate) fn folded_glob(key: &str) -> Glob {
    Glob::of(folded(key).unwrap_or_else(|| key.to_owned()))
}

/// Whether something that the template stands for (RFC 6570) may match the folded pattern.
/// Nobody compares very long ones: those may.
pub(crate) fn meets(glob: &Glob, template: &str) -> bool {
    const COMPARED_BYTES_MAX: usize = 4096;
    if template.len() > COMPARED_BYTES_MAX {
        return true;
    }
    let mut open = String::new();
    let mut inside = false;
    for c in template.chars() {
        match c {
            '{' if !inside => {
                inside = true;
                open.push('*');
            }
            '}' if inside => inside = false,
            _ if inside => {}
            _ => open.push(c),
        }
    }
    folded(&open).is_none_or(|open| glob.meets(&Glob::of(open)))
}

/// Steps between slashes; empty ones are none, and dots lead nowhere or back.
fn segments(rest: &str) -> Vec<&str> {
    let mut segments = Vec::new();
    for segment in rest.split('/') {
        // Some servers read `..;x` as `..`.
        match segment.split(';').next() {
            None | Some("" | ".") => {}
            Some("..") => {
                segments.pop();
            }
            Some(_) => segments.push(segment),
        }
    }
    segments
}

/// Without percent signs that encode; nothing if they hide more, or no text.
fn decoded(uri: &str) -> Option<String> {
    const ROUNDS_MAX: usize = 3;
    let mut text = uri.to_owned();
    for _ in 0..ROUNDS_MAX {
        let next = decoded_once(&text)?;
        if next == text {
            return Some(text);
        }
        text = next;
    }
    None
}

fn decoded_once(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let digit = |at: usize| char::from(*bytes.get(at)?).to_digit(16);
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let pair = digit(at + 1).zip(digit(at + 2)).filter(|_| *byte == b'%');
        if let Some(encoded) = pair.and_then(|(high, low)| u8::try_from(high * 16 + low).ok()) {
            out.push(encoded);
            at += 3;
        } else {
            out.push(*byte);
            at += 1;
        }
    }
    String::from_utf8(out).ok()
}
