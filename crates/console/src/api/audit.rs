//! The audit log as JSON: decisions by filter, a page at a time, and each one by its id.

use hyper::StatusCode;
use toolgate_store::Entry;
use toolgate_store::Power::Look;

use crate::door::Asked;
use crate::house::House;
use crate::json::{self, Object};
use crate::log::{Filter, Query};
use crate::reply::{self, Refusal, Reply};
use crate::route::Door::Bearer;
use crate::route::Route;
use crate::{moment, pages};

use super::told::{Field, Of, Shape, Told};

const COUNT: u64 = 100;
const COUNT_MAX: u64 = 1000;

const PAGE: Shape = Shape::of(
    "Decisions",
    &[
        Field::needed("version", Of::Number, "1"),
        Field::needed("decisions", Of::List(&Of::Any), "Entries of the log, newest first"),
        Field::maybe("older", Of::Number, "For `before`, to go on; absent at the end"),
        Field::maybe("looked_to", Of::Moment, "The search was cut short here: go on with `older`"),
    ],
);

const ONE: Shape = Shape::of(
    "Decision",
    &[
        Field::needed("version", Of::Number, "1"),
        Field::needed("entry", Of::Any, "As `toolgate audit` has it"),
        Field::maybe("closing", Of::Any, "How the call ended; absent if that is not known"),
    ],
);

const QUERY: &[Field] = &[
    Field::maybe("effect", Of::Word(&["allow", "deny", "limit", "pending"]), ""),
    Field::maybe("server", Of::Text, "`*` stands for any characters"),
    Field::maybe("grant", Of::Text, "`*` stands for any characters"),
    Field::maybe("principal", Of::Text, "`*` stands for any characters"),
    Field::maybe("tool", Of::Text, "`*` stands for any characters"),
    Field::maybe("code", Of::Text, "Of a denial, or the place of a rule"),
    Field::maybe("text", Of::Text, "Somewhere in the call"),
    Field::maybe("from", Of::Text, "A time, or how long ago: `24h`"),
    Field::maybe("to", Of::Text, "A time, or how long ago: `1h`"),
    Field::maybe("before", Of::Number, "Only what is older than this entry"),
    Field::maybe("count", Of::Number, "At most so many: 100 if absent, 1000 at most"),
];

pub(crate) const ROUTES: &[Route] = &[
    Route::get("/api/v1/audit", Bearer(Look, |house, _, asked| Box::pin(list(house, asked))))
        .told(&Told::of("Decisions, newest first", &PAGE).query(QUERY)),
    Route::get("/api/v1/audit/{id}", Bearer(Look, |house, _, asked| Box::pin(show(house, asked))))
        .told(&Told::of("One decision, by its id", &ONE)),
];

async fn list(house: &House, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let filter = asked.form().map(Filter::read).transpose()?.unwrap_or_default();
    let number = |name| asked.parameter(name).and_then(|text| text.parse::<u64>().ok());
    let before = number("before");
    let count = number("count").unwrap_or(COUNT).clamp(1, COUNT_MAX);
    let count = usize::try_from(count).unwrap_or_default();
    let found = pages::log::find(house, Query { filter, before, after: None, count }).await?;
    let rows: Vec<_> = found.rows.iter().map(|row| row.seq).collect();
    let entries = house.in_log(move |log| rows.iter().map(|seq| log.entry(*seq)).collect());
    let entries: Vec<Option<Entry>> = entries.await?;
    let entries = entries.iter().flatten().map(Entry::to_json);
    let object = Object::new().raw("version", "1").raw("decisions", &json::array(entries));
    let object = match found.older {
        Some(seq) => object.raw("older", &seq.to_string()),
        None => object,
    };
    let object = object.maybe_text("looked_to", found.looked_to_ms.map(moment::utc).as_deref());
    Ok(reply::json(StatusCode::OK, object.finish()))
}

async fn show(house: &House, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let id = asked.id().to_owned();
    let call = house.in_log(move |log| log.find(&id)).await?;
    let call = call.ok_or_else(|| {
        let text = "there is no such decision; `toolgate audit` has them all";
        Refusal::new(StatusCode::NOT_FOUND, "unknown", text)
    })?;
    let object = Object::new().raw("version", "1").raw("entry", &call.entry.to_json());
    let object = match &call.closing {
        Some(closing) => object.raw("closing", &closing.to_json()),
        None => object,
    };
    Ok(reply::json(StatusCode::OK, object.finish()))
}
