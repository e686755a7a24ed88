//! `server test`: what a server says when it is asked as the gateway asks it.

use std::path::Path;
use std::time::Duration;

use toolgate_gateway::{Asking, Inspection, Vault, inspect};
use toolgate_store::{Durability, Options, Store};

use crate::command::run::failure;
use crate::exit::{Exit, Failure};
use crate::json::{self, Object};
use crate::{output, place, wire};

/// Servers that are installed as they start take their time.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) fn execute(state: &Path, name: &str, json: bool) -> Result<(), Failure> {
    let directory = place::read(state)?;
    let server = super::known(&directory, name)?;
    let spec = wire::read_server(state, &server.spec)
        .map_err(|why| Failure::new(Exit::Usage, format!("server `{name}`: {why}")))?;
    let store = Store::open(state, Options { durability: Durability::Normal })?;
    let vault = Vault::new(state, None);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let stopping = tokio::sync::watch::channel(false).1;
    let asking = Asking { store, vault: &vault, patience: PATIENCE, stopping };
    let asked = runtime.block_on(inspect((name, &spec.upstream), asking));
    runtime.shutdown_background();
    let inspection = asked.map_err(|error| {
        let Failure { exit, text } = failure(error);
        Failure::new(exit, format!("server `{name}`: {}", output::visible(&text)))
    })?;
    output::print(&if json {
        to_json(name, &inspection) + "\n"
    } else {
        to_text(name, &inspection)
    })
}

fn era(inspection: &Inspection) -> &'static str {
    if inspection.is_legacy { "legacy" } else { "modern" }
}

fn counts(inspection: &Inspection) -> [(&'static str, usize); 4] {
    [
        ("tools", inspection.tools.len()),
        ("resources", inspection.resources.len()),
        ("resource templates", inspection.resource_templates.len()),
        ("prompts", inspection.prompts.len()),
    ]
}

fn to_json(name: &str, inspection: &Inspection) -> String {
    let versions = json::array(inspection.versions.iter().map(|version| json::string(version)));
    let object = Object::new()
        .text("server", name)
        .text("era", era(inspection))
        .raw("versions", versions)
        .maybe_text("name", inspection.name.as_deref())
        .maybe_text("version", inspection.version.as_deref())
        .plain("handshake_ms", inspection.handshake.as_millis());
    let counted = counts(inspection).into_iter();
    counted
        .fold(object, |object, (what, count)| object.plain(&what.replace(' ', "_"), count))
        .finish()
}

fn to_text(name: &str, inspection: &Inspection) -> String {
    let named = inspection.name.as_deref().map(output::visible).unwrap_or_default();
    let version = inspection.version.as_deref().map(output::visible).unwrap_or_default();
    let versions = output::visible(&inspection.versions.join(", "));
    let ms = inspection.handshake.as_millis();
    let counted = counts(inspection).map(|(what, count)| format!("{count} {what}")).join(", ");
    format!(
        "server `{name}` answers: {named} {version}\n  \
         MCP {versions} ({}), handshake in {ms} ms\n  {counted}\n",
        era(inspection)
    )
}
