//! Accounts as JSON, and all that an admin does to them.

use hyper::StatusCode;
use toolgate_store::Account;
use toolgate_store::Power::Administer;

use crate::deeds::account::{self, Part};
use crate::deeds::not_found;
use crate::door::Asked;
use crate::house::House;
use crate::identity::Somebody;
use crate::json::{self, Object};
use crate::moment;
use crate::reply::{self, Refusal, Reply};
use crate::route::Door::Bearer;
use crate::route::Route;

use super::me::ROLES;
use super::told::{Field, NOTHING, Of, Shape, Told};

const ALL: Shape = Shape::of(
    "Accounts",
    &[
        Field::needed("version", Of::Number, "1"),
        Field::needed("accounts", Of::List(&Of::Shape(&ONE)), ""),
    ],
);

const ONE: Shape = Shape::of(
    "Account",
    &[
        Field::needed("account", Of::Text, "Its name"),
        Field::needed("role", ROLES, ""),
        Field::needed("servers", Of::List(&Of::Text), "Where the role counts; none: everywhere"),
        Field::needed("created", Of::Moment, ""),
        Field::maybe("revoked", Of::Moment, ""),
    ],
);

const NEW: Shape = Shape::of(
    "NewAccount",
    &[
        Field::needed("name", Of::Text, "Letters, digits and `._-@+`"),
        Field::needed("role", ROLES, ""),
        Field::maybe("servers", Of::List(&Of::Text), "Where the role counts; none: everywhere"),
    ],
);

const ROLE: Shape = Shape::of(
    "AccountRole",
    &[
        Field::needed("role", ROLES, ""),
        Field::maybe("servers", Of::List(&Of::Text), "Where the role counts; none: everywhere"),
    ],
);

const TOKEN: Shape = Shape::of(
    "AccountToken",
    &[Field::needed("account", Of::Text, ""), Field::needed("token", Of::Text, "Shown this once")],
);

const PATH: &str = "/api/v1/accounts";

pub(crate) const ROUTES: &[Route] = &[
    Route::get(PATH, Bearer(Administer, |house, _, _| Box::pin(async { list(house) })))
        .told(&Told::of("All accounts, revoked ones too, without tokens", &ALL)),
    Route::post(PATH, Bearer(Administer, |house, who, asked| Box::pin(add(house, who, asked))))
        .told(&Told::of("Adds an account", &TOKEN).body(&NEW).done(201).refused(&[409])),
    Route::post(
        "/api/v1/accounts/*/role",
        Bearer(Administer, |house, who, asked| Box::pin(set_role(house, who, asked))),
    )
    .told(&Told::of("Gives it another role", &ONE).body(&ROLE).refused(&[404, 409])),
    Route::post(
        "/api/v1/accounts/*/revoke",
        Bearer(Administer, |house, who, asked| Box::pin(revoke(house, who, asked))),
    )
    .told(&Told::of("Ends it, and its sessions", &ONE).body(&NOTHING).refused(&[404, 409])),
];

fn list(house: &House) -> Result<Reply, Refusal> {
    let accounts = house.read(|readers| readers.directory.accounts())?;
    let accounts = json::array(accounts.iter().map(to_json));
    let object = Object::new().raw("version", "1").raw("accounts", &accounts);
    Ok(reply::json(StatusCode::OK, object.finish()))
}

async fn add(house: &House, somebody: &Somebody, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let name = asked.text("name").unwrap_or_default();
    let part = part(asked)?;
    let token = account::add(house, somebody, &name, part).await?;
    let object = Object::new().text("account", &name).text("token", token.as_str());
    Ok(reply::json(StatusCode::CREATED, object.finish()))
}

async fn set_role(house: &House, somebody: &Somebody, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    account::set_role(house, somebody, asked.id(), part(asked)?).await?;
    show(house, asked.id())
}

async fn revoke(house: &House, somebody: &Somebody, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    account::revoke(house, somebody, asked.id()).await?;
    show(house, asked.id())
}

fn part(asked: &Asked<'_>) -> Result<Part, Refusal> {
    Part::read(&asked.text("role").unwrap_or_default(), asked.texts("servers"))
}

fn show(house: &House, name: &str) -> Result<Reply, Refusal> {
    let account = house.read(|readers| readers.directory.account(name))?;
    let account = account.ok_or_else(|| not_found("there is no such account"))?;
    Ok(reply::json(StatusCode::OK, to_json(&account)))
}

fn to_json(account: &Account) -> String {
    let servers = json::array(account.servers.iter().map(|server| json::string(server)));
    Object::new()
        .text("account", &account.name)
        .text("role", account.role.as_str())
        .raw("servers", &servers)
        .text("created", &moment::utc(account.created_ms))
        .maybe_text("revoked", account.revoked_ms.map(moment::utc).as_deref())
        .finish()
}
