//! Grants as JSON, and all that can be done with one.

use hyper::StatusCode;
use toolgate_store::Power::{Administer, Look};
use toolgate_store::{Grant, Token};

use crate::deeds::grant::{self, Mint};
use crate::door::Asked;
use crate::house::House;
use crate::identity::Somebody;
use crate::json::{self, Object};
use crate::moment;
use crate::reply::{self, Refusal, Reply};
use crate::route::Door::Bearer;
use crate::route::Route;

use super::told::{Field, NOTHING, Of, Shape, Told};

const ALL: Shape = Shape::of(
    "Grants",
    &[
        Field::needed("version", Of::Number, "1"),
        Field::needed("grants", Of::List(&Of::Shape(&ONE)), ""),
    ],
);

const ONE: Shape = Shape::of(
    "Grant",
    &[
        Field::needed("grant", Of::Text, "Its name"),
        Field::needed("issuer", Of::Text, ""),
        Field::needed("subject", Of::Text, ""),
        Field::needed("servers", Of::List(&Of::Text), ""),
        Field::maybe("policy", Of::Text, "Without one, everything is denied"),
        Field::needed("created", Of::Moment, ""),
        Field::maybe("expires", Of::Moment, ""),
        Field::maybe("revoked", Of::Moment, ""),
    ],
);

const NEW: Shape = Shape::of(
    "NewGrant",
    &[
        Field::needed("name", Of::Text, "Letters, digits and `._-@+`"),
        Field::needed("servers", Of::List(&Of::Text), "At least one"),
        Field::maybe("principal", Of::Text, "Whom it is for; the grant's own name if absent"),
        Field::maybe("policy", Of::Text, "The name of a stored policy"),
        Field::maybe("lifetime", Of::Text, "`12h`, `30d`; for ever if absent"),
    ],
);

const TOKEN: Shape = Shape::of(
    "GrantToken",
    &[Field::needed("grant", Of::Text, ""), Field::needed("token", Of::Text, "Shown this once")],
);

const POLICY: Shape =
    Shape::of("GrantPolicy", &[Field::needed("policy", Of::Text, "The name of a stored policy")]);

const SERVERS: Shape = Shape::of(
    "GrantServers",
    &[Field::needed("servers", Of::List(&Of::Text), "In order; at least one")],
);

const PATH: &str = "/api/v1/grants";

pub(crate) const ROUTES: &[Route] = &[
    Route::get(PATH, Bearer(Look, |house, _, _| Box::pin(async { list(house) })))
        .told(&Told::of("All grants, revoked ones too, without tokens", &ALL)),
    Route::post(PATH, Bearer(Administer, |house, who, asked| Box::pin(mint(house, who, asked))))
        .told(&Told::of("Makes a grant", &TOKEN).body(&NEW).done(201).refused(&[409])),
    Route::get(
        "/api/v1/grants/{name}",
        Bearer(Look, |house, _, asked| Box::pin(async { show(house, asked) })),
    )
    .told(&Told::of("One grant", &ONE)),
    Route::post(
        "/api/v1/grants/{name}/rotate",
        Bearer(Administer, |house, who, asked| Box::pin(rotate(house, who, asked))),
    )
    .told(
        &Told::of("Gives another token in place of the old one", &TOKEN)
            .body(&NOTHING)
            .refused(&[409]),
    ),
    Route::post(
        "/api/v1/grants/{name}/revoke",
        Bearer(Administer, |house, who, asked| Box::pin(revoke(house, who, asked))),
    )
    .told(&Told::of("Ends a grant", &ONE).body(&NOTHING).refused(&[409])),
    Route::post(
        "/api/v1/grants/{name}/policy",
        Bearer(Administer, |house, who, asked| Box::pin(attach_policy(house, who, asked))),
    )
    .told(&Told::of("Puts a grant under another policy", &ONE).body(&POLICY).refused(&[409])),
    Route::post(
        "/api/v1/grants/{name}/servers",
        Bearer(Administer, |house, who, asked| Box::pin(attach_servers(house, who, asked))),
    )
    .told(&Told::of("Names the servers of a grant", &ONE).body(&SERVERS).refused(&[409])),
];

fn list(house: &House) -> Result<Reply, Refusal> {
    let directory = house.read(|readers| readers.directory.read())?;
    let grants = json::array(directory.grants.values().map(to_json));
    let object = Object::new().raw("version", "1").raw("grants", &grants);
    Ok(reply::json(StatusCode::OK, object.finish()))
}

fn show(house: &House, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    Ok(reply::json(StatusCode::OK, to_json(&grant::find(house, asked.id())?)))
}

async fn mint(house: &House, somebody: &Somebody, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let name = asked.text("name").unwrap_or_default();
    let (principal, policy) = (asked.text("principal"), asked.text("policy"));
    let lifetime = asked.text("lifetime");
    let mint = Mint {
        name: &name,
        principal: principal.as_deref(),
        servers: asked.texts("servers"),
        policy: policy.as_deref(),
        lifetime: lifetime.as_deref(),
    };
    let token = grant::mint(house, somebody, mint).await?;
    Ok(reply::json(StatusCode::CREATED, with_token(&name, &token)))
}

async fn rotate(house: &House, somebody: &Somebody, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let token = grant::rotate(house, somebody, asked.id()).await?;
    Ok(reply::json(StatusCode::OK, with_token(asked.id(), &token)))
}

async fn revoke(house: &House, somebody: &Somebody, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    grant::revoke(house, somebody, asked.id()).await?;
    show(house, asked)
}

async fn attach_policy(
    house: &House,
    somebody: &Somebody,
    asked: &Asked<'_>,
) -> Result<Reply, Refusal> {
    let policy = asked.text("policy").unwrap_or_default();
    grant::attach_policy(house, somebody, asked.id(), &policy).await?;
    show(house, asked)
}

async fn attach_servers(
    house: &House,
    somebody: &Somebody,
    asked: &Asked<'_>,
) -> Result<Reply, Refusal> {
    grant::attach_servers(house, somebody, asked.id(), asked.texts("servers")).await?;
    show(house, asked)
}

/// The only time that it is shown.
fn with_token(name: &str, token: &Token) -> String {
    Object::new().text("grant", name).text("token", token.as_str()).finish()
}

fn to_json(grant: &Grant) -> String {
    let servers = json::array(grant.servers.iter().map(|server| json::string(server)));
    let time = |ms: Option<u64>| ms.map(moment::utc);
    Object::new()
        .text("grant", &grant.name)
        .text("issuer", &grant.issuer)
        .text("subject", &grant.subject)
        .raw("servers", &servers)
        .maybe_text("policy", grant.policy.as_deref())
        .text("created", &moment::utc(grant.created_ms))
        .maybe_text("expires", time(grant.expires_ms).as_deref())
        .maybe_text("revoked", time(grant.revoked_ms).as_deref())
        .finish()
}
