//! Secrets where everybody sees them: words of a command, which every list of processes has, and
//! URLs, which stand in logs.

use super::secret::names_a_secret;

const HIDDEN: &str = "…";
/// The same in a URL, which is ASCII.
const HIDDEN_IN_URL: &str = "***";
/// How keys of well-known services begin.
const KEYS: &[&str] = &["sk-", "ghp_", "gho_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "AKIA"];
/// A name that ends so says where a secret is, or what kind it is.
const ABOUT: &[&str] = &["dir", "env", "file", "id", "name", "path", "type", "url"];

/// The words of a command, each without what looks like a secret; nothing for those that hold
/// none.
pub(crate) fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> Vec<Option<String>> {
    let mut before = "";
    let hide = |word: &'a str| {
        let last = std::mem::replace(&mut before, word);
        hide_word(last, word)
    };
    words.into_iter().map(hide).collect()
}

fn hide_word(before: &str, word: &str) -> Option<String> {
    let is_option = before.starts_with('-') && !before.contains('=');
    if is_option && is_secret(before) && !word.is_empty() && !word.starts_with('-') {
        return Some(HIDDEN.to_owned());
    }
    if KEYS.iter().any(|key| word.starts_with(key)) {
        return Some(HIDDEN.to_owned());
    }
    if word.contains("://") {
        return url(word);
    }
    let (at, _) = word.char_indices().find(|(_, c)| ['=', ':'].contains(c))?;
    let (name, value) = word.split_at(at);
    let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    let hides = is_name && is_secret(name) && value.len() > 1;
    hides.then(|| format!("{name}{}{HIDDEN}", &value[..1]))
}

/// The URL without what looks like a secret; nothing if it holds none.
pub(crate) fn url(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(end);
    let host = authority.rsplit_once('@').map(|(_, host)| format!("{HIDDEN_IN_URL}@{host}"));
    let query = rest.split_once('?').map(|(path, query)| {
        let pairs: Vec<_> = query.split('&').map(hide_pair).collect();
        let hides = pairs.iter().any(|(hides, _)| *hides);
        let pairs: Vec<_> = pairs.into_iter().map(|(_, pair)| pair).collect();
        (hides, format!("{path}?{}", pairs.join("&")))
    });
    if host.is_none() && !query.as_ref().is_some_and(|(hides, _)| *hides) {
        return None;
    }
    let host = host.unwrap_or_else(|| authority.to_owned());
    let rest = query.map_or_else(|| rest.to_owned(), |(_, rest)| rest);
    Some(format!("{scheme}://{host}{rest}"))
}

fn hide_pair(pair: &str) -> (bool, String) {
    match pair.split_once('=') {
        Some((name, value)) if is_secret(name) && !value.is_empty() => {
            (true, format!("{name}={HIDDEN_IN_URL}"))
        }
        _ => (false, pair.to_owned()),
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.trim_start_matches('-');
    let last = name.rsplit(['-', '_', '.']).next().unwrap_or_default();
    names_a_secret(name) && !ABOUT.iter().any(|about| last.eq_ignore_ascii_case(about))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(command: &str) -> String {
        let typed: Vec<_> = command.split('|').collect();
        let shown = words(typed.iter().copied());
        let shown = shown
            .into_iter()
            .zip(typed)
            .map(|(hidden, word)| hidden.unwrap_or_else(|| word.to_owned()));
        shown.collect::<Vec<_>>().join("|")
    }

    #[test]
    fn words_that_look_like_secrets_are_hidden() {
        for (command, shown) in [
            ("mcp|--api-key|hunter2|--port|80", "mcp|--api-key|…|--port|80"),
            ("mcp|--token=hunter2", "mcp|--token=…"),
            ("env|API_KEY=hunter2|mcp", "env|API_KEY=…|mcp"),
            (
                "npx|mcp-remote|--header|Authorization: Bearer x",
                "npx|mcp-remote|--header|Authorization:…",
            ),
            ("mcp|sk-abcdef", "mcp|…"),
            ("pg|postgres://ann:pw@db/x", "pg|postgres://***@db/x"),
            ("mcp|https://a.b/mcp?x=1&api_key=k", "mcp|https://a.b/mcp?x=1&api_key=***"),
        ] {
            assert_eq!(hidden(command), shown);
        }
    }

    #[test]
    fn what_only_says_where_a_secret_is_stays() {
        for command in [
            "mcp|--token-file|/run/token",
            "mcp|--auth-type=oauth",
            "mcp|--key-path=/k|--verbose",
            "npx|-y|@scope/server|/srv/data",
            "mcp|--token|--verbose",
            "mcp|https://a.b/mcp?profile=dev",
            "C:/x|key",
        ] {
            assert_eq!(hidden(command), command);
        }
    }
}
