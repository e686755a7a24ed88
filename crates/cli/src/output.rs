//! Standard output and standard error: data here, messages there.

use std::env;
use std::io::{self, IsTerminal, Write};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use toolgate_policy::document::Colour;

pub(crate) use toolgate_catalog::visible;

use crate::args::ColourArg;
use crate::exit::Failure;

/// Data for standard output, at once.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// One message for standard error. Nobody can be told that it is gone.
pub(crate) fn tell(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Colours on standard error, if it is a terminal that wants them.
pub(crate) fn colour() -> Colour {
    if io::stderr().is_terminal() && wants_colours() { Colour::On } else { Colour::Off }
}

/// See <https://no-color.org>.
fn wants_colours() -> bool {
    let unwanted = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = env::var_os("TERM").is_none_or(|terminal| terminal == "dumb");
    !unwanted && !dumb
}

/// Whether whoever reads standard output is gone: a pipe without a reader.
pub(crate) fn is_unread() -> bool {
    let stdout = io::stdout();
    let mut ends = [PollFd::new(&stdout, PollFlags::empty())];
    let looked = poll(&mut ends, Some(&Timespec::default()));
    looked.is_ok() && ends[0].revents().contains(PollFlags::ERR)
}

/// Whether standard output is a terminal that wants colours.
pub(crate) fn is_colourful() -> bool {
    io::stdout().is_terminal() && wants_colours()
}

/// The same, unless somebody says otherwise.
pub(crate) fn is_colourful_by(wanted: ColourArg) -> bool {
    match wanted {
        ColourArg::Always => true,
        ColourArg::Auto => is_colourful(),
        ColourArg::Never => false,
    }
}
