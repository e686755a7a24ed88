//! Grants: made, changed, given another token, ended.

use toolgate_store::Power::Administer;
use toolgate_store::{Act, Grant, NewGrant, Token};

use crate::house::House;
use crate::identity::Somebody;
use crate::moment;
use crate::reply::Refusal;

use super::{change, not_found, one_word};

/// What a grant is to be.
#[derive(Debug, Default)]
pub(crate) struct Mint<'a> {
    pub(crate) name: &'a str,
    /// Whom it is for: the grant's own name if absent.
    pub(crate) principal: Option<&'a str>,
    pub(crate) servers: Vec<String>,
    /// Without one everything is denied.
    pub(crate) policy: Option<&'a str>,
    /// `12h`, `30d`; for ever if absent.
    pub(crate) lifetime: Option<&'a str>,
}

const LOCAL: &str = "local";

/// Gives the token: nobody sees it again.
pub(crate) async fn mint(
    house: &House,
    somebody: &Somebody,
    mint: Mint<'_>,
) -> Result<Token, Refusal> {
    let name = one_word("the name", mint.name)?;
    let subject = one_word("the principal", mint.principal.unwrap_or(mint.name))?;
    if mint.servers.is_empty() {
        return Err(Refusal::bad_request("name at least one server that the grant may use"));
    }
    somebody.check_at(Administer, mint.servers.iter().map(String::as_str))?;
    let expires_ms = mint.lifetime.map(expiry).transpose()?;
    let token = token()?;
    let grant = NewGrant {
        name,
        issuer: LOCAL.to_owned(),
        subject,
        servers: mint.servers,
        policy: mint.policy.map(str::to_owned),
        token: Some(token.hash()),
        expires_ms,
    };
    change(house, somebody, vec![Act::AddGrant(grant)]).await?;
    Ok(token)
}

/// The old token is worth nothing from then on.
pub(crate) async fn rotate(
    house: &House,
    somebody: &Somebody,
    name: &str,
) -> Result<Token, Refusal> {
    check(house, somebody, name)?;
    let token = token()?;
    let act = Act::RotateToken { grant: name.to_owned(), token: token.hash() };
    change(house, somebody, vec![act]).await?;
    Ok(token)
}

pub(crate) async fn revoke(house: &House, somebody: &Somebody, name: &str) -> Result<(), Refusal> {
    check(house, somebody, name)?;
    change(house, somebody, vec![Act::RevokeGrant { name: name.to_owned() }]).await
}

pub(crate) async fn attach_policy(
    house: &House,
    somebody: &Somebody,
    name: &str,
    policy: &str,
) -> Result<(), Refusal> {
    check(house, somebody, name)?;
    let act = Act::AttachPolicy { grant: name.to_owned(), policy: policy.to_owned() };
    change(house, somebody, vec![act]).await
}

pub(crate) async fn attach_servers(
    house: &House,
    somebody: &Somebody,
    name: &str,
    servers: Vec<String>,
) -> Result<(), Refusal> {
    if servers.is_empty() {
        return Err(Refusal::bad_request("name at least one server; to end a grant, revoke it"));
    }
    check(house, somebody, name)?;
    somebody.check_at(Administer, servers.iter().map(String::as_str))?;
    change(house, somebody, vec![Act::AttachServers { grant: name.to_owned(), servers }]).await
}

/// Whether somebody administers all servers that it may use. The store says what is wrong with a
/// name that no grant has.
fn check(house: &House, somebody: &Somebody, name: &str) -> Result<(), Refusal> {
    let directory = house.read(|readers| readers.directory.read())?;
    let servers = directory.grants.get(name).map(|grant| &*grant.servers).unwrap_or_default();
    somebody.check_at(Administer, servers.iter().map(String::as_str))
}

pub(crate) fn find(house: &House, name: &str) -> Result<Grant, Refusal> {
    let mut directory = house.read(|readers| readers.directory.read())?;
    let grant = directory.grants.remove(name);
    grant.ok_or_else(|| not_found("there is no such grant; `toolgate grant list` has them all"))
}

fn token() -> Result<Token, Refusal> {
    Token::random().ok_or_else(|| Refusal::unavailable("the system has no random bytes"))
}

/// When something ends that begins now and lasts as long as `30d` says.
fn expiry(lifetime: &str) -> Result<u64, Refusal> {
    let wrong =
        || Refusal::bad_request("say how long as `12h`, `30d` or `8w`, or nothing for ever");
    let split = lifetime.len().checked_sub(1).filter(|at| lifetime.is_char_boundary(*at));
    let (count, unit) = lifetime.split_at(split.ok_or_else(wrong)?);
    let unit_ms: u64 = match unit {
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        "w" => 604_800_000,
        _ => return Err(wrong()),
    };
    let count: u64 = count.parse().map_err(|_| wrong())?;
    // A hundred years are for ever, and what adds up to more is a slip.
    let most_ms = 100 * 366 * 86_400_000;
    let length_ms = count.checked_mul(unit_ms).filter(|ms| (1..=most_ms).contains(ms));
    Ok(moment::now_ms() + length_ms.ok_or_else(wrong)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_is_a_count_and_a_unit() {
        let in_ms = |text| expiry(text).map(|at| at.abs_diff(moment::now_ms()) / 60_000);
        assert!(in_ms("30d").is_ok_and(|min| (43_199..=43_200).contains(&min)));
        assert!(in_ms("12h").is_ok_and(|min| (719..=720).contains(&min)));
        for wrong in ["", "d", "0d", "-1d", "30", "30y", "1.5h", "99999999999999w", "3é"] {
            assert!(expiry(wrong).is_err(), "{wrong}");
        }
    }
}
