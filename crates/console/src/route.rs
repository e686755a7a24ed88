//! Every address of the console, and who may use it. There are no others.
//!
//! Each part of the console has its rows beside what answers them.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use hyper::{Method, StatusCode};
use toolgate_store::Power;

use crate::api::Told;
use crate::door::Asked;
use crate::form;
use crate::house::House;
use crate::identity::Somebody;
use crate::reply::{Refusal, Reply};
use crate::{api, body, pages};

/// One row of the table.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) verb: Verb,
    /// A segment `*` stands for a name, one such as `{id}` too.
    pub(crate) path: &'static str,
    pub(crate) door: Door,
    pub(crate) body_bytes_max: usize,
    /// What the API's document says of it.
    pub(crate) told: Option<&'static Told>,
}

/// How somebody shows who they are, and what is behind it.
#[derive(Clone, Copy)]
pub(crate) enum Door {
    Anyone(Open),
    /// An account's token in `Authorization`, for programs.
    Bearer(Power, Known),
    /// A cookie of somebody who signed in, for browsers.
    Session(Power, Known),
    /// A signature by the secret of a webhook.
    Signed(Open),
}

pub(crate) type Answering<'a> = Pin<Box<dyn Future<Output = Result<Reply, Refusal>> + Send + 'a>>;
pub(crate) type Open = for<'a> fn(&'a House, &'a Asked<'a>) -> Answering<'a>;
pub(crate) type Known = for<'a> fn(&'a House, &'a Somebody, &'a Asked<'a>) -> Answering<'a>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verb {
    Delete,
    Get,
    Post,
    Put,
}

/// Where a request leads to, with the names in its path.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) route: &'static Route,
    pub(crate) names: Vec<String>,
}

const PARTS: &[&[Route]] = &[
    pages::ROUTES,
    pages::sign_in::ROUTES,
    pages::approvals::ROUTES,
    pages::log::ROUTES,
    pages::freezes::ROUTES,
    pages::policies::ROUTES,
    pages::grants::ROUTES,
    pages::servers::ROUTES,
    pages::overview::ROUTES,
    pages::people::ROUTES,
    pages::welcome::ROUTES,
    api::accounts::ROUTES,
    api::audit::ROUTES,
    api::freezes::ROUTES,
    api::grants::ROUTES,
    api::ROUTES,
    api::me::ROUTES,
    api::organization::ROUTES,
    api::policies::ROUTES,
    api::servers::ROUTES,
];

const NAME_BYTES_MAX: usize = 512;

impl Route {
    pub(crate) const fn delete(path: &'static str, door: Door) -> Self {
        Self::new(Verb::Delete, path, door)
    }

    pub(crate) const fn get(path: &'static str, door: Door) -> Self {
        Self::new(Verb::Get, path, door)
    }

    pub(crate) const fn post(path: &'static str, door: Door) -> Self {
        Self::new(Verb::Post, path, door)
    }

    pub(crate) const fn put(path: &'static str, door: Door) -> Self {
        Self::new(Verb::Put, path, door)
    }

    /// Every row of the API has this.
    pub(crate) const fn told(self, told: &'static Told) -> Self {
        Self { told: Some(told), ..self }
    }

    /// For whole documents, escaped as forms do.
    pub(crate) const fn with_body(self, bytes_max: usize) -> Self {
        Self { body_bytes_max: bytes_max, ..self }
    }

    const fn new(verb: Verb, path: &'static str, door: Door) -> Self {
        Self { verb, path, door, body_bytes_max: body::BYTES_MAX, told: None }
    }
}

impl Verb {
    pub(crate) const ALL: [Self; 4] = [Self::Delete, Self::Get, Self::Post, Self::Put];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Delete => "DELETE",
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
        }
    }

    fn of(method: &Method) -> Option<Self> {
        let method = if *method == Method::HEAD { &Method::GET } else { method };
        Self::ALL.into_iter().find(|verb| verb.as_str() == method.as_str())
    }
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anyone(_) => f.write_str("Anyone"),
            Self::Bearer(power, _) => f.debug_tuple("Bearer").field(power).finish(),
            Self::Session(power, _) => f.debug_tuple("Session").field(power).finish(),
            Self::Signed(_) => f.write_str("Signed"),
        }
    }
}

/// Whether programs ask there: they are answered in JSON, whatever comes of it.
pub(crate) fn is_api(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/")
}

/// Whether a browser can be led there once somebody has signed in.
pub(crate) fn is_page(path: &str) -> bool {
    find(&Method::GET, path).is_ok_and(|found| matches!(found.route.door, Door::Session(..)))
}

pub(crate) fn find(method: &Method, path: &str) -> Result<Found, Refusal> {
    let wanted = Verb::of(method);
    let there: Vec<_> =
        all().filter_map(|route| Some((route, matched(route.path, path)?))).collect();
    if there.is_empty() {
        return Err(Refusal::new(StatusCode::NOT_FOUND, "not_found", "there is nothing here"));
    }
    let mut verbs: Vec<_> = there.iter().map(|(route, _)| route.verb).collect();
    let found = there.into_iter().find(|(route, _)| Some(route.verb) == wanted);
    let found = found.map(|(route, names)| Found { route, names });
    found.ok_or_else(|| {
        verbs.sort_unstable();
        verbs.dedup();
        let allow = verbs.into_iter().map(Verb::as_str).collect::<Vec<_>>().join(", ");
        let text = format!("use {allow} here");
        let refusal = Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", text);
        Refusal { allow: Some(allow), ..refusal }
    })
}

pub(crate) fn all() -> impl Iterator<Item = &'static Route> {
    PARTS.iter().copied().flatten()
}

/// The names in `path`; nothing if it is another path. A row with the word itself stands before
/// one with a name in its place.
fn matched(pattern: &str, path: &str) -> Option<Vec<String>> {
    let (mut names, mut segments) = (Vec::new(), path.split('/'));
    for wanted in pattern.split('/') {
        let segment = segments.next()?;
        match wanted {
            any if any == "*" || any.starts_with('{') => names.push(name(segment)?),
            _ if wanted == segment => {}
            _ => return None,
        }
    }
    segments.next().is_none().then_some(names)
}

/// Neither empty nor what leads out of a folder.
fn name(segment: &str) -> Option<String> {
    let name = form::decoded_segment(segment)?;
    ((1..=NAME_BYTES_MAX).contains(&name.len()) && name != "." && name != "..").then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(method: &Method, path: &str) -> Result<Vec<String>, StatusCode> {
        find(method, path).map(|found| found.names).map_err(|refusal| refusal.status)
    }

    fn one(name: &str) -> Vec<String> {
        vec![name.to_owned()]
    }

    #[test]
    fn paths_lead_to_one_place() {
        let get = |path| names(&Method::GET, path);
        assert_eq!(get("/approvals/apr_1"), Ok(one("apr_1")));
        assert_eq!(get("/approvals/%61%2Fb"), Ok(one("a/b")));
        assert_eq!(names(&Method::POST, "/approvals/apr_1/approve"), Ok(one("apr_1")));
        assert_eq!(names(&Method::POST, "/api/v1/approvals/answers"), Ok(Vec::new()));
        for path in ["/approvals/", "/approvals/a/b/c", "/approvals/..", "/approvals/%2e%2e"] {
            assert_eq!(get(path), Err(StatusCode::NOT_FOUND), "{path}");
        }
        for path in ["/approvals/%zz", "/approvals/%ff", "//", ""] {
            assert_eq!(get(path), Err(StatusCode::NOT_FOUND), "{path}");
        }
    }

    /// Whatever a person's browser fetches without being asked changes nothing.
    #[test]
    fn what_changes_something_is_posted() {
        for path in ["/approvals/a/approve", "/approvals/a/deny", "/sign-out"] {
            for method in [Method::GET, Method::HEAD] {
                assert_eq!(names(&method, path), Err(StatusCode::METHOD_NOT_ALLOWED), "{path}");
            }
        }
    }

    #[test]
    fn only_pages_of_ours_are_led_to() {
        for path in ["/", "/approvals", "/approvals/apr_1"] {
            assert!(is_page(path), "{path}");
        }
        for path in
            ["//evil.example", "/sign-in", "/api/v1/approvals", "https://x", "/approvals?x", ""]
        {
            assert!(!is_page(path), "{path}");
        }
    }

    /// Nothing that changes an answer is open to lookers-on, and nothing at all but signing in to
    /// strangers.
    #[test]
    fn every_row_says_who() {
        for route in all() {
            let (path, verb) = (route.path, route.verb);
            match route.door {
                Door::Anyone(_) => {
                    let signs_in = ["/sign-in", "/welcome/*"].contains(&path);
                    assert!(verb == Verb::Get || signs_in, "{path}");
                }
                Door::Signed(_) => assert_eq!(path, "/api/v1/approvals/answers"),
                Door::Bearer(power, _) | Door::Session(power, _) => {
                    let own = ["/sign-out", "/people/password", "/people/sessions/*/end"];
                    let open = verb == Verb::Get || own.contains(&path);
                    assert!(open || power != Power::Look, "{path}");
                    assert_eq!(matches!(route.door, Door::Bearer(..)), is_api(path), "{path}");
                }
            }
        }
    }

    #[test]
    fn no_row_is_there_twice() {
        let mut rows: Vec<_> = all().map(|route| (route.path, route.verb)).collect();
        let count = rows.len();
        rows.sort_unstable();
        rows.dedup();
        assert_eq!(rows.len(), count);
    }

    /// The matrix of who may do what and the browser suite go by that list: nothing is forgotten.
    #[test]
    fn the_list_of_rows_that_the_suites_go_by_is_whole() {
        let mut rows: Vec<_> = all().map(listed).collect();
        rows.sort_unstable();
        let rows: String = rows.concat();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/rows.txt");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(path, &rows).unwrap();
        }
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        assert_eq!(kept, rows, "run with UPDATE=1, and look at who may use the new row");
    }

    /// `GET /approvals/* session viewer`
    fn listed(route: &Route) -> String {
        let (door, power) = match route.door {
            Door::Anyone(_) => ("anyone", ""),
            Door::Bearer(power, _) => ("bearer", power.role().as_str()),
            Door::Session(power, _) => ("session", power.role().as_str()),
            Door::Signed(_) => ("signed", ""),
        };
        let line = format!("{} {} {door} {power}", route.verb.as_str(), route.path);
        format!("{}\n", line.trim_end())
    }
}
