//! Servers: registered, given credentials, asked, judged, let go; and what they say accepted.

use std::sync::Arc;

use hyper::StatusCode;
use toolgate_store::Power::Administer;
use toolgate_store::{Act, Origin, Server};

use crate::house::House;
use crate::identity::Somebody;
use crate::reply::Refusal;
use crate::servers::{NewServer, Servers, Tested};

use super::{change, not_found};

const VALUE_BYTES_MAX: usize = 16 << 10;

/// Only what is elsewhere: a command that is started here is the local operator's to name.
pub(crate) async fn register(
    house: &House,
    somebody: &Somebody,
    new: NewServer,
) -> Result<(), Refusal> {
    // A server that nobody knows yet is none of those that a role is limited to.
    somebody.check_at(Administer, [])?;
    check_value(new.header.as_ref().map(|(_, value)| value.as_str()))?;
    let directory = house.read(|readers| readers.directory.read())?;
    if directory.servers.contains_key(&new.name) {
        let text = "there is a server of this name already: remove it first, or choose another";
        return Err(Refusal::new(StatusCode::CONFLICT, "rejected", text));
    }
    let name = new.name.clone();
    let composed = waiting(house, move |servers| servers.compose(&new)).await;
    let spec = composed.map_err(Refusal::bad_request)?;
    let put = Act::PutServer(Server::of_cli(name, &spec));
    let done = change(house, somebody, vec![put]).await;
    if done.is_err() {
        // What was sealed for it is nobody's.
        let _ = waiting(house, move |servers| servers.forget(&spec, None)).await;
    }
    done
}

/// The value goes in and never comes out; without one the header goes.
pub(crate) async fn set_header(
    house: &House,
    somebody: &Somebody,
    name: &str,
    (header, value): (String, Option<String>),
) -> Result<(), Refusal> {
    somebody.check_at(Administer, [name])?;
    check_value(value.as_deref())?;
    let old = own(house, name)?;
    let (server, before) = (name.to_owned(), old.spec.clone());
    let set = move |servers: &dyn Servers| {
        servers.with_header(&server, &before, (&header, value.as_deref()))
    };
    let spec = waiting(house, set).await.map_err(Refusal::bad_request)?;
    let put = Act::PutServer(Server::of_cli(name, &spec));
    let done = change(house, somebody, vec![put]).await;
    let (over, still) = if done.is_ok() { (old.spec, spec) } else { (spec, old.spec) };
    let _ = waiting(house, move |servers| servers.forget(&over, Some(&still))).await;
    done
}

pub(crate) async fn remove(house: &House, somebody: &Somebody, name: &str) -> Result<(), Refusal> {
    somebody.check_at(Administer, [name])?;
    let old = own(house, name)?;
    change(house, somebody, vec![Act::RemoveServer { name: name.to_owned() }]).await?;
    let forgotten = waiting(house, move |servers| servers.forget(&old.spec, None)).await;
    forgotten.map_err(|why| Refusal::unavailable(&why))
}

/// Where nobody else waits: disks and locks take their time.
async fn waiting<T: Send + 'static>(
    house: &House,
    act: impl FnOnce(&dyn Servers) -> Result<T, String> + Send + 'static,
) -> Result<T, String> {
    let servers = Arc::clone(&house.servers);
    let done = tokio::task::spawn_blocking(move || act(&*servers)).await;
    done.unwrap_or_else(|_| Err("a bug stopped this".to_owned()))
}

pub(crate) async fn test(
    house: &House,
    somebody: &Somebody,
    name: &str,
) -> Result<Tested, Refusal> {
    somebody.check_at(Administer, [name])?;
    let server = find(house, name)?;
    let tested = house.servers.test(name, &server.spec, house.store.clone()).await;
    tested.map_err(|why| unreachable(&why))
}

/// Keeps what was found; gives what is odd about it.
pub(crate) async fn scan(
    house: &House,
    somebody: &Somebody,
    name: &str,
) -> Result<Vec<String>, Refusal> {
    somebody.check_at(Administer, [name])?;
    let server = find(house, name)?;
    let scanned = house.servers.scan(name, &server.spec, house.store.clone()).await;
    let scanned = scanned.map_err(|why| unreachable(&why))?;
    change(house, somebody, vec![Act::RecordSurvey(scanned.survey)]).await?;
    Ok(scanned.remarks)
}

/// Takes over what a tool has become, if it still is what was looked at. One that is gone is let
/// go, without a fingerprint.
pub(crate) async fn accept(
    house: &House,
    somebody: &Somebody,
    (server, tool): (&str, &str),
    fingerprint: Option<&str>,
) -> Result<(), Refusal> {
    somebody.check_at(Administer, [server])?;
    let digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if fingerprint.is_some_and(|text| text.len() != 64 || !text.bytes().all(digit)) {
        let text = "the fingerprint is that of the new definition, all 64 hexadecimal digits";
        return Err(Refusal::bad_request(text));
    }
    let pins = house.read(|readers| readers.directory.read())?.pins;
    let pin = pins.get(server).and_then(|pins| pins.get(tool));
    let pin = pin.ok_or_else(|| not_found("the server has shown no such tool"))?;
    if fingerprint.is_none() && pin.gone_ms.is_none() {
        let text = "say which definition was looked at: `fingerprint`";
        return Err(Refusal::bad_request(text));
    }
    let act = Act::AcceptTools {
        server: server.to_owned(),
        tool: Some(tool.to_owned()),
        fingerprint: fingerprint.map(str::to_owned),
    };
    change(house, somebody, vec![act]).await
}

pub(crate) fn find(house: &House, name: &str) -> Result<Server, Refusal> {
    let mut directory = house.read(|readers| readers.directory.read())?;
    let server = directory.servers.remove(name);
    server.ok_or_else(|| not_found("there is no such server; `toolgate server list` has them all"))
}

/// What the config file has is changed there.
fn own(house: &House, name: &str) -> Result<Server, Refusal> {
    let server = find(house, name)?;
    if server.origin == Origin::Config {
        let text = "this server stands in the config file: change it there";
        return Err(Refusal::new(StatusCode::CONFLICT, "rejected", text));
    }
    Ok(server)
}

fn unreachable(why: &str) -> Refusal {
    Refusal::new(StatusCode::BAD_GATEWAY, "unreachable", why)
}

fn check_value(value: Option<&str>) -> Result<(), Refusal> {
    if value.is_some_and(|value| value.is_empty() || value.len() > VALUE_BYTES_MAX) {
        let text = format!("the value has 1 to {VALUE_BYTES_MAX} bytes");
        return Err(Refusal::bad_request(text));
    }
    Ok(())
}
