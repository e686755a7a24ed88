//! Which policy stands above every grant's.

use hyper::StatusCode;
use toolgate_store::Power::{Administer, Look};

use crate::deeds::organization;
use crate::door::Asked;
use crate::house::House;
use crate::identity::Somebody;
use crate::json::Object;
use crate::reply::{self, Refusal, Reply};
use crate::route::Door::Bearer;
use crate::route::Route;

use super::told::{Field, Of, Shape, Told};

const PATH: &str = "/api/v1/organization";

const ORGANIZATION: Shape = Shape::of(
    "Organization",
    &[
        Field::needed("version", Of::Number, "1"),
        Field::maybe("policy", Of::Text, "Absent if there is none"),
    ],
);

const ABOVE: Shape =
    Shape::of("Above", &[Field::needed("policy", Of::Text, "The name of a stored policy")]);

pub(crate) const ROUTES: &[Route] = &[
    Route::get(PATH, Bearer(Look, |house, _, _| Box::pin(async { show(house) })))
        .told(&Told::of("The policy above every grant's", &ORGANIZATION)),
    Route::put(PATH, Bearer(Administer, |house, who, asked| Box::pin(put(house, who, asked))))
        .told(
            &Told::of("Puts a policy above every grant's", &ORGANIZATION)
                .body(&ABOVE)
                .refused(&[409]),
        ),
    Route::delete(PATH, Bearer(Administer, |house, who, _| Box::pin(remove(house, who)))).told(
        &Told::of("Leaves every grant with its own policy alone", &ORGANIZATION).refused(&[409]),
    ),
];

fn show(house: &House) -> Result<Reply, Refusal> {
    let directory = house.read(|readers| readers.directory.read())?;
    let object = Object::new().raw("version", "1");
    let object = object.maybe_text("policy", directory.organization.as_deref());
    Ok(reply::json(StatusCode::OK, object.finish()))
}

async fn put(house: &House, somebody: &Somebody, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    organization::set(house, somebody, asked.text("policy")).await?;
    show(house)
}

async fn remove(house: &House, somebody: &Somebody) -> Result<Reply, Refusal> {
    organization::set(house, somebody, None).await?;
    show(house)
}
