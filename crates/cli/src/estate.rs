//! What the console has done to servers: it knows neither their settings nor the way to them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use toolgate_console::{Doing, NewServer, Reached, Scanned, Servers, Tested};
use toolgate_gateway::{Asking, Inspection, Vault, inspect};
use toolgate_policy::document::Severity;
use toolgate_store::Store;

use crate::config;
use crate::config::secret::{Secret, Show};
use crate::config::server::remote::{Header, Remote, Transport};
use crate::config::server::{Reach, ToolsChanged};
use crate::json::Object;
use crate::scan::ask::{self, Terms};
use crate::scan::look::{self, Asked};
use crate::scan::sources;
use crate::{output, sealed, wire};

/// The servers of one state directory.
pub(crate) struct Estate {
    state: PathBuf,
}

/// A person waits for it, in a browser.
const PATIENCE: Duration = Duration::from_secs(30);

impl Estate {
    pub(crate) fn over(state: &Path) -> Arc<Self> {
        Arc::new(Self { state: state.to_owned() })
    }
}

impl Servers for Estate {
    fn describe(&self, spec: &str) -> Result<Reached, String> {
        let (server, remarks) = config::server_entry("stored", spec)?;
        let warnings = remarks.iter().filter(|one| one.severity == Severity::Warning);
        let tools_changed = match server.tools_changed {
            ToolsChanged::Allow => "allow",
            ToolsChanged::AllowNarrowing => "allow_narrowing",
            ToolsChanged::Block => "block",
        };
        let common = Reached {
            tools_changed,
            remarks: warnings.map(|one| one.message.clone()).collect(),
            ..Reached::default()
        };
        Ok(match server.reach {
            Reach::Command(command) => {
                let by = command.words(Show::NoSecrets).join(" ");
                Reached { by, is_command: true, ..common }
            }
            Reach::Url(remote) => Reached {
                by: remote.address(Show::NoSecrets),
                transport: match remote.transport {
                    Transport::Http => "http",
                    Transport::Sse => "sse",
                },
                headers: remote.headers.iter().map(kept).collect(),
                has_auth: remote.auth.is_some(),
                ..common
            },
        })
    }

    fn compose(&self, new: &NewServer) -> Result<String, String> {
        let entry = Object::new()
            .text("url", &new.url)
            .maybe_text("transport", new.transport.as_deref())
            .maybe_text("tools_changed", new.tools_changed.as_deref());
        let (mut server, _) = config::server_entry(&new.name, &entry.finish())?;
        if let (Some((name, value)), Reach::Url(remote)) = (&new.header, &mut server.reach) {
            self.put(&new.name, remote, (name, Some(value)))?;
        }
        Ok(server.to_json())
    }

    fn with_header(
        &self,
        server: &str,
        spec: &str,
        header: (&str, Option<&str>),
    ) -> Result<String, String> {
        let mut settings = config::server_from_json(spec)?;
        let Reach::Url(remote) = &mut settings.reach else {
            return Err("a command gets its secrets from `env`, on its own machine".to_owned());
        };
        self.put(server, remote, header)?;
        Ok(settings.to_json())
    }

    fn forget(&self, spec: &str, still: Option<&str>) -> Result<(), String> {
        let still = still.map(config::server_from_json).transpose()?;
        sealed::forget(&self.state, &config::server_from_json(spec)?, still.as_ref())
    }

    fn test<'a>(&'a self, server: &'a str, spec: &'a str, store: Store) -> Doing<'a, Tested> {
        Box::pin(async move {
            let settings = wire::read_server(&self.state, spec)?;
            let vault = Vault::new(&self.state, None);
            let stopping = tokio::sync::watch::channel(false).1;
            let asking = Asking { store, vault: &vault, patience: PATIENCE, stopping };
            let asked = inspect((server, &settings.upstream), asking).await;
            asked.map(tested).map_err(|error| output::visible(&error.text))
        })
    }

    fn scan<'a>(&'a self, server: &'a str, spec: &'a str, store: Store) -> Doing<'a, Scanned> {
        Box::pin(async move {
            let target = sources::stored(&self.state, server, spec)?;
            let (reached, secrets) = (target.reached(), target.secrets);
            let (vault, stopping) =
                (Vault::new(&self.state, None), tokio::sync::watch::channel(false).1);
            let terms = Terms { store, vault, patience: PATIENCE, stopping };
            let listing = ask::quietly(server, target.source?, terms).await;
            let listing = listing.map_err(|failure| secrets.hide(&failure.text).into_owned())?;
            let name = server.to_owned();
            let asked = Asked { name, place: None, reached, secrets, listing: Ok(listing) };
            // Thousands of tools take a moment to judge.
            let looked = tokio::task::spawn_blocking(|| look::at(vec![asked], None)).await;
            let report = looked.map_err(|_| "it could not be judged".to_owned())?;
            let one = report.servers.into_iter().next().ok_or("it was not looked at")?;
            let seen = one.outcome?;
            Ok(Scanned { survey: seen.to_keep, remarks: seen.remarks })
        })
    }
}

impl Estate {
    /// Whatever was there under this name is gone.
    fn put(
        &self,
        server: &str,
        remote: &mut Remote,
        (name, value): (&str, Option<&str>),
    ) -> Result<(), String> {
        check(name, value.unwrap_or_default())?;
        let is_token = name.eq_ignore_ascii_case("authorization");
        if is_token && remote.auth.is_some() {
            return Err("`auth` would write over the header `Authorization`".to_owned());
        }
        remote.headers.retain(|header| !header.name.eq_ignore_ascii_case(name));
        if let Some(value) = value {
            let value = sealed::seal(&self.state, server, value)?;
            remote.headers.push(Header { name: name.to_owned(), value });
        }
        Ok(())
    }
}

/// The name as a configuration has it; the value is never repeated.
fn check(name: &str, value: &str) -> Result<(), String> {
    let headers = Object::new().text(name, "-").finish();
    let entry = Object::new().text("url", "https://example.com").raw("headers", headers);
    config::server_entry("checked", &entry.finish())?;
    if value.chars().any(char::is_control) {
        return Err("the value has a line break or a control character in it".to_owned());
    }
    Ok(())
}

fn kept(header: &Header) -> (String, String) {
    let at = match &header.value {
        Secret::Plain(_) => "in the settings".to_owned(),
        Secret::Sealed(_) => "sealed".to_owned(),
        source @ (Secret::Env(_) | Secret::File(_)) => format!("{source:?}"),
    };
    (header.name.clone(), at)
}

fn tested(inspection: Inspection) -> Tested {
    Tested {
        is_legacy: inspection.is_legacy,
        handshake_ms: u64::try_from(inspection.handshake.as_millis()).unwrap_or(u64::MAX),
        tools: inspection.tools.len(),
        resources: inspection.resources.len(),
        resource_templates: inspection.resource_templates.len(),
        prompts: inspection.prompts.len(),
        name: inspection.name,
        version: inspection.version,
        versions: inspection.versions,
        remarks: inspection.remarks,
    }
}
