//! `account`: who may look at the console and answer questions there.

use std::path::Path;
use std::process::ExitCode;

use toolgate_store::{Account, Act, NewAccount, Role, Token, TokenKind};

use crate::args::{AccountArgs, AccountCommand, AddAccountArgs, RoleArg};
use crate::exit::{Exit, Failure};
use crate::json::{self, Object};
use crate::{named, output, place, sheet, time};

pub(super) fn execute(args: AccountArgs) -> Result<ExitCode, Failure> {
    let (state, json) = (place::state_of(&args.place)?, args.place.json);
    match args.command {
        AccountCommand::Add(args) => add(&state, args, json)?,
        AccountCommand::List => list(&place::reader(&state)?.accounts()?, json)?,
        AccountCommand::Revoke(args) => revoke(&state, &args.name, json)?,
    }
    Ok(Exit::Ok.into())
}

fn add(state: &Path, args: AddAccountArgs, json: bool) -> Result<(), Failure> {
    let name = named::one_word("the account's name", args.name)?;
    let no_bytes = || Failure::new(Exit::Unexpected, "the system has no random bytes");
    let token = Token::random_of(TokenKind::Account).ok_or_else(no_bytes)?;
    let role = match args.role {
        RoleArg::Admin => Role::Admin,
        RoleArg::Approver => Role::Approver,
        RoleArg::Editor => Role::Editor,
        RoleArg::Viewer => Role::Viewer,
    };
    let AddAccountArgs { servers, .. } = args;
    let account = NewAccount { name: name.clone(), role, servers, token: token.hash() };
    place::change(state, vec![Act::AddAccount(account)])?;
    if json {
        let object = Object::new().text("account", &name).text("role", role.as_str());
        return output::print(&(object.text("token", token.as_str()).finish() + "\n"));
    }
    output::tell(&format!(
        "The token of `{name}` ({}), shown this once; sign in at the console with it:",
        role.as_str()
    ));
    output::print(&format!("{}\n", token.as_str()))
}

fn revoke(state: &Path, name: &str, json: bool) -> Result<(), Failure> {
    place::change(state, vec![Act::RevokeAccount { name: name.to_owned() }])?;
    if json {
        let object = Object::new().text("account", name).text("done", "revoked");
        return output::print(&(object.finish() + "\n"));
    }
    output::print(&format!("account `{name}` revoked; its sessions have ended\n"))
}

fn list(accounts: &[Account], json: bool) -> Result<(), Failure> {
    if json {
        let accounts = json::array(accounts.iter().map(to_json));
        let object = Object::new().plain("version", 1).raw("accounts", accounts);
        return output::print(&(object.finish() + "\n"));
    }
    let rows = accounts.iter().map(|account| {
        let state = match account.revoked_ms {
            Some(at) => format!("revoked {}", time::local(at)),
            None => "live".to_owned(),
        };
        let at = account.servers.join(", ");
        [account.name.clone(), account.role.as_str().to_owned(), at, state]
    });
    sheet::print(["account", "role", "at", "state"], rows)
}

fn to_json(account: &Account) -> String {
    let revoked = account.revoked_ms.map(|at| json::string(&time::utc(at)));
    Object::new()
        .text("account", &account.name)
        .text("role", account.role.as_str())
        .raw("servers", json::array(account.servers.iter().map(|name| json::string(name))))
        .text("created", &time::utc(account.created_ms))
        .maybe_raw("revoked", revoked)
        .finish()
}
