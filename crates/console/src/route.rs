//! Every address of the console, and who may use it. There are no others.

use hyper::{Method, StatusCode};
use toolgate_store::Role;

use crate::reply::Refusal;

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Route {
    method: Verb,
    /// A segment `*` stands for an id.
    path: &'static str,
    pub(crate) door: Door,
    pub(crate) place: Place,
}

/// How somebody shows who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    Anyone,
    /// An account's token in `Authorization`, for programs.
    Bearer(Role),
    /// A cookie of somebody who signed in, for browsers.
    Session(Role),
    /// A signature by the secret of a webhook.
    Signed,
}

/// What is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Approval,
    ApprovalJson,
    Approvals,
    ApprovalsJson,
    Approve,
    ApproveJson,
    Deny,
    DenyJson,
    Home,
    SignIn,
    SignInForm,
    SignOut,
    SignedAnswer,
    Style,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verb {
    Get,
    Post,
}

/// Where a request leads to, with the id in its path.
#[derive(Debug)]
pub(crate) struct Found<'p> {
    pub(crate) route: Route,
    pub(crate) id: &'p str,
}

use Door::{Anyone, Bearer, Session, Signed};
use Role::{Approver, Viewer};
use Verb::{Get, Post};

const ROUTES: &[Route] = &[
    row(Get, "/", Session(Viewer), Place::Home),
    row(Get, "/style.css", Anyone, Place::Style),
    row(Get, "/sign-in", Anyone, Place::SignInForm),
    row(Post, "/sign-in", Anyone, Place::SignIn),
    row(Post, "/sign-out", Session(Viewer), Place::SignOut),
    row(Get, "/approvals", Session(Viewer), Place::Approvals),
    row(Get, "/approvals/*", Session(Viewer), Place::Approval),
    row(Post, "/approvals/*/approve", Session(Approver), Place::Approve),
    row(Post, "/approvals/*/deny", Session(Approver), Place::Deny),
    row(Get, "/api/approvals", Bearer(Viewer), Place::ApprovalsJson),
    row(Post, "/api/approvals/answers", Signed, Place::SignedAnswer),
    row(Get, "/api/approvals/*", Bearer(Viewer), Place::ApprovalJson),
    row(Post, "/api/approvals/*/approve", Bearer(Approver), Place::ApproveJson),
    row(Post, "/api/approvals/*/deny", Bearer(Approver), Place::DenyJson),
];

const fn row(method: Verb, path: &'static str, door: Door, place: Place) -> Route {
    Route { method, path, door, place }
}

/// Whether programs ask there: they are answered in JSON, whatever comes of it.
pub(crate) fn is_api(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/")
}

/// Whether a browser can be led there once somebody has signed in.
pub(crate) fn is_page(path: &str) -> bool {
    find(&Method::GET, path).is_ok_and(|found| matches!(found.route.door, Session(_)))
}

pub(crate) fn find<'p>(method: &Method, path: &'p str) -> Result<Found<'p>, Refusal> {
    let mut there = ROUTES.iter().filter_map(|route| Some((route, matched(route.path, path)?)));
    let wanted = match *method {
        Method::GET | Method::HEAD => Some(Get),
        Method::POST => Some(Post),
        _ => None,
    };
    let Some(first) = there.next() else {
        return Err(Refusal::new(StatusCode::NOT_FOUND, "not_found", "there is nothing here"));
    };
    let mut all = std::iter::once(first).chain(there);
    if let Some((route, id)) = all.find(|(route, _)| Some(route.method) == wanted) {
        return Ok(Found { route: *route, id });
    }
    let gets = matched_by(Get, path);
    let allow = match (gets, matched_by(Post, path)) {
        (true, true) => "GET, POST",
        (true, false) => "GET",
        (false, _) => "POST",
    };
    let text = format!("use {allow} here");
    let refusal = Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", text);
    Err(Refusal { allow: Some(allow), ..refusal })
}

fn matched_by(method: Verb, path: &str) -> bool {
    ROUTES.iter().any(|route| route.method == method && matched(route.path, path).is_some())
}

/// The id in `path`, empty if the pattern has none; nothing if it is another path. Nothing in a
/// path is decoded: no id needs an escape.
fn matched<'p>(pattern: &str, path: &'p str) -> Option<&'p str> {
    let (mut id, mut segments) = ("", path.split('/'));
    for wanted in pattern.split('/') {
        let segment = segments.next()?;
        match wanted {
            "*" if is_id(segment) => id = segment,
            _ if wanted == segment => {}
            _ => return None,
        }
    }
    segments.next().is_none().then_some(id)
}

fn is_id(segment: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    (1..=64).contains(&segment.len()) && segment.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place<'a>(method: &Method, path: &'a str) -> Result<(Place, &'a str), StatusCode> {
        find(method, path)
            .map(|found| (found.route.place, found.id))
            .map_err(|refusal| refusal.status)
    }

    #[test]
    fn paths_lead_to_one_place() {
        let get = |path| place(&Method::GET, path);
        let post = |path| place(&Method::POST, path);
        assert_eq!(get("/approvals/apr_1"), Ok((Place::Approval, "apr_1")));
        assert_eq!(post("/approvals/apr_1/approve"), Ok((Place::Approve, "apr_1")));
        assert_eq!(post("/api/approvals/answers"), Ok((Place::SignedAnswer, "")));
        assert_eq!(get("/api/approvals/apr_1"), Ok((Place::ApprovalJson, "apr_1")));
        for path in ["/approvals/", "/approvals/a/b", "/approvals/..", "/approvals/%61", "//", ""] {
            assert_eq!(get(path), Err(StatusCode::NOT_FOUND), "{path}");
        }
    }

    /// Whatever a person's browser fetches without being asked changes nothing.
    #[test]
    fn no_get_changes_anything() {
        for path in ["/approvals/a/approve", "/approvals/a/deny", "/sign-out"] {
            assert_eq!(place(&Method::GET, path), Err(StatusCode::METHOD_NOT_ALLOWED), "{path}");
            assert_eq!(place(&Method::HEAD, path), Err(StatusCode::METHOD_NOT_ALLOWED), "{path}");
        }
        let changes = [
            Place::Approve,
            Place::ApproveJson,
            Place::Deny,
            Place::DenyJson,
            Place::SignIn,
            Place::SignOut,
            Place::SignedAnswer,
        ];
        for route in ROUTES.iter().filter(|route| route.method == Get) {
            assert!(!changes.contains(&route.place), "{}", route.path);
        }
    }

    #[test]
    fn only_pages_of_ours_are_led_to() {
        for path in ["/", "/approvals", "/approvals/apr_1"] {
            assert!(is_page(path), "{path}");
        }
        for path in
            ["//evil.example", "/sign-in", "/api/approvals", "https://x", "/approvals?x", ""]
        {
            assert!(!is_page(path), "{path}");
        }
    }

    /// Who must show what, row by row: nothing that changes an answer is open to lookers-on.
    #[test]
    fn answering_needs_an_approver() {
        for route in ROUTES {
            let answers = [Place::Approve, Place::ApproveJson, Place::Deny, Place::DenyJson];
            if answers.contains(&route.place) {
                assert!(
                    matches!(route.door, Bearer(Approver) | Session(Approver)),
                    "{}",
                    route.path
                );
            }
        }
    }
}
