//! The two cookies: who is signed in, and which browser the sign-in form went to.

use hyper::header::{COOKIE, HeaderMap};

use crate::random::is_secret;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cookie {
    /// Bound to the sign-in form, so that nobody else can fill it in for this browser.
    Form,
    Session,
}

impl Cookie {
    fn name(self, secure: bool) -> &'static str {
        // RFC 6265bis, "__Host-": no other host, no plain text, no path of its own.
        match (self, secure) {
            (Self::Form, false) => "toolgate_form",
            (Self::Form, true) => "__Host-toolgate_form",
            (Self::Session, false) => "toolgate_session",
            (Self::Session, true) => "__Host-toolgate_session",
        }
    }

    /// Nothing if there is none, more than one, or none of ours.
    pub(crate) fn read(self, headers: &HeaderMap, secure: bool) -> Option<String> {
        let lines = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
        let name = self.name(secure);
        let mut values = pairs.filter(|(key, _)| key.trim() == name).map(|(_, value)| value.trim());
        let value = values.next().filter(|value| is_secret(value))?;
        values.next().is_none().then(|| value.to_owned())
    }

    pub(crate) fn set(self, value: &str, max_age_s: u64, secure: bool) -> String {
        let name = self.name(secure);
        let end = if secure { "; Secure" } else { "" };
        format!("{name}={value}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Strict{end}")
    }

    pub(crate) fn clear(self, secure: bool) -> String {
        self.set("", 0, secure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_cookie_of_ours_is_read_and_two_are_none() {
        let value = "a".repeat(64);
        let headers = |lines: &[&str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(COOKIE, line.parse().unwrap());
            }
            headers
        };
        let own = format!("other=1; toolgate_session={value}");
        assert_eq!(Cookie::Session.read(&headers(&[&own]), false), Some(value.clone()));
        assert_eq!(Cookie::Session.read(&headers(&[&own]), true), None);
        assert_eq!(Cookie::Form.read(&headers(&[&own]), false), None);
        assert_eq!(Cookie::Session.read(&headers(&[&own, &own]), false), None);
        let short = headers(&["toolgate_session=abc"]);
        assert_eq!(Cookie::Session.read(&short, false), None);
    }

    #[test]
    fn a_cookie_is_for_this_site_and_no_script() {
        let cookie = Cookie::Session.set("v", 60, true);
        let expected =
            "__Host-toolgate_session=v; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure";
        assert_eq!(cookie, expected);
    }
}
