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

use super::read;

pub(crate) const ROUTES: &[Route] = &[
    Route::get("/api/v1/freezes", Bearer(Look, |house, _, _| Box::pin(async { list(house) }))),
    Route::post(
        "/api/v1/freezes",
        Bearer(Administer, |house, who, asked| Box::pin(change(house, who, asked, true))),
    ),
    Route::post(
        "/api/v1/freezes/thaw",
        Bearer(Administer, |house, who, asked| Box::pin(change(house, who, asked, false))),
    ),
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
    let document = read::object(asked.body.clone(), &["extent", "name", "reason"])?;
    let text = |name| read::text(&document, name);
    let extent = freeze::extent(&text("extent")?.unwrap_or_default(), text("name")?.as_deref())?;
    let reason = text("reason")?.filter(|reason| !reason.is_empty());
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
