//! Which server a URI or a task belongs to. Neither is renamed, so it is learned.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use toolgate_protocol::gather::{ListKind, expands};

use super::lists::Listed;

#[derive(Debug, Default)]
pub(in super::super) struct Places(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    resources: HashMap<String, String>,
    /// Server and template, in order.
    templates: Vec<(String, String)>,
    /// The only server that has resources at all.
    only: Option<String>,
    /// Nothing where two servers gave the same id.
    tasks: HashMap<String, Option<String>>,
}

/// Past that, the oldest tasks are not worth keeping: all are forgotten.
const TASKS_MAX: usize = 10_000;

impl Places {
    /// Keeps what was listed. A server that was left out keeps what it had.
    pub(super) fn note(&self, kind: ListKind, listed: &[Listed], left: &[String]) {
        let entries =
            || listed.iter().flat_map(|one| one.entries.iter().map(|entry| (&one.server, entry)));
        let mut state = self.state();
        match kind {
            ListKind::Resources => {
                state.resources.retain(|_, server| left.contains(server));
                for (server, entry) in entries() {
                    let place = state.resources.entry(entry.name.clone());
                    place.or_insert_with(|| server.clone());
                }
                let mut able = listed.iter().filter(|one| one.has).map(|one| &one.server);
                let only = able.next().cloned();
                state.only = only.filter(|_| left.is_empty() && able.next().is_none());
            }
            ListKind::Templates => {
                state.templates.retain(|(server, _)| left.contains(server));
                let found = entries().map(|(server, entry)| (server.clone(), entry.name.clone()));
                state.templates.extend(found);
            }
            ListKind::Tasks => {
                drop(state);
                entries().for_each(|(server, entry)| self.learn_task(server, &entry.name));
            }
            ListKind::Prompts | ListKind::Tools => {}
        }
    }

    /// By name, then by the first template that fits, then the only server there is.
    pub(super) fn of_uri(&self, uri: &str) -> Option<String> {
        let state = self.state();
        let by_template = || {
            let mut templates = state.templates.iter();
            templates.find(|(_, template)| template == uri || expands(template, uri))
        };
        let found = state.resources.get(uri);
        let found = found.or_else(|| by_template().map(|(server, _)| server));
        found.or(state.only.as_ref()).cloned()
    }

    pub(super) fn of_task(&self, task: &str) -> Option<String> {
        self.state().tasks.get(task).cloned().flatten()
    }

    pub(super) fn learn_task(&self, server: &str, task: &str) {
        let mut state = self.state();
        if state.tasks.len() >= TASKS_MAX {
            state.tasks.clear();
        }
        let owner = state.tasks.entry(task.to_owned()).or_insert_with(|| Some(server.to_owned()));
        if owner.as_deref() != Some(server) {
            *owner = None;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
