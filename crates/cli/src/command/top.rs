//! `top`: what goes on in a state directory, on a screen or as one look.

use std::process::ExitCode;
use std::time::Duration;

use crate::args::TopArgs;
use crate::exit::{Exit, Failure};
use crate::screen::Screen;
use crate::top::{Board, Pulse, to_json, to_text};
use crate::{output, place, time};

const LOOK_EVERY: Duration = Duration::from_millis(500);
const WINDOW_S_MAX: u64 = 7 * 24 * 3600;

pub(super) fn execute(args: &TopArgs) -> Result<ExitCode, Failure> {
    let state = place::state_of(&args.place)?;
    let window_s = time::length_s(&args.window).filter(|s| (1..=WINDOW_S_MAX).contains(s));
    let window_s = window_s.ok_or_else(|| {
        let text =
            format!("`--window {}` is no time of 1s to 7d, like `30s`, `5m`, `1h`", args.window);
        Failure::new(Exit::Usage, text)
    })?;
    let mut pulse = Pulse::new(&state, window_s)?;
    if args.once || args.place.json || !Screen::is_there() {
        let look = pulse.look()?;
        output::print(&if args.place.json { to_json(&look) } else { to_text(&look) })?;
        return Ok(Exit::Ok.into());
    }
    let mut board = Board::new(!output::is_colourful());
    let mut screen = Screen::open()?;
    loop {
        if !board.is_paused() {
            board.renew(pulse.look()?);
        }
        screen.draw(|frame| board.draw(frame))?;
        if Screen::key(LOOK_EVERY)?.is_some_and(|key| !board.press(key)) {
            return Ok(Exit::Ok.into());
        }
    }
}
