//! The same for programs: JSON in, JSON out, the token of an account with every request.
//!
//! Each row is told what it takes and gives, which is what the API's document says; what comes
//! in was held to that before the row is asked.

pub(crate) mod accounts;
mod answers;
mod approvals;
pub(crate) mod audit;
pub(crate) mod freezes;
pub(crate) mod grants;
pub(crate) mod me;
mod openapi;
pub(crate) mod organization;
pub(crate) mod policies;
mod read;
pub(crate) mod servers;
mod told;

use hyper::StatusCode;
use toolgate_store::Power::{Answer, Look};

use crate::reply;
use crate::route::Door::{Anyone, Bearer, Signed};
use crate::route::{self, Route};

pub(crate) use read::Sent;
pub(crate) use told::Told;

pub(crate) const ROUTES: &[Route] = &[
    Route::get(
        "/api/v1/openapi.json",
        Anyone(|_, _| Box::pin(async { Ok(reply::json(StatusCode::OK, openapi())) })),
    ),
    Route::get(
        "/api/v1/approvals",
        Bearer(Look, |house, _, asked| Box::pin(async { approvals::list(house, asked) })),
    )
    .told(&Told::of("All questions", &approvals::ALL).query(approvals::QUERY)),
    Route::post(
        "/api/v1/approvals/answers",
        Signed(|house, asked| Box::pin(answers::signed_answer(house, asked))),
    )
    .told(
        &Told::of("Answers a question, signed by the secret of its webhook", &approvals::ONE)
            .body(&approvals::SIGNED)
            .refused(&[404, 409]),
    ),
    Route::get(
        "/api/v1/approvals/{id}",
        Bearer(Look, |house, _, asked| Box::pin(async { approvals::show(house, asked) })),
    )
    .told(&Told::of("One question", &approvals::ONE)),
    Route::post(
        "/api/v1/approvals/{id}/approve",
        Bearer(Answer, |house, who, asked| Box::pin(approvals::answer(house, who, asked, true))),
    )
    .told(&ANSWER),
    Route::post(
        "/api/v1/approvals/{id}/deny",
        Bearer(Answer, |house, who, asked| Box::pin(approvals::answer(house, who, asked, false))),
    )
    .told(&ANSWER),
];

const ANSWER: Told =
    Told::of("Answers a question", &approvals::ONE).body(&approvals::REASON).refused(&[409]);

/// The document of the API (`OpenAPI` 3.1): every row with what it takes and gives.
pub fn openapi() -> String {
    openapi::document(route::all())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::{env, fs};

    use toolgate_json::{Document, Reading};

    use crate::route::Verb;

    use super::*;

    #[test]
    fn the_document_that_is_kept_is_current() {
        let path: PathBuf =
            [env!("CARGO_MANIFEST_DIR"), "../../schema/console.openapi.json"].iter().collect();
        if env::var_os("UPDATE").is_some() {
            fs::write(&path, openapi()).unwrap();
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(kept, openapi(), "run with UPDATE=1 and review");
    }

    #[test]
    fn the_document_tells_of_every_row() {
        let document = Document::parse(openapi().into(), Reading::Strict).unwrap();
        assert!(!document.root().has_duplicate_key());
        let paths = document.root().get("paths").unwrap();
        for route in route::all().filter(|route| route::is_api(route.path)) {
            let verb = route.verb.as_str().to_lowercase();
            let row = paths.get(route.path).and_then(|path| path.get(&verb));
            let is_itself = route.path.ends_with("/openapi.json");
            assert_eq!(row.is_some(), !is_itself, "{verb} {}", route.path);
        }
    }

    /// What a page's form would need a nonce for, a program's token cannot be made to do.
    #[test]
    fn only_programs_put_and_delete() {
        for route in route::all().filter(|route| matches!(route.verb, Verb::Delete | Verb::Put)) {
            assert!(matches!(route.door, Bearer(..)) && route.told.is_some(), "{}", route.path);
        }
    }
}
