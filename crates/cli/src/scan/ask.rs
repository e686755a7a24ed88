//! Has the lists of all targets, side by side.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use toolgate_catalog::visible;
use toolgate_gateway::{Asking, Inspection, RunErrorKind, UpstreamSpec, Vault, inspect};
use toolgate_json::{Document, Reading, Value};
use toolgate_store::Store;

use super::fence;
use super::progress::Progress;
use super::saved::Saved;
use super::target::Source;
use crate::command::failure;
use crate::exit::{Exit, Failure};

/// What a server says of itself.
#[derive(Debug)]
pub(crate) struct Listing {
    pub(crate) about: About,
    pub(crate) instructions: Option<String>,
    pub(crate) remarks: Vec<String>,
    lists: Lists,
}

/// Its own words for itself.
#[derive(Debug, Default)]
pub(crate) struct About {
    pub(crate) name: Option<String>,
    pub(crate) version: Option<String>,
    /// The newest version of MCP that it agreed to.
    pub(crate) protocol: Option<String>,
}

#[derive(Debug)]
enum Lists {
    Live { tools: Vec<Document>, prompts: Vec<Document>, resources: Vec<Document> },
    Saved(Saved),
}

/// How the asking goes.
pub(crate) struct Terms {
    pub(crate) store: Store,
    pub(crate) vault: Vault,
    pub(crate) patience: Duration,
    pub(crate) stopping: watch::Receiver<bool>,
}

/// Each server is a process or two, and there may be fifty of them.
const AT_ONCE_MAX: usize = 4;

/// The listings in the order of the sources; instead of one, why there is none.
pub(crate) async fn all(
    sources: Vec<(String, Result<Source, String>)>,
    terms: Terms,
) -> Vec<Result<Listing, Failure>> {
    let count = sources.len();
    let any_live = sources.iter().any(|(_, source)| matches!(source, Ok(Source::Live(_))));
    // A file is read before anybody could look.
    let progress = Arc::new(Progress::of(if any_live { count } else { 0 }));
    let (room, terms) = (Arc::new(Semaphore::new(AT_ONCE_MAX)), Arc::new(terms));
    let mut asked = JoinSet::new();
    for (number, (name, source)) in sources.into_iter().enumerate() {
        let (progress, room, terms) =
            (Arc::clone(&progress), Arc::clone(&room), Arc::clone(&terms));
        asked.spawn(async move {
            let _permit = room.acquire_owned().await;
            progress.start(&name);
            let listing = match source {
                Ok(Source::Live(spec)) => live(&name, &spec, &terms).await,
                Ok(Source::Saved(saved)) => Ok(Listing::saved(saved)),
                Err(why) => Err(Failure::new(Exit::Usage, why)),
            };
            progress.done(&name);
            (number, listing)
        });
    }
    let mut listings: Vec<_> = (0..count).map(|_| Err(unasked("it could not be asked"))).collect();
    while let Some(joined) = asked.join_next().await {
        if let Ok((number, listing)) = joined {
            listings[number] = listing;
        }
    }
    listings
}

/// One of them, with nobody at a terminal who looks on.
pub(crate) async fn quietly(name: &str, source: Source, terms: Terms) -> Result<Listing, Failure> {
    match source {
        Source::Live(spec) => live(name, &spec, &terms).await,
        Source::Saved(saved) => Ok(Listing::saved(saved)),
    }
}

fn unasked(why: &str) -> Failure {
    Failure::new(Exit::Unreachable, why)
}

async fn live(name: &str, spec: &UpstreamSpec, terms: &Terms) -> Result<Listing, Failure> {
    let Terms { store, vault, patience, stopping } = terms;
    if *stopping.borrow() {
        return Err(unasked("interrupted"));
    }
    let (store, stopping) = (store.clone(), stopping.clone());
    let asking = Asking { store, vault, patience: *patience, stopping };
    let asked = inspect((name, spec), asking).await;
    asked.map(Listing::live).map_err(|error| {
        let hint = match error.kind {
            RunErrorKind::TimedOut => LONGER,
            _ if fence::is_around(spec) && was_kept_out(&error.text) => FENCED,
            _ => "",
        };
        let Failure { exit, text } = failure(error);
        Failure::new(exit, format!("{}{hint}", visible(&text)))
    })
}

/// Whether the server's last words are those of a program that may not write. To whoever just ends,
/// nobody should open the fence.
fn was_kept_out(said: &str) -> bool {
    const REFUSED: [&str; 5] =
        ["EACCES", "EPERM", "EROFS", "ermission denied", "ead-only file system"];
    said.starts_with("the server ended") && REFUSED.iter().any(|words| said.contains(words))
}

const FENCED: &str = "; if it has to write outside caches and temporary folders, try `--no-fence`";
const LONGER: &str = "; `--timeout` gives it longer";

impl Listing {
    fn live(inspection: Inspection) -> Self {
        let parse = |texts: Vec<String>| {
            let parse = |text| Document::parse(Bytes::from(text), Reading::Plain).ok();
            texts.into_iter().filter_map(parse).collect::<Vec<_>>()
        };
        let mut resources = inspection.resources;
        resources.extend(inspection.resource_templates);
        let lists = Lists::Live {
            tools: parse(inspection.tools),
            prompts: parse(inspection.prompts),
            resources: parse(resources),
        };
        let (name, version) = (inspection.name, inspection.version);
        let protocol = inspection.versions.into_iter().max();
        Self {
            about: About { name, version, protocol },
            instructions: inspection.instructions,
            remarks: inspection.remarks,
            lists,
        }
    }

    fn saved(saved: Saved) -> Self {
        Self {
            about: About {
                name: saved.server(),
                version: saved.version(),
                protocol: saved.protocol(),
            },
            instructions: saved.instructions(),
            remarks: Vec::new(),
            lists: Lists::Saved(saved),
        }
    }

    pub(crate) fn tools(&self) -> Vec<Value<'_>> {
        match &self.lists {
            Lists::Live { tools, .. } => tools.iter().map(Document::root).collect(),
            Lists::Saved(saved) => saved.tools().collect(),
        }
    }

    pub(crate) fn prompts(&self) -> Vec<Value<'_>> {
        match &self.lists {
            Lists::Live { prompts, .. } => prompts.iter().map(Document::root).collect(),
            Lists::Saved(saved) => saved.others("prompts").collect(),
        }
    }

    pub(crate) fn resources(&self) -> Vec<Value<'_>> {
        match &self.lists {
            Lists::Live { resources, .. } => resources.iter().map(Document::root).collect(),
            Lists::Saved(saved) => {
                saved.others("resources").chain(saved.others("resourceTemplates")).collect()
            }
        }
    }

    /// The lines of a saved file on which tools of it begin.
    pub(crate) fn lines<'a>(&self, tools: impl Iterator<Item = Value<'a>>) -> Vec<Option<usize>> {
        match &self.lists {
            Lists::Live { .. } => tools.map(|_| None).collect(),
            Lists::Saved(saved) => saved.lines(tools).into_iter().map(Some).collect(),
        }
    }
}
