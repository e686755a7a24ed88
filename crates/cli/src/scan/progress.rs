//! A line on a terminal that says how far it is.

use std::env;
use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};

/// What is under way. Nothing is said unless standard error is a terminal that can take it back.
pub(super) struct Progress {
    total: usize,
    width: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    done: usize,
    running: Vec<String>,
}

const BAR: usize = 20;

impl Progress {
    pub(super) fn of(total: usize) -> Self {
        let dumb = env::var_os("TERM").is_none_or(|terminal| terminal == "dumb");
        let width = if total > 0 && io::stderr().is_terminal() && !dumb {
            super::layout::width(&io::stderr())
        } else {
            None
        };
        Self { total, width: width.unwrap_or(0), state: Mutex::default() }
    }

    pub(super) fn start(&self, server: &str) {
        self.change(|state| state.running.push(server.to_owned()));
    }

    pub(super) fn done(&self, server: &str) {
        self.change(|state| {
            state.done += 1;
            if let Some(at) = state.running.iter().position(|running| running == server) {
                state.running.remove(at);
            }
        });
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut state);
        if self.width > 0 {
            let line = line(self.total, &state, self.width);
            let _ = write!(io::stderr().lock(), "\r\x1b[K{line}");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.width > 0 {
            let _ = write!(io::stderr().lock(), "\r\x1b[K");
        }
    }
}

fn line(total: usize, state: &State, width: usize) -> String {
    let full = BAR * state.done / total.max(1);
    let bar = format!("{}{}", "█".repeat(full), "░".repeat(BAR - full));
    let line = format!("{bar} {} of {total}  {}", state.done, state.running.join(", "));
    // The last column stays free: some terminals begin a new line there.
    super::layout::cut(&line, width.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_fits_and_says_what_is_waited_for() {
        let state = State { done: 1, running: vec!["shop".to_owned(), "files".to_owned()] };
        assert_eq!(line(4, &state, 80), "█████░░░░░░░░░░░░░░░ 1 of 4  shop, files");
        assert_eq!(line(4, &state, 30), "█████░░░░░░░░░░░░░░░ 1 of 4 …");
        assert_eq!(line(0, &State::default(), 80), "░░░░░░░░░░░░░░░░░░░░ 0 of 0  ");
    }
}
