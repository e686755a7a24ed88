//! Accounts of people: added, given another role or a password, ended.

use hyper::StatusCode;
use toolgate_store::{Account, Act, NewAccount, Role, Token, TokenKind};

use crate::house::House;
use crate::identity::Somebody;
use crate::password;
use crate::reply::Refusal;

use super::{change, one_word};

/// What an account may do, and at which servers.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) role: Role,
    /// None: at all.
    pub(crate) servers: Vec<String>,
}

impl Part {
    pub(crate) fn read(role: &str, servers: Vec<String>) -> Result<Self, Refusal> {
        let wrong = "the role is `viewer`, `approver`, `editor` or `admin`";
        let role = Role::parse(role).ok_or_else(|| Refusal::bad_request(wrong))?;
        Ok(Self { role, servers })
    }
}

/// Gives the token: nobody sees it again.
pub(crate) async fn add(
    house: &House,
    somebody: &Somebody,
    name: &str,
    part: Part,
) -> Result<Token, Refusal> {
    let name = one_word("the name", name)?;
    let token = token()?;
    let Part { role, servers } = part;
    let new = NewAccount { name, role, servers, token: token.hash() };
    change(house, somebody, vec![Act::AddAccount(new)]).await?;
    Ok(token)
}

pub(crate) async fn set_role(
    house: &House,
    somebody: &Somebody,
    name: &str,
    part: Part,
) -> Result<(), Refusal> {
    let Part { role, servers } = part;
    if role != Role::Admin || !servers.is_empty() {
        check_not_last(house, name)?;
    }
    let name = name.to_owned();
    change(house, somebody, vec![Act::SetRole { name, role, servers }]).await
}

/// Its sessions end with it.
pub(crate) async fn revoke(house: &House, somebody: &Somebody, name: &str) -> Result<(), Refusal> {
    check_not_last(house, name)?;
    change(house, somebody, vec![Act::RevokeAccount { name: name.to_owned() }]).await
}

/// Everybody sets their own. Whoever else was signed in as them is not any more.
pub(crate) async fn set_password(
    house: &House,
    somebody: &Somebody,
    new: &str,
) -> Result<(), Refusal> {
    let password = Some(password::hash(new).await?);
    let name = somebody.account.name.clone();
    change(house, somebody, vec![Act::SetPassword { name, password }]).await
}

/// The first of all, by whoever sees the terminal.
pub(crate) async fn first(
    house: &House,
    link: &str,
    (name, new): (&str, &str),
) -> Result<Account, Refusal> {
    let name = one_word("the name", name)?;
    let password = Some(password::hash(new).await?);
    let over = || Refusal::new(StatusCode::CONFLICT, "rejected", "there is an account by now");
    if is_any(house)? || !house.welcome.take(link) {
        return Err(over());
    }
    let account = NewAccount {
        name: name.clone(),
        role: Role::Admin,
        servers: Vec::new(),
        token: token()?.hash(),
    };
    let acts = vec![Act::AddAccount(account), Act::SetPassword { name: name.clone(), password }];
    super::changed(house, acts, "welcome").await?;
    let account = house.read(|readers| readers.directory.account(&name))?;
    account.ok_or_else(|| Refusal::unavailable("the account is gone again"))
}

/// Whether anybody can sign in at all.
pub(crate) fn is_any(house: &House) -> Result<bool, Refusal> {
    let accounts = house.read(|readers| readers.directory.accounts())?;
    Ok(accounts.iter().any(|account| account.revoked_ms.is_none()))
}

/// A console that nobody administers would need the terminal again.
fn check_not_last(house: &House, name: &str) -> Result<(), Refusal> {
    let accounts = house.read(|readers| readers.directory.accounts())?;
    let is_admin = |account: &&Account| {
        account.revoked_ms.is_none() && account.role == Role::Admin && account.servers.is_empty()
    };
    let mut admins = accounts.iter().filter(is_admin);
    if admins.next().is_some_and(|only| only.name == name) && admins.next().is_none() {
        let text = "this is the only account that administers everything: add another one first";
        return Err(Refusal::new(StatusCode::CONFLICT, "rejected", text));
    }
    Ok(())
}

fn token() -> Result<Token, Refusal> {
    let token = Token::random_of(TokenKind::Account);
    token.ok_or_else(|| Refusal::unavailable("the system has no random bytes"))
}
