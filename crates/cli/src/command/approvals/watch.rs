//! `approvals watch`: questions as they come; on a terminal with keys to answer them.

use std::path::Path;
use std::thread;
use std::time::Duration;

use toolgate_store::{Approval, State, Which};

use super::board::{Board, Want};
use crate::approvals::{self, Changes, answer, brief, call, history, left, to_json};
use crate::exit::Failure;
use crate::json::Object;
use crate::output;
use crate::screen::Screen;

const LOOK_EVERY: Duration = Duration::from_millis(250);
const BRIEF_CHARS: usize = 4096;

pub(super) fn execute(state: &Path, json: bool) -> Result<(), Failure> {
    if json || !Screen::is_there() { lines(state, json) } else { board(state) }
}

/// Until nobody reads them.
fn lines(state: &Path, json: bool) -> Result<(), Failure> {
    let mut changes = Changes::new(approvals::open(state)?);
    while !output::is_unread() {
        for approval in changes.poll()? {
            output::print(&if json { object(&approval) } else { line(&approval) })?;
        }
        thread::sleep(LOOK_EVERY);
    }
    Ok(())
}

fn object(approval: &Approval) -> String {
    Object::new().plain("version", 1).raw("approval", to_json(approval)).finish() + "\n"
}

fn line(approval: &Approval) -> String {
    let (id, call) = (&approval.id, call(approval));
    if approval.state != State::Pending {
        return format!("{id}  {call}  {}\n", history(approval));
    }
    let grant = output::visible(&approval.caller.grant);
    let (left, arguments) = (left(approval.left_ms), brief(approval, BRIEF_CHARS));
    format!("{id}  {call}  pending, {left} left, grant `{grant}`: {arguments}\n")
}

fn board(state: &Path) -> Result<(), Failure> {
    let reader = approvals::open(state)?;
    let (mut screen, mut board) = (Screen::open()?, Board::default());
    loop {
        board.renew(reader.list(Which::Pending)?);
        screen.draw(|frame| board.draw(frame))?;
        let Some(key) = Screen::key(LOOK_EVERY)? else { continue };
        match board.press(key) {
            Some(Want::Answer { id, yes, reason }) => {
                let said = answer(state, &id, yes, reason);
                board.tell(match said {
                    Ok(approval) => super::done(&approval),
                    Err(failure) => failure.text,
                });
            }
            Some(Want::Quit) => return Ok(()),
            None => {}
        }
    }
}
