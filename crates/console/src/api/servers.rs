//! Servers and what they say of their tools, as JSON, and what can be done about both.

use hyper::StatusCode;
use toolgate_store::Power::{Administer, Look};
use toolgate_store::{Pin, Server};

use crate::deeds::server;
use crate::door::Asked;
use crate::house::House;
use crate::identity::Somebody;
use crate::json::{self, Object};
use crate::reply::{self, Refusal, Reply};
use crate::route::Door::Bearer;
use crate::route::Route;
use crate::servers::NewServer;
use crate::{moment, random};

use super::told::{Field, NOTHING, Of, Shape, Told};

const ALL: Shape = Shape::of(
    "Servers",
    &[
        Field::needed("version", Of::Number, "1"),
        Field::needed("servers", Of::List(&Of::Shape(&ONE)), ""),
    ],
);

const ONE: Shape = Shape::of(
    "Server",
    &[
        Field::needed("server", Of::Text, "Its name"),
        Field::needed("origin", Of::Word(&["cli", "config"]), "Who keeps it"),
        Field::maybe("reached_by", Of::Text, "An address or a command, without secrets"),
        Field::maybe("headers", Of::List(&Of::Text), "Names of those that go along"),
        Field::maybe("error", Of::Text, "Why its settings cannot be read"),
    ],
);

const NEW: Shape = Shape::of(
    "NewServer",
    &[
        Field::needed("url", Of::Text, "Commands stay with the local operator"),
        Field::maybe("transport", Of::Text, "`http` or `sse`"),
        Field::maybe("tools_changed", Of::Text, "What becomes of tools that change"),
    ],
);

const HEADER: Shape = Shape::of(
    "Credential",
    &[
        Field::needed("header", Of::Text, "Its name"),
        Field::maybe("value", Of::Text, "Sealed, and never shown; absent to drop it"),
    ],
);

const TOOLS: Shape = Shape::of(
    "Tools",
    &[
        Field::needed("version", Of::Number, "1"),
        Field::needed("tools", Of::List(&Of::Shape(&TOOL)), ""),
    ],
);

const TOOL: Shape = Shape::of(
    "Tool",
    &[
        Field::needed("server", Of::Text, ""),
        Field::needed("tool", Of::Text, ""),
        Field::needed("fingerprint", Of::Text, "SHA-256 of the definition that is pinned"),
        Field::needed("seen", Of::Moment, ""),
        Field::maybe("changed", Of::Text, "The fingerprint of what it says by now"),
        Field::maybe("gone", Of::Moment, "Since when it is no longer listed"),
    ],
);

const ACCEPTED: Shape = Shape::of(
    "Accepted",
    &[Field::maybe("fingerprint", Of::Text, "Of what was looked at; none for what is gone")],
);

const PATH: &str = "/api/v1/servers";
const SERVER: &str = "/api/v1/servers/{name}";

pub(crate) const ROUTES: &[Route] = &[
    Route::get(PATH, Bearer(Look, |house, _, _| Box::pin(async { list(house) })))
        .told(&Told::of("All servers", &ALL)),
    Route::get(SERVER, Bearer(Look, |house, _, asked| Box::pin(async { show(house, asked) })))
        .told(&Told::of("One server", &ONE)),
    Route::put(SERVER, Bearer(Administer, |house, who, asked| Box::pin(put(house, who, asked))))
        .told(&Told::of("Registers a server by its URL", &ONE).body(&NEW).refused(&[409])),
    Route::delete(
        SERVER,
        Bearer(Administer, |house, who, asked| Box::pin(remove(house, who, asked))),
    )
    .told(&Told::of("Lets a server go", &ALL).refused(&[409])),
    Route::post(
        "/api/v1/servers/{name}/credentials",
        Bearer(Administer, |house, who, asked| Box::pin(credential(house, who, asked))),
    )
    .told(&Told::of("Sets a header that goes along, sealed", &ONE).body(&HEADER).refused(&[409])),
    Route::get(
        "/api/v1/servers/{name}/tools",
        Bearer(Look, |house, _, asked| Box::pin(async { tools(house, asked.id()) })),
    )
    .told(&Told::of("The tools of a server, as they are pinned", &TOOLS)),
    Route::post(
        "/api/v1/servers/{name}/tools/{tool}/accept",
        Bearer(Administer, |house, who, asked| Box::pin(accept(house, who, asked))),
    )
    .told(&Told::of("Takes over what a tool has become", &TOOLS).body(&ACCEPTED).refused(&[409])),
    Route::post(
        "/api/v1/servers/{name}/scan",
        Bearer(Administer, |house, who, asked| Box::pin(scan(house, who, asked))),
    )
    .told(
        &Told::of("Asks for all it has, and keeps what is thought of it", &SCANNED)
            .body(&NOTHING)
            .refused(&[409, 502]),
    ),
];

const SCANNED: Shape = Shape::of(
    "Scanned",
    &[
        Field::needed("version", Of::Number, "1"),
        Field::needed("server", Of::Text, ""),
        Field::needed("remarks", Of::List(&Of::Text), "What is odd about it"),
    ],
);

fn list(house: &House) -> Result<Reply, Refusal> {
    let directory = house.read(|readers| readers.directory.read())?;
    let servers = json::array(directory.servers.values().map(|server| to_json(house, server)));
    let object = Object::new().raw("version", "1").raw("servers", &servers);
    Ok(reply::json(StatusCode::OK, object.finish()))
}

fn show(house: &House, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    Ok(reply::json(StatusCode::OK, to_json(house, &server::find(house, asked.id())?)))
}

/// The same again changes nothing: what is there already has this address.
async fn put(house: &House, somebody: &Somebody, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let url = asked.text("url").unwrap_or_default();
    if let Ok(there) = server::find(house, asked.id())
        && house.servers.describe(&there.spec).is_ok_and(|reached| reached.by == url)
    {
        return show(house, asked);
    }
    let new = NewServer {
        name: asked.id().to_owned(),
        url,
        transport: asked.text("transport"),
        tools_changed: asked.text("tools_changed"),
        header: None,
    };
    server::register(house, somebody, new).await?;
    show(house, asked)
}

async fn remove(house: &House, somebody: &Somebody, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    server::remove(house, somebody, asked.id()).await?;
    list(house)
}

async fn credential(
    house: &House,
    somebody: &Somebody,
    asked: &Asked<'_>,
) -> Result<Reply, Refusal> {
    let header = (asked.text("header").unwrap_or_default(), asked.text("value"));
    server::set_header(house, somebody, asked.id(), header).await?;
    show(house, asked)
}

fn tools(house: &House, name: &str) -> Result<Reply, Refusal> {
    let directory = house.read(|readers| readers.directory.read())?;
    let pins = directory.pins.get(name);
    if pins.is_none() {
        server::find(house, name)?;
    }
    let tools = pins.iter().flat_map(|pins| pins.iter());
    let tools = json::array(tools.map(|(tool, pin)| tool_json(name, tool, pin)));
    let object = Object::new().raw("version", "1").raw("tools", &tools);
    Ok(reply::json(StatusCode::OK, object.finish()))
}

async fn accept(house: &House, somebody: &Somebody, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let (name, tool) = (asked.id(), asked.names.get(1).map_or("", String::as_str));
    let fingerprint = asked.text("fingerprint");
    server::accept(house, somebody, (name, tool), fingerprint.as_deref()).await?;
    tools(house, name)
}

async fn scan(house: &House, somebody: &Somebody, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let remarks = server::scan(house, somebody, asked.id()).await?;
    let remarks = json::array(remarks.iter().map(|remark| json::string(remark)));
    let object = Object::new().raw("version", "1").text("server", asked.id());
    Ok(reply::json(StatusCode::OK, object.raw("remarks", &remarks).finish()))
}

fn to_json(house: &House, server: &Server) -> String {
    let object = Object::new().text("server", &server.name).text("origin", server.origin.as_str());
    match house.servers.describe(&server.spec) {
        Ok(reached) => {
            let headers = reached.headers.iter().map(|(name, _)| json::string(name));
            object.text("reached_by", &reached.by).raw("headers", &json::array(headers)).finish()
        }
        Err(why) => object.text("error", &why).finish(),
    }
}

fn tool_json(server: &str, tool: &str, pin: &Pin) -> String {
    let hex = |bytes: [u8; 32]| random::hex(&bytes);
    Object::new()
        .text("server", server)
        .text("tool", tool)
        .text("fingerprint", &hex(pin.fingerprint))
        .text("seen", &moment::utc(pin.seen_ms))
        .maybe_text("changed", pin.changed.map(hex).as_deref())
        .maybe_text("gone", pin.gone_ms.map(moment::utc).as_deref())
        .finish()
}
