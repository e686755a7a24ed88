//! A terminal as a screen, given back as it was.

use std::io::{self, IsTerminal};
use std::time::Duration;

use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::{DefaultTerminal, Frame};

use crate::exit::{Exit, Failure};

pub(crate) struct Screen(DefaultTerminal);

impl Screen {
    /// Whether there is one to draw on, and somebody with keys.
    pub(crate) fn is_there() -> bool {
        io::stdin().is_terminal() && io::stdout().is_terminal()
    }

    pub(crate) fn open() -> Result<Self, Failure> {
        ratatui::try_init().map(Self).map_err(|error| broken(&error))
    }

    pub(crate) fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> Result<(), Failure> {
        self.0.draw(draw).map(drop).map_err(|error| broken(&error))
    }

    /// The next key, if one comes in this time. Nothing too where the size has changed.
    pub(crate) fn key(patience: Duration) -> Result<Option<KeyEvent>, Failure> {
        if !event::poll(patience).map_err(|error| broken(&error))? {
            return Ok(None);
        }
        let event = event::read().map_err(|error| broken(&error))?;
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => Ok(Some(key)),
            _ => Ok(None),
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        ratatui::restore();
    }
}

/// Whether a key means: enough. In raw mode no signal comes.
pub(crate) fn ends(key: KeyEvent) -> bool {
    let interrupts =
        key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char('c');
    interrupts || key.code == KeyCode::Char('q')
}

fn broken(error: &io::Error) -> Failure {
    Failure::new(Exit::Unexpected, format!("the terminal cannot be used: {error}"))
}
