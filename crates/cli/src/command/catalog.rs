//! `catalog`: what is known of servers and their tools.

mod export;
mod list;
mod show;
mod text;

use std::path::Path;
use std::process::ExitCode;

use toolgate_catalog::{Index, IndexError, IndexText};
use toolgate_store::Act;

use crate::args::{CatalogArgs, CatalogCommand};
use crate::catalog::{self, Kept, Known, Words};
use crate::exit::{Exit, Failure};
use crate::json::Object;
use crate::{output, place};

pub(super) fn execute(args: CatalogArgs) -> Result<ExitCode, Failure> {
    let is_named = args.place.state.is_some() || args.place.config.is_some();
    let state = place::state_of(&args.place)?;
    let json = args.place.json;
    if let CatalogCommand::Forget(args) = &args.command {
        forget(&state, &args.server, json)?;
        return Ok(Exit::Ok.into());
    }
    let kept: Vec<Kept> = catalog::read(&state, is_named)?;
    let known: Vec<Known<'_>> = kept.iter().map(Kept::judge).collect();
    let text = IndexText::embedded().map_err(broken)?;
    let index: Index<'_> = text.index().map_err(broken)?;
    match args.command {
        CatalogCommand::Export(args) => export::execute(&args, &known, &index, json)?,
        CatalogCommand::Forget(_) => {}
        CatalogCommand::List(args) => list::servers(&known, &index, args.all, json)?,
        CatalogCommand::Search(args) => {
            let hits = Words::of(&args.words).hits(&known, &index);
            list::hits(&hits, args.limit, json)?;
        }
        CatalogCommand::Show(args) => show::execute(&args.name, &known, &index, json)?,
    }
    Ok(Exit::Ok.into())
}

fn broken(error: IndexError) -> Failure {
    Failure::new(Exit::Unexpected, format!("{error}; this program is damaged, install it again"))
}

fn forget(state: &Path, server: &str, json: bool) -> Result<(), Failure> {
    place::change(state, vec![Act::ForgetSurveys { server: server.to_owned() }])?;
    if json {
        let object = Object::new().plain("version", 1).text("server", server);
        return output::print(&(object.text("done", "forgotten").finish() + "\n"));
    }
    output::print(&format!("scans of `{}` forgotten\n", output::visible(server)))
}
