//! Freezes and their end.

use toolgate_store::{Act, Extent, Log, Power};

use crate::house::House;
use crate::identity::Somebody;
use crate::reply::Refusal;

use super::{change, not_found, one_word};

/// `all`, `server` or `grant`; the latter two with a name.
pub(crate) fn extent(kind: &str, name: Option<&str>) -> Result<Extent, Refusal> {
    let named = |what: &str| {
        let text = || Refusal::bad_request(format!("name the {what}"));
        one_word(&format!("the {what}"), name.ok_or_else(text)?)
    };
    match (kind, name) {
        ("all", None) => Ok(Extent::All),
        ("grant", _) => named("grant").map(Extent::Grant),
        ("server", _) => named("server").map(Extent::Server),
        ("all", Some(_)) => {
            Err(Refusal::bad_request("everything has no name: choose the server or the grant"))
        }
        _ => Err(Refusal::bad_request("say what: `all`, `server` or `grant`")),
    }
}

/// Nothing passes there from now on. Whatever is frozen already stays as it is.
pub(crate) async fn freeze(
    house: &House,
    somebody: &Somebody,
    extent: Extent,
    reason: Option<String>,
) -> Result<(), Refusal> {
    check(house, somebody, &extent)?;
    check_known(house, &extent).await?;
    change(house, somebody, vec![Act::Freeze { extent, reason }]).await
}

pub(crate) async fn thaw(
    house: &House,
    somebody: &Somebody,
    extent: Extent,
    reason: Option<String>,
) -> Result<(), Refusal> {
    check(house, somebody, &extent)?;
    change(house, somebody, vec![Act::Thaw { extent, reason }]).await
}

fn check(house: &House, somebody: &Somebody, extent: &Extent) -> Result<(), Refusal> {
    let directory = house.read(|readers| readers.directory.read())?;
    let servers = match extent {
        Extent::All => &[],
        Extent::Grant(name) => {
            directory.grants.get(name).map(|grant| &*grant.servers).unwrap_or_default()
        }
        Extent::Server(name) => std::slice::from_ref(name),
    };
    somebody.check_at(Power::Administer, servers.iter().map(String::as_str))
}

/// A slip in a name would freeze nothing. A name is known that is registered, or that some call on
/// record has had: gates of one server (`run`) are registered nowhere.
async fn check_known(house: &House, extent: &Extent) -> Result<(), Refusal> {
    let directory = house.read(|readers| readers.directory.read())?;
    let (kind, is_known) = match extent {
        Extent::All => return Ok(()),
        Extent::Grant(name) => ("grant", directory.grants.contains_key(name)),
        Extent::Server(name) => ("server", directory.servers.contains_key(name)),
    };
    if is_known || was_seen(house, extent.clone()).await? {
        return Ok(());
    }
    let text = format!(
        "no {kind} of this name is registered or has been called; `toolgate freeze --unseen` \
         freezes a name before its first call"
    );
    Err(not_found(text))
}

async fn was_seen(house: &House, extent: Extent) -> Result<bool, Refusal> {
    let state = house.state.clone();
    let look = move || {
        let log = Log::open(&state).map_err(|error| error.to_string())?;
        log.has_seen(&extent).map_err(|error| error.to_string())
    };
    let looked = tokio::task::spawn_blocking(look).await;
    let looked = looked.unwrap_or_else(|_| Err("the log could not be read".to_owned()));
    looked.map_err(|why| Refusal::unavailable(&why))
}
