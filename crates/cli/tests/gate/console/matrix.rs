//! Every row of the console's table against everybody who might ask: who may, and nobody else.

use hyper::Method;
use toolgate_testkit::Web;

use super::desk::{ASKED, Browser, Desk, body};

/// Kept beside the table, which has a test that it is whole.
const ROWS: &str = include_str!("../../../../console/rows.txt");
const ROLES: [&str; 4] = ["viewer", "approver", "editor", "admin"];

struct Row {
    method: Method,
    path: String,
    door: &'static str,
    /// The least role, where it is for accounts.
    role: &'static str,
}

fn rows() -> Vec<Row> {
    let row = |line: &'static str| {
        let mut words = line.split(' ');
        let method = words.next().unwrap().parse().unwrap();
        let segments = words.next().unwrap().split('/');
        let named = segments.map(|one| if one.starts_with(['{', '*']) { "none" } else { one });
        let path = named.collect::<Vec<_>>().join("/");
        let (door, role) = (words.next().unwrap(), words.next().unwrap_or_default());
        Row { method, path, door, role }
    };
    ROWS.lines().map(row).collect()
}

/// As the documentation has it, not as the table: it is what is tested.
fn may(own: &str, needed: &str) -> bool {
    match needed {
        "viewer" => true,
        "approver" => matches!(own, "approver" | "admin"),
        "editor" => matches!(own, "editor" | "admin"),
        "admin" => own == "admin",
        other => panic!("{other}"),
    }
}

async fn ask(desk: &Desk, row: &Row, headers: &[(&str, &str)]) -> (u16, String) {
    let media = if row.path.starts_with("/api/") { "json" } else { "x-www-form-urlencoded" };
    let media = format!("application/{media}");
    let mut headers = headers.to_vec();
    let sends = row.method == Method::POST || row.method == Method::PUT;
    if sends {
        headers.push(("content-type", &media));
    }
    let sent = if media.ends_with("json") && sends { "{}" } else { "" };
    let web = Web::new(format!("{}{}", desk.url, row.path));
    let reply = web.send(row.method.clone(), &headers, sent).await.unwrap();
    let is_stream = reply
        .headers
        .get("content-type")
        .is_some_and(|it| it.as_bytes().starts_with(b"text/event-stream"));
    // It has no end.
    if is_stream { (reply.status, String::new()) } else { body(reply).await }
}

fn told(row: &Row, who: &str, (status, text): &(u16, String)) -> String {
    format!("{} {} {who}: {status} {text}", row.method, row.path)
}

/// A role that suffices is not refused for its role, whatever becomes of a name that is not there
/// and a form that is empty; any other is, and in these words.
fn check_role(row: &Row, role: &str, answer: &(u16, String)) {
    let told = told(row, role, answer);
    let refused = answer.0 == 403 && answer.1.contains("; this needs ");
    assert_eq!(refused, !may(role, row.role), "{told}");
    if refused {
        return;
    }
    let (status, text) = answer;
    match (row.door, row.method == Method::GET) {
        ("session", false) => {
            assert_eq!(*status, 403, "{told}");
            assert!(text.contains("does not come from this session"), "{told}");
        }
        ("session", true) => assert!(matches!(status, 200 | 303 | 400 | 404), "{told}"),
        _ => assert!(matches!(status, 200 | 400 | 404 | 409 | 412 | 422), "{told}"),
    }
}

#[tokio::test]
async fn a_role_may_what_its_row_says_and_nothing_else() {
    let desk = Desk::open(ASKED).await;
    for role in ROLES {
        let cookie = cookies(&desk.signed_in(&format!("{role}-page"), role).await);
        let bearer = format!("Bearer {}", desk.account(&format!("{role}-program"), role));
        let doors = [("cookie", cookie.as_str()), ("authorization", bearer.as_str())];
        for row in rows() {
            try_doors(&desk, &row, role, doors).await;
        }
    }
}

async fn try_doors(
    desk: &Desk,
    row: &Row,
    role: &str,
    [cookie, bearer]: [(&'static str, &str); 2],
) {
    let (own, other) = match row.door {
        "bearer" => (bearer, cookie),
        "session" => (cookie, bearer),
        _ => return,
    };
    if row.path != "/sign-out" {
        check_role(row, role, &ask(desk, row, &[own]).await);
    }
    // What opens the one door is nothing at the other.
    let answer = ask(desk, row, &[other]).await;
    let open = if row.path == "/" { 200 } else { 401 };
    assert_eq!(answer.0, open, "{}", told(row, role, &answer));
}

fn cookies(browser: &Browser) -> String {
    let pairs = browser.cookies();
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("; ")
}

#[tokio::test]
async fn strangers_and_agents_come_as_far_as_the_sign_in_page() {
    let desk = Desk::open(ASKED).await;
    let agent = format!("Bearer {}", desk.agents_token());
    for row in rows() {
        let nobody = ask(&desk, &row, &[]).await;
        let grant = ask(&desk, &row, &[("authorization", &agent)]).await;
        let due = match (row.door, row.method == Method::GET) {
            // The link of the first admin, which this is not.
            ("anyone", _) if row.path.starts_with("/welcome/") => (404, 404),
            ("anyone", true) => (200, 200),
            // The form of this very browser is missing.
            ("anyone", false) => (403, 403),
            ("bearer", _) => (401, 403),
            ("session", _) if row.path == "/" => (200, 200),
            ("session", _) => (401, 401),
            ("signed", _) => (400, 400),
            other => panic!("{other:?}"),
        };
        assert_eq!(nobody.0, due.0, "{}", told(&row, "nobody", &nobody));
        assert_eq!(grant.0, due.1, "{}", told(&row, "a grant", &grant));
        let is_page = row.door == "session";
        assert_eq!(is_page, nobody.1.contains("Token of your account") && row.path != "/sign-in");
    }
}

/// With the highest role and everything that belongs to it.
#[tokio::test]
async fn nothing_is_done_for_another_origin() {
    let desk = Desk::open(ASKED).await;
    let browser = desk.signed_in("ann", "admin").await;
    let bearer = format!("Bearer {}", desk.account("robot", "admin"));
    let cookie = cookies(&browser);
    let who = [("cookie", cookie.as_str()), ("authorization", bearer.as_str())];
    for row in rows() {
        let mut foreign = vec![("origin", "http://evil.example"), ("origin", "null")];
        if row.method != Method::GET {
            foreign.extend([("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site")]);
        }
        for header in foreign {
            let answer = ask(&desk, &row, &[&who[..], &[header]].concat()).await;
            assert_eq!(answer.0, 403, "{}", told(&row, header.1, &answer));
        }
    }
}
