//! The same for programs: JSON in, JSON out, the token of an account with every request.

mod answers;
mod approvals;
pub(crate) mod freezes;
pub(crate) mod grants;
mod read;

use toolgate_store::Power::{Answer, Look};

use crate::route::Door::{Bearer, Signed};
use crate::route::Route;

pub(crate) const ROUTES: &[Route] = &[
    Route::get(
        "/api/v1/approvals",
        Bearer(Look, |house, _, asked| Box::pin(async { approvals::list(house, asked) })),
    ),
    Route::post(
        "/api/v1/approvals/answers",
        Signed(|house, asked| Box::pin(answers::signed_answer(house, asked))),
    ),
    Route::get(
        "/api/v1/approvals/*",
        Bearer(Look, |house, _, asked| Box::pin(async { approvals::show(house, asked) })),
    ),
    Route::post(
        "/api/v1/approvals/*/approve",
        Bearer(Answer, |house, who, asked| Box::pin(approvals::answer(house, who, asked, true))),
    ),
    Route::post(
        "/api/v1/approvals/*/deny",
        Bearer(Answer, |house, who, asked| Box::pin(approvals::answer(house, who, asked, false))),
    ),
];
