//! What must not be shown: values that a configuration gives to a server, wherever they come back.

use std::borrow::Cow;

/// Plain values of variables and headers.
#[derive(Clone, Default)]
pub(crate) struct Secrets(Vec<String>);

/// Shorter ones are `1`, `true`, `debug`: hiding them would garble every text and protect nothing.
const LENGTH_MIN: usize = 8;

impl Secrets {
    pub(crate) fn add(&mut self, value: &str) {
        // Servers repeat a token without the scheme in front of it.
        let bare = value.split_once(' ').map_or(value, |(_, token)| token);
        for secret in [value, bare] {
            let secret = secret.trim();
            if secret.len() >= LENGTH_MIN && !self.0.iter().any(|known| known == secret) {
                self.0.push(secret.to_owned());
            }
        }
        // The longest first: one may be part of another.
        self.0.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    }

    /// `text` without any of them.
    pub(crate) fn hide<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.0.iter().fold(Cow::Borrowed(text), |text, secret| {
            if text.contains(secret) { Cow::Owned(text.replace(secret, "…")) } else { text }
        })
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
        secrets.add("Bearer hunter2-hunter2");
        secrets.add("1");
        assert_eq!(secrets.hide("401 for hunter2-hunter2, try 1"), "401 for …, try 1");
        assert_eq!(secrets.hide("sent Bearer hunter2-hunter2"), "sent …");
        assert_eq!(format!("{secrets:?}"), "Secrets(2)");
    }
}
