//! What must not be shown: values that a configuration gives to a server, wherever they come back.

use std::borrow::Cow;

use crate::config::secret::names_a_secret;

/// Plain values of variables, headers, options and addresses.
#[derive(Clone, Default)]
pub(crate) struct Secrets(Vec<String>);

/// Shorter ones hide nothing and garble every text.
const LENGTH_MIN_IF_NAMED: usize = 4;

/// Whether a value looks like a key though its name does not say so. `production`, `customers` and
/// `/srv/data` are words that a server's tools may be named after.
fn looks_secret(value: &str) -> bool {
    let is_place = value.starts_with(['/', '.', '~']) || value.contains("://");
    let has = |kind: fn(&char) -> bool| value.chars().any(|letter| kind(&letter));
    let mixed = has(char::is_ascii_digit) && has(char::is_ascii_alphabetic);
    !is_place && !value.contains(' ') && (mixed && value.len() >= 8 || value.len() >= 20)
}

impl Secrets {
    /// The value of a variable or a header.
    pub(crate) fn add(&mut self, name: &str, value: &str) {
        let named = names_a_secret(name);
        // Servers repeat a token without the scheme in front of it.
        let bare = value.split_once(' ').map_or(value, |(_, token)| token);
        for secret in [value.trim(), bare.trim()] {
            let hide =
                if named { secret.len() >= LENGTH_MIN_IF_NAMED } else { looks_secret(secret) };
            if hide && !self.0.iter().any(|known| known == secret) {
                self.0.push(secret.to_owned());
            }
        }
        self.add_url(value);
        // The longest first: one may be part of another.
        self.0.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    }

    /// `--token x`, `--api-key=x`, `postgres://user:x@host/db`.
    pub(crate) fn add_args(&mut self, args: &[String]) {
        let mut option = "";
        for arg in args {
            match arg.split_once('=') {
                Some((name, value)) if !name.contains("://") && names_a_secret(name) => {
                    self.add(name, value);
                }
                _ if option.starts_with('-') && names_a_secret(option) => self.add(option, arg),
                _ => self.add_url(arg),
            }
            option = arg;
        }
    }

    /// The password of an address, and what its query says of keys and tokens.
    pub(crate) fn add_url(&mut self, url: &str) {
        let Some((_, rest)) = url.split_once("://") else { return };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
        let user = authority.rsplit_once('@').map(|(user, _)| user);
        let mut found: Vec<&str> = Vec::new();
        found.extend(user.and_then(|user| user.split_once(':')).map(|(_, password)| password));
        let query = rest.split_once('?').map_or("", |(_, query)| query);
        let pairs = query.split(['&', '#']).filter_map(|pair| pair.split_once('='));
        found.extend(pairs.filter(|(name, _)| names_a_secret(name)).map(|(_, value)| value));
        for secret in found {
            if secret.len() >= LENGTH_MIN_IF_NAMED {
                self.0.push(secret.to_owned());
            }
        }
    }

    /// `text` without any of them.
    pub(crate) fn hide<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.0.iter().fold(Cow::Borrowed(text), |text, secret| {
            if text.contains(secret) { Cow::Owned(text.replace(secret, "…")) } else { text }
        })
    }

    pub(crate) fn hide_in(&self, text: &mut String) {
        if let Cow::Owned(hidden) = self.hide(text) {
            *text = hidden;
        }
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secrets({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_hidden_with_their_scheme_or_without() {
        let mut secrets = Secrets::default();
        secrets.add("Authorization", "Bearer hunter2");
        secrets.add("LOG_LEVEL", "debug");
        assert_eq!(secrets.hide("401 for hunter2, debug"), "401 for …, debug");
        assert_eq!(secrets.hide("sent Bearer hunter2"), "sent …");
        assert_eq!(format!("{secrets:?}"), "Secrets(2)");
    }

    #[test]
    fn plain_words_are_shown_and_keys_without_a_telling_name_are_not() {
        let mut secrets = Secrets::default();
        for (name, value) in
            [("DB_NAME", "customers"), ("NODE_ENV", "production"), ("ROOT", "/srv/data/2024")]
        {
            secrets.add(name, value);
            assert_eq!(secrets.hide(value), value);
        }
        secrets.add("EXTRA", "ghp_16C7e42F292c6912");
        assert_eq!(secrets.hide("get_ghp_16C7e42F292c6912"), "get_…");
    }

    #[test]
    fn secrets_on_a_command_line_are_known() {
        let mut secrets = Secrets::default();
        let args = ["--token", "abcd1", "--api-key=abcd2", "--root", "/srv"];
        secrets.add_args(&args.map(str::to_owned));
        secrets.add_args(&["postgres://me:abcd3@db/x?token=abcd4&page=pages".to_owned()]);
        for hidden in ["abcd1", "abcd2", "abcd3", "abcd4"] {
            assert_eq!(secrets.hide(hidden), "…", "{hidden}");
        }
        for shown in ["/srv", "pages", "db"] {
            assert_eq!(secrets.hide(shown), shown);
        }
    }
}
