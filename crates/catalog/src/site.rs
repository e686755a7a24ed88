//! The catalogue as web pages: files that need no server, ask nobody for anything and run one
//! small script, for searching.
//!
//! Names and descriptions are other people's words, and some of these people are hostile: every
//! template escapes what it is given, hidden characters are made visible before, and no name of
//! theirs becomes a file's name as it is.

use std::fmt;

use askama::Template;

use crate::{DiffLine, Index, Risk, Survey, Tool};

mod attack;
mod found;
mod frame;
mod groups;
mod home;
mod indexed;
mod parts;
mod policy;
mod quoted;
mod rich;
mod search;
mod server;
mod sheet;
mod slug;
mod snippet;
mod tool;
mod words;

use found::Found;
use frame::Frame;

pub use sheet::{Advice, Sheet, attacks_on, sheet};

/// Everything that there is to show.
#[derive(Debug)]
pub struct Site<'a> {
    /// The day, for people.
    pub written: &'a str,
    /// Of this program.
    pub version: &'a str,
    /// In the order of their names.
    pub servers: Vec<Scanned<'a>>,
    pub index: Option<&'a Index<'a>>,
}

/// A server that somebody looked at.
#[derive(Debug)]
pub struct Scanned<'a> {
    pub survey: &'a Survey,
    /// The same tools, in the same order.
    pub judged: &'a [(Tool<'a>, Risk)],
    /// A command or an address, for people.
    pub reached: String,
    /// All states it was found in, the newest first; never empty.
    pub history: Vec<State>,
}

/// One state of a server, for people.
#[derive(Debug, Clone)]
pub struct State {
    /// `2026-11-21 10:45`.
    pub when: String,
    pub text: String,
    /// How definitions differ from those of the state before.
    pub lines: Vec<DiffLine>,
}

/// A page could not be made, or its taker gave up.
#[derive(Debug)]
pub enum SiteError<E> {
    Page(askama::Error),
    Taker(E),
}

impl<E: fmt::Display> fmt::Display for SiteError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Page(error) => write!(f, "a page cannot be made: {error}"),
            Self::Taker(error) => error.fmt(f),
        }
    }
}

const STYLE: &str = include_str!("../site/style.css");
const SCRIPT: &str = include_str!("../site/search.js");

/// Who takes the files: paths with `/`, and their text.
pub type Taker<'t, E> = dyn FnMut(&str, &str) -> Result<(), E> + 't;

impl Site<'_> {
    /// Makes every file, one after the other.
    pub fn write<E>(&self, taker: &mut Taker<'_, E>) -> Result<(), SiteError<E>> {
        let mut put = |path: &str, text: &str| taker(path, text).map_err(SiteError::Taker);
        put("style.css", STYLE)?;
        put("search.js", SCRIPT)?;
        let found = Found::of(self);
        put("search-data.js", &search::data(self))?;
        let mut out = Out { put: &mut put };
        out.page("index.html", &home::page(self, &found))?;
        out.page("servers/index.html", &home::servers(self))?;
        for (at, scanned) in self.servers.iter().enumerate() {
            let page = server::page(self, &found, at);
            out.page(&server::path(&scanned.survey.server), &page)?;
            for nth in 0..scanned.judged.len() {
                let page = tool::page(self, &found, (at, nth));
                out.page(&page.path(), &page)?;
            }
        }
        for server in self.index.iter().flat_map(|index| &index.servers) {
            if !self.servers.iter().any(|scanned| scanned.survey.server == server.name) {
                out.page(&server::path(server.name), &indexed::page(self, server))?;
            }
        }
        for (path, page) in groups::pages(self, &found) {
            out.page(&path, &page)?;
        }
        out.page("risk/index.html", &groups::method(self))?;
        out.page("attacks/index.html", &attack::list(self))?;
        for one in crate::attacks::all() {
            out.page(&attack::path(one), &attack::page(self, &found, one))?;
        }
        Ok(())
    }

    fn frame(&self, depth: usize, section: &'static str, title: impl Into<String>) -> Frame {
        Frame {
            root: "../".repeat(depth),
            section,
            title: title.into(),
            written: self.written.to_owned(),
            version: self.version.to_owned(),
        }
    }
}

struct Out<'o, E> {
    put: &'o mut Taker<'o, SiteError<E>>,
}

impl<E> Out<'_, E> {
    fn page(&mut self, path: &str, page: &impl Template) -> Result<(), SiteError<E>> {
        let text = page.render().map_err(SiteError::Page)?;
        (self.put)(path, &text)
    }
}

#[cfg(test)]
mod tests;
