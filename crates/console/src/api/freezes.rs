//! What is frozen as JSON; freezing and thawing.

use hyper::StatusCode;
use toolgate_store::Power::{Administer, Look};
use toolgate_store::{Extent, Freeze};

use crate::deeds::freeze;
use crate::door::Asked;
use crate::house::House;
use crate::identity::Somebody;
use crate::json::{self, Object};
use crate::moment;
use crate::reply::{self, Refusal, Reply};
use crate::route::Door::Bearer;
use crate::route::Route;

use super::told::{Field, Of, Shape, Told};

const EXTENTS: Of = Of::Word(&["all", "grant", "server"]);

const ALL: Shape = Shape::of(
    "Freezes",
    &[
        Field::needed("version", Of::Number, "1"),
        Field::needed("freezes", Of::List(&Of::Shape(&ONE)), "What is frozen now"),
    ],
);

const ONE: Shape = Shape::of(
    "Freeze",
    &[
        Field::needed("extent", EXTENTS, ""),
        Field::maybe("name", Of::Text, "Of the grant or the server"),
        Field::maybe("reason", Of::Text, "Agents hear it"),
        Field::needed("by", Of::Text, ""),
        Field::needed("since", Of::Moment, ""),
    ],
);

const WANTED: Shape = Shape::of(
    "Extent",
    &[
        Field::needed("extent", EXTENTS, ""),
        Field::maybe("name", Of::Text, "Of the grant or the server"),
        Field::maybe("reason", Of::Text, "One line of at most 512 bytes; agents hear it"),
    ],
);

const PATH: &str = "/api/v1/freezes";

pub(crate) const ROUTES: &[Route] = &[
    Route::get(PATH, Bearer(Look, |house, _, _| Box::pin(async { list(house) })))
        .told(&Told::of("What is frozen", &ALL)),
    Route::post(
        PATH,
        Bearer(Administer, |house, who, asked| Box::pin(change(house, who, asked, true))),
    )
    .told(&Told::of("Freezes; nothing passes there", &ALL).body(&WANTED).refused(&[404, 409])),
    Route::post(
        "/api/v1/freezes/thaw",
        Bearer(Administer, |house, who, asked| Box::pin(change(house, who, asked, false))),
    )
    .told(&Told::of("Ends a freeze of this very extent", &ALL).body(&WANTED).refused(&[409])),
];

fn list(house: &House) -> Result<Reply, Refusal> {
    let freezes = house.read(|readers| readers.directory.freezes())?;
    let freezes = json::array(freezes.iter().map(to_json));
    let object = Object::new().raw("version", "1").raw("freezes", &freezes);
    Ok(reply::json(StatusCode::OK, object.finish()))
}

/// `extent` is `all`, `server` or `grant`; the latter two with a `name`. The answer is what is
/// frozen now.
async fn change(
    house: &House,
    somebody: &Somebody,
    asked: &Asked<'_>,
    stop: bool,
) -> Result<Reply, Refusal> {
    let text = |name| asked.text(name);
    let extent = freeze::extent(&text("extent").unwrap_or_default(), text("name").as_deref())?;
    let reason = text("reason").filter(|reason| !reason.is_empty());
    if stop {
        freeze::freeze(house, somebody, extent, reason).await?;
    } else {
        freeze::thaw(house, somebody, extent, reason).await?;
    }
    list(house)
}

fn to_json(freeze: &Freeze) -> String {
    let object = match &freeze.extent {
        Extent::All => Object::new().text("extent", "all"),
        Extent::Grant(name) => Object::new().text("extent", "grant").text("name", name),
        Extent::Server(name) => Object::new().text("extent", "server").text("name", name),
    };
    object
        .maybe_text("reason", freeze.reason.as_deref())
        .text("by", &freeze.by)
        .text("since", &moment::utc(freeze.since_ms))
        .finish()
}
