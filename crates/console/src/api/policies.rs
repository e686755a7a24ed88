//! Policies as JSON: texts in force and all that were, checked, put and rolled back.

use hyper::StatusCode;
use toolgate_policy::document::{Diagnostic, Severity};
use toolgate_store::PolicyText;
use toolgate_store::Power::{Edit, Look};

use crate::deeds::policy;
use crate::door::Asked;
use crate::house::House;
use crate::identity::Somebody;
use crate::json::{self, Object};
use crate::moment;
use crate::reply::{self, Refusal, Reply};
use crate::route::Door::Bearer;
use crate::route::Route;

use super::told::{Field, Of, Shape, Told};

const ALL: Shape = Shape::of(
    "Policies",
    &[
        Field::needed("version", Of::Number, "1"),
        Field::needed("policies", Of::List(&Of::Shape(&LINE)), "Those in force"),
    ],
);

const REVISIONS: Shape = Shape::of(
    "Revisions",
    &[
        Field::needed("version", Of::Number, "1"),
        Field::needed("revisions", Of::List(&Of::Shape(&LINE)), "Oldest first"),
    ],
);

const LINE: Shape = Shape::of(
    "Revision",
    &[
        Field::needed("policy", Of::Text, "Its name"),
        Field::needed("revision", Of::Number, "From 1"),
        Field::needed("since", Of::Moment, ""),
    ],
);

const ONE: Shape = Shape::of(
    "Policy",
    &[
        Field::needed("policy", Of::Text, "Its name"),
        Field::needed("revision", Of::Number, "From 1"),
        Field::needed("since", Of::Moment, ""),
        Field::needed("text", Of::Text, ""),
    ],
);

const NEW: Shape = Shape::of(
    "NewPolicy",
    &[
        Field::needed("text", Of::Text, "YAML or JSON"),
        Field::maybe("base", Of::Number, "The revision that it takes the place of, if it must be"),
    ],
);

const TEXT: Shape = Shape::of("Text", &[Field::needed("text", Of::Text, "YAML or JSON")]);

const BACK: Shape = Shape::of(
    "Rollback",
    &[
        Field::needed("revision", Of::Number, "Whose text is put in force again, as a new one"),
        Field::maybe("base", Of::Number, "The revision that it takes the place of, if it must be"),
    ],
);

const CHECKED: Shape = Shape::of(
    "Checked",
    &[
        Field::needed("version", Of::Number, "1"),
        Field::needed("good", Of::Flag, "Whether it could be put in force"),
        Field::needed("findings", Of::List(&Of::Shape(&FINDING)), ""),
        Field::needed("tests", Of::Number, ""),
        Field::needed("tests_passed", Of::Number, ""),
    ],
);

const FINDING: Shape = Shape::of(
    "Finding",
    &[
        Field::needed("severity", Of::Word(&["error", "warning", "note"]), ""),
        Field::needed("line", Of::Number, "From 1"),
        Field::needed("column", Of::Number, "From 1"),
        Field::needed("message", Of::Text, ""),
        Field::maybe("help", Of::Text, ""),
    ],
);

const PATH: &str = "/api/v1/policies/{name}";
/// A text of the largest size, each character written as an escape.
const BODY_BYTES_MAX: usize = 6 << 20;

pub(crate) const ROUTES: &[Route] = &[
    Route::get("/api/v1/policies", Bearer(Look, |house, _, _| Box::pin(async { list(house) })))
        .told(&Told::of("All policies", &ALL)),
    Route::post(
        "/api/v1/policies/check",
        Bearer(Edit, |_, _, asked| Box::pin(check(asked.text("text").unwrap_or_default()))),
    )
    .told(&Told::of("What is wrong with a text, and whether its tests pass", &CHECKED).body(&TEXT))
    .with_body(BODY_BYTES_MAX),
    Route::get(PATH, Bearer(Look, |house, _, asked| Box::pin(async { show(house, asked.id()) })))
        .told(&Told::of("The text in force", &ONE)),
    Route::put(PATH, Bearer(Edit, |house, who, asked| Box::pin(put(house, who, asked))))
        .told(&Told::of("Puts a text in force", &ONE).body(&NEW).refused(&[409, 422]))
        .with_body(BODY_BYTES_MAX),
    Route::get(
        "/api/v1/policies/{name}/revisions",
        Bearer(Look, |house, _, asked| Box::pin(async { revisions(house, asked.id()) })),
    )
    .told(&Told::of("All revisions, without their texts", &REVISIONS)),
    Route::get(
        "/api/v1/policies/{name}/revisions/{revision}",
        Bearer(Look, |house, _, asked| Box::pin(async { revision(house, asked) })),
    )
    .told(&Told::of("One revision", &ONE)),
    Route::post(
        "/api/v1/policies/{name}/rollback",
        Bearer(Edit, |house, who, asked| Box::pin(rollback(house, who, asked))),
    )
    .told(&Told::of("Puts an older text in force", &ONE).body(&BACK).refused(&[409, 412, 422])),
];

fn list(house: &House) -> Result<Reply, Refusal> {
    let directory = house.read(|readers| readers.directory.read())?;
    let policies = json::array(directory.policies.values().map(|policy| line(policy).finish()));
    let object = Object::new().raw("version", "1").raw("policies", &policies);
    Ok(reply::json(StatusCode::OK, object.finish()))
}

fn show(house: &House, name: &str) -> Result<Reply, Refusal> {
    let found = house.read(|readers| policy::find(readers, name))?;
    let newest = found.newest().ok_or_else(|| policy::unknown(name))?;
    Ok(reply::json(StatusCode::OK, whole(newest)))
}

fn revisions(house: &House, name: &str) -> Result<Reply, Refusal> {
    let found = house.read(|readers| policy::find(readers, name))?;
    if found.revisions.is_empty() {
        return Err(policy::unknown(name));
    }
    let revisions = json::array(found.revisions.iter().map(|policy| line(policy).finish()));
    let object = Object::new().raw("version", "1").raw("revisions", &revisions);
    Ok(reply::json(StatusCode::OK, object.finish()))
}

fn revision(house: &House, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let found = house.read(|readers| policy::find(readers, asked.id()))?;
    let number = asked.names.get(1).and_then(|text| text.parse().ok()).unwrap_or_default();
    let policy = found.revision(number).ok_or_else(|| policy::unknown(asked.id()))?;
    Ok(reply::json(StatusCode::OK, whole(policy)))
}

async fn check(text: String) -> Result<Reply, Refusal> {
    let checked = tokio::task::spawn_blocking(move || policy::check("policy", &text)).await;
    let checked = checked.map_err(|_| Refusal::unavailable("the policy could not be checked"))?;
    let (passed, tests) = checked.tests;
    let object = Object::new()
        .raw("version", "1")
        .raw("good", if checked.is_good() { "true" } else { "false" })
        .raw("findings", &json::array(checked.told.iter().map(finding)))
        .raw("tests", &tests.to_string())
        .raw("tests_passed", &passed.to_string());
    Ok(reply::json(StatusCode::OK, object.finish()))
}

/// Without a base, in place of whatever is in force: `If-Match` says it otherwise. The same text
/// again is no new revision.
async fn put(house: &House, somebody: &Somebody, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let name = asked.id();
    let base = base(house, asked)?;
    let text = asked.text("text").unwrap_or_default();
    policy::put(house, somebody, (name, text), base).await?;
    show(house, name)
}

async fn rollback(house: &House, somebody: &Somebody, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let name = asked.id();
    let base = base(house, asked)?;
    if base == 0 {
        return Err(policy::unknown(name));
    }
    let to = asked.number("revision").unwrap_or_default();
    policy::rollback(house, somebody, (name, to), base).await?;
    show(house, name)
}

fn base(house: &House, asked: &Asked<'_>) -> Result<u64, Refusal> {
    match asked.number("base") {
        Some(base) => Ok(base),
        None => Ok(house.read(|readers| policy::find(readers, asked.id()))?.number()),
    }
}

fn line(policy: &PolicyText) -> Object {
    Object::new()
        .text("policy", &policy.name)
        .raw("revision", &policy.revision.to_string())
        .text("since", &moment::utc(policy.put_ms))
}

fn whole(policy: &PolicyText) -> String {
    line(policy).text("text", &policy.text).finish()
}

fn finding(told: &Diagnostic) -> String {
    let severity = match told.severity {
        Severity::Error => "error",
        Severity::Note => "note",
        Severity::Warning => "warning",
    };
    Object::new()
        .text("severity", severity)
        .raw("line", &told.line.to_string())
        .raw("column", &told.column.to_string())
        .text("message", &told.message)
        .maybe_text("help", told.help.as_deref())
        .finish()
}
