//! The board of `approvals watch`: what waits, one of it whole, and keys for an answer.
//!
//! Nothing is approved by one key: the first opens a prompt that names the call, for a reason;
//! and only once the last line of its arguments has been on the screen.

mod draw;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use toolgate_store::Approval;

use crate::screen;

#[derive(Default)]
pub(super) struct Board {
    approvals: Vec<Approval>,
    /// By its id: others come and go around it.
    selected: Option<String>,
    /// First line of the selected one that is shown.
    scroll: usize,
    /// How many lines of it there are, and how many fit, as last drawn.
    lines: (usize, usize),
    /// Those whose last line has been on the screen.
    read: HashSet<String>,
    prompt: Option<Prompt>,
    message: String,
}

/// An answer that waits for its reason.
struct Prompt {
    id: String,
    yes: bool,
    reason: String,
}

/// What the keys come to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Want {
    Answer { id: String, yes: bool, reason: Option<String> },
    Quit,
}

const REASON_BYTES_MAX: usize = 512;

impl Board {
    /// Takes in what waits by now.
    pub(super) fn renew(&mut self, approvals: Vec<Approval>) {
        let before = self.place().unwrap_or(0);
        self.approvals = approvals;
        if self.place().is_none() {
            let last = self.approvals.len().saturating_sub(1);
            let near = self.approvals.get(before.min(last)).map(|it| it.id.clone());
            self.select(near);
        }
        let there = |id: &String| self.approvals.iter().any(|it| it.id == *id);
        if let Some(gone) = self.prompt.take_if(|prompt| !there(&prompt.id)) {
            self.message = format!("{} is no longer pending; nothing was answered", gone.id);
        }
        self.read.retain(there);
    }

    pub(super) fn tell(&mut self, text: String) {
        self.message = text;
    }

    pub(super) fn press(&mut self, key: KeyEvent) -> Option<Want> {
        if self.prompt.is_some() {
            return self.type_in(key);
        }
        if screen::ends(key) {
            return Some(Want::Quit);
        }
        // Meant for a prompt that is gone: what there is to say of that stays.
        if key.code != KeyCode::Enter {
            self.message.clear();
        }
        let page = self.lines.1.saturating_sub(1).max(1);
        match key.code {
            KeyCode::Up | KeyCode::Char('k') => self.step(-1),
            KeyCode::Down | KeyCode::Char('j') => self.step(1),
            KeyCode::PageUp => self.scroll = self.scroll.saturating_sub(page),
            KeyCode::PageDown | KeyCode::Char(' ') => self.scroll += page,
            KeyCode::Home => self.scroll = 0,
            KeyCode::End => self.scroll = self.lines.0,
            KeyCode::Char('a') => self.ask(true),
            KeyCode::Char('d') => self.ask(false),
            _ => {}
        }
        None
    }

    fn type_in(&mut self, key: KeyEvent) -> Option<Want> {
        let interrupts = key.modifiers.contains(KeyModifiers::CONTROL);
        let prompt = self.prompt.as_mut()?;
        match key.code {
            KeyCode::Enter => {
                let Prompt { id, yes, reason } = self.prompt.take()?;
                let reason = Some(reason.trim().to_owned()).filter(|reason| !reason.is_empty());
                return Some(Want::Answer { id, yes, reason });
            }
            KeyCode::Esc => self.prompt = None,
            KeyCode::Char('c') if interrupts => self.prompt = None,
            KeyCode::Backspace => drop(prompt.reason.pop()),
            KeyCode::Char(c)
                if !interrupts
                    && !toolgate_catalog::is_hidden(c)
                    && prompt.reason.len() + c.len_utf8() <= REASON_BYTES_MAX =>
            {
                prompt.reason.push(c);
            }
            _ => {}
        }
        None
    }

    fn ask(&mut self, yes: bool) {
        let Some(approval) = self.current() else { return };
        let (id, cut) = (approval.id.clone(), approval.is_cut());
        if yes && cut {
            self.message = format!(
                "its arguments are too long to be shown whole; `toolgate approvals approve {id} \
                 --unread` approves all the same"
            );
        } else if yes && !self.read.contains(&id) {
            self.tell("read it to the end first: PageDown or End".to_owned());
        } else {
            self.prompt = Some(Prompt { id, yes, reason: String::new() });
        }
    }

    fn step(&mut self, by: isize) {
        let Some(place) = self.place() else { return };
        let last = self.approvals.len().saturating_sub(1);
        let place = place.saturating_add_signed(by).min(last);
        self.select(self.approvals.get(place).map(|it| it.id.clone()));
    }

    fn select(&mut self, id: Option<String>) {
        self.selected = id;
        self.scroll = 0;
    }

    fn place(&self) -> Option<usize> {
        self.approvals.iter().position(|it| Some(&it.id) == self.selected.as_ref())
    }

    fn current(&self) -> Option<&Approval> {
        self.approvals.get(self.place()?)
    }
}
