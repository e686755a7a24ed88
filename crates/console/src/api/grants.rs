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

use super::read;

pub(crate) const ROUTES: &[Route] = &[
    Route::get("/api/v1/grants", Bearer(Look, |house, _, _| Box::pin(async { list(house) }))),
    Route::post(
        "/api/v1/grants",
        Bearer(Administer, |house, who, asked| Box::pin(mint(house, who, asked))),
    ),
    Route::get(
        "/api/v1/grants/*",
        Bearer(Look, |house, _, asked| Box::pin(async { show(house, asked) })),
    ),
    Route::post(
        "/api/v1/grants/*/rotate",
        Bearer(Administer, |house, who, asked| Box::pin(rotate(house, who, asked))),
    ),
    Route::post(
        "/api/v1/grants/*/revoke",
        Bearer(Administer, |house, who, asked| Box::pin(revoke(house, who, asked))),
    ),
    Route::post(
        "/api/v1/grants/*/policy",
        Bearer(Administer, |house, who, asked| Box::pin(attach_policy(house, who, asked))),
    ),
    Route::post(
        "/api/v1/grants/*/servers",
        Bearer(Administer, |house, who, asked| Box::pin(attach_servers(house, who, asked))),
    ),
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

/// `name`, `servers`; `principal`, `policy` and `lifetime` if they are wanted.
async fn mint(house: &House, somebody: &Somebody, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let members = ["name", "servers", "principal", "policy", "lifetime"];
    let document = read::object(asked.body.clone(), &members)?;
    let text = |name| read::text(&document, name);
    let (name, principal) = (text("name")?.unwrap_or_default(), text("principal")?);
    let (policy, lifetime) = (text("policy")?, text("lifetime")?);
    let mint = Mint {
        name: &name,
        principal: principal.as_deref(),
        servers: read::texts(&document, "servers")?,
        policy: policy.as_deref(),
        lifetime: lifetime.as_deref(),
    };
    let token = grant::mint(house, somebody, mint).await?;
    Ok(reply::json(StatusCode::CREATED, with_token(&name, &token)))
}

async fn rotate(house: &House, somebody: &Somebody, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    read::nothing(&asked.body)?;
    let token = grant::rotate(house, somebody, asked.id()).await?;
    Ok(reply::json(StatusCode::OK, with_token(asked.id(), &token)))
}

async fn revoke(house: &House, somebody: &Somebody, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    read::nothing(&asked.body)?;
    grant::revoke(house, somebody, asked.id()).await?;
    show(house, asked)
}

async fn attach_policy(
    house: &House,
    somebody: &Somebody,
    asked: &Asked<'_>,
) -> Result<Reply, Refusal> {
    let document = read::object(asked.body.clone(), &["policy"])?;
    let policy = read::text(&document, "policy")?;
    let policy = policy.ok_or_else(|| Refusal::bad_request("`policy` is missing from the body"))?;
    grant::attach_policy(house, somebody, asked.id(), &policy).await?;
    show(house, asked)
}

async fn attach_servers(
    house: &House,
    somebody: &Somebody,
    asked: &Asked<'_>,
) -> Result<Reply, Refusal> {
    let document = read::object(asked.body.clone(), &["servers"])?;
    let servers = read::texts(&document, "servers")?;
    grant::attach_servers(house, somebody, asked.id(), servers).await?;
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
