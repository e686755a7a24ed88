//! Whose token it is.

use hyper::StatusCode;
use toolgate_store::Power::Look;

use crate::identity::Somebody;
use crate::json::Object;
use crate::moment;
use crate::reply::{self, Reply};
use crate::route::Door::Bearer;
use crate::route::Route;

use super::told::{Field, Of, Shape, Told};

pub(super) const ROLES: Of = Of::Word(&["viewer", "approver", "editor", "admin"]);

const ME: Shape = Shape::of(
    "Me",
    &[
        Field::needed("version", Of::Number, "1"),
        Field::needed("account", Of::Text, "Its name"),
        Field::needed("role", ROLES, ""),
        Field::needed("created", Of::Moment, ""),
    ],
);

pub(crate) const ROUTES: &[Route] =
    &[Route::get("/api/v1/me", Bearer(Look, |_, who, _| Box::pin(async { Ok(show(who)) })))
        .told(&Told::of("The account whose token was sent", &ME))];

fn show(somebody: &Somebody) -> Reply {
    let account = &somebody.account;
    let object = Object::new()
        .raw("version", "1")
        .text("account", &account.name)
        .text("role", account.role.as_str())
        .text("created", &moment::utc(account.created_ms));
    reply::json(StatusCode::OK, object.finish())
}

#[cfg(test)]
mod tests {
    use toolgate_store::Role;

    use super::*;

    #[test]
    fn every_role_is_told() {
        let Of::Word(words) = ROLES else { panic!("{ROLES:?}") };
        assert_eq!(words, Role::ALL.map(Role::as_str));
    }
}
