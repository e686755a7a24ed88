//! Policies: all of them, each with its text and history, and the builder beside the text.

mod back_test;
mod builder;
mod chart;
mod comes_to;
mod edit;
mod fields;
mod history;
mod known;
mod list;
mod review;
mod show;

use toolgate_policy::document::{self, Colour, Diagnostic, Severity};
use toolgate_store::Power::{Edit, Look};

use crate::reply;
use crate::route::Door::{Anyone, Session};
use crate::route::Route;

use super::foreign::Foreign;

/// A document of the largest size, with each byte of it escaped.
const FORM_BYTES_MAX: usize = 4 << 20;

const SCRIPT: &str = include_str!("../../../site/policies.js");

pub(crate) const ROUTES: &[Route] = &[
    Route::get("/policies.js", Anyone(|_, _| Box::pin(async { Ok(reply::script(SCRIPT)) }))),
    Route::get(
        "/policies",
        Session(Look, |house, who, asked| Box::pin(list::list(house, who, asked))),
    ),
    Route::get(
        "/policies/*",
        Session(Look, |house, who, asked| Box::pin(show::show(house, who, asked))),
    ),
    Route::get(
        "/policies/*/revisions/*",
        Session(Look, |house, who, asked| Box::pin(history::show(house, who, asked))),
    ),
    Route::get(
        "/policies/*/edit",
        Session(Edit, |house, who, asked| Box::pin(edit::open(house, who, asked))),
    ),
    Route::post(
        "/policies/*/preview",
        Session(Edit, |house, who, asked| Box::pin(edit::preview(house, who, asked))),
    )
    .with_body(FORM_BYTES_MAX),
    Route::post(
        "/policies/*/draft",
        Session(Edit, |house, who, asked| Box::pin(edit::draft(house, who, asked))),
    )
    .with_body(FORM_BYTES_MAX),
    Route::post(
        "/policies/*/review",
        Session(Edit, |house, who, asked| Box::pin(review::review(house, who, asked))),
    )
    .with_body(FORM_BYTES_MAX),
    Route::post(
        "/policies/*/put",
        Session(Edit, |house, who, asked| Box::pin(review::put(house, who, asked))),
    )
    .with_body(FORM_BYTES_MAX),
    Route::post(
        "/policies/*/mode",
        Session(Edit, |house, who, asked| Box::pin(history::mode(house, who, asked))),
    ),
    Route::post(
        "/policies/*/rollback",
        Session(Edit, |house, who, asked| Box::pin(history::rollback(house, who, asked))),
    ),
];

/// The path of a policy's pages.
fn path(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    name.bytes().fold("/policies/".to_owned(), |path, byte| {
        if plain(byte) {
            path + &char::from(byte).to_string()
        } else {
            path + &format!("%{byte:02X}")
        }
    })
}

/// One finding in a document, where it stands.
struct Told {
    severity: &'static str,
    is_error: bool,
    line: usize,
    column: usize,
    message: Foreign,
    help: Option<Foreign>,
    /// With the line itself, as `toolgate check` prints it.
    shown: Foreign,
}

/// What a page has room for.
const TOLD_MAX: usize = 30;

fn told(diagnostics: &[Diagnostic], text: &str) -> Vec<Told> {
    let one = |diagnostic: &Diagnostic| Told {
        severity: diagnostic.severity.as_str(),
        is_error: diagnostic.severity == Severity::Error,
        line: diagnostic.line,
        column: diagnostic.column,
        message: Foreign::of(&diagnostic.message),
        help: diagnostic.help.as_deref().map(Foreign::of),
        shown: Foreign::lines(&document::render(
            std::slice::from_ref(diagnostic),
            text,
            Colour::Off,
        )),
    };
    diagnostics.iter().take(TOLD_MAX).map(one).collect()
}
