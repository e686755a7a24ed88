//! What every page has around it.

use toolgate_store::{Extent, State, Which};

use crate::house::House;
use crate::identity::Somebody;

const SIGN_OUT: &str = "/sign-out";
/// So many are named at the top.
const FROZEN_MAX: usize = 6;

pub(super) struct Frame {
    pub(super) title: String,
    pub(super) who: Option<Who>,
    pub(super) sections: Vec<Entry>,
    /// What is frozen, for the top of every page.
    pub(super) frozen: Vec<String>,
    pub(super) version: &'static str,
}

/// Who is signed in.
pub(super) struct Who {
    pub(super) name: String,
    pub(super) role: &'static str,
    /// Of the form that signs out.
    pub(super) nonce: String,
}

/// Where a page belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Approvals,
    Grants,
    Log,
    Overview,
    People,
    Policies,
    Servers,
}

/// One line of the navigation.
pub(super) struct Entry {
    pub(super) path: &'static str,
    pub(super) name: &'static str,
    pub(super) is_here: bool,
    /// What waits there; shown unless it is nothing.
    pub(super) count: usize,
}

/// In the order of the navigation.
const SECTIONS: [(Section, &str, &str); 7] = [
    (Section::Overview, "/", "Overview"),
    (Section::Log, "/log", "Log"),
    (Section::Approvals, "/approvals", "Approvals"),
    (Section::Servers, "/servers", "Servers"),
    (Section::Policies, "/policies", "Policies"),
    (Section::Grants, "/grants", "Grants"),
    (Section::People, "/people", "People"),
];

impl Frame {
    /// For somebody who is signed in.
    pub(super) fn new(
        house: &House,
        somebody: &Somebody,
        title: impl Into<String>,
        section: Section,
    ) -> Self {
        Self::of(house, Some(somebody), title.into(), Some(section))
    }

    /// Of a page that belongs nowhere, for whoever it is.
    pub(super) fn elsewhere(
        house: &House,
        somebody: Option<&Somebody>,
        title: impl Into<String>,
    ) -> Self {
        Self::of(house, somebody, title.into(), None)
    }

    fn of(
        house: &House,
        somebody: Option<&Somebody>,
        title: String,
        here: Option<Section>,
    ) -> Self {
        let who = somebody.and_then(who);
        let sections = if who.is_some() { sections(house, here) } else { Vec::new() };
        let frozen = if who.is_some() { frozen(house) } else { Vec::new() };
        Self { title, who, sections, frozen, version: env!("CARGO_PKG_VERSION") }
    }
}

fn who(somebody: &Somebody) -> Option<Who> {
    let nonce = somebody.session.as_ref()?.nonce(SIGN_OUT);
    let (name, role) = (somebody.account.name.clone(), somebody.account.role.as_str());
    Some(Who { name, role, nonce })
}

fn sections(house: &House, here: Option<Section>) -> Vec<Entry> {
    let entry = |(section, path, name)| Entry {
        path,
        name,
        is_here: here == Some(section),
        count: if section == Section::Approvals { pending(house) } else { 0 },
    };
    SECTIONS.into_iter().map(entry).collect()
}

/// In words, the widest first; a page is shown without where that cannot be read.
fn frozen(house: &House) -> Vec<String> {
    let freezes = house.read(|readers| readers.directory.freezes()).unwrap_or_default();
    let words = |extent: &Extent| match extent {
        Extent::All => "everything".to_owned(),
        Extent::Grant(name) => format!("grant {}", toolgate_catalog::visible(name)),
        Extent::Server(name) => format!("server {}", toolgate_catalog::visible(name)),
    };
    let mut frozen: Vec<_> = freezes.iter().map(|freeze| words(&freeze.extent)).collect();
    if let Some(more) = frozen.len().checked_sub(FROZEN_MAX).filter(|more| *more > 0) {
        frozen.truncate(FROZEN_MAX);
        frozen.push(format!("{more} more"));
    }
    frozen
}

/// A page is shown without its counts where they cannot be read.
fn pending(house: &House) -> usize {
    let all = house.read(|readers| readers.approvals.list(Which::Pending)).unwrap_or_default();
    all.iter().filter(|approval| approval.state == State::Pending).count()
}
