//! Where the state directory is when nobody says.

use std::env;
use std::path::PathBuf;

use crate::exit::{Exit, Failure};

/// What was given, else `$TOOLGATE_STATE`, `$XDG_STATE_HOME/toolgate`, `~/.local/state/toolgate`.
pub(crate) fn directory(given: Option<PathBuf>) -> Result<PathBuf, Failure> {
    given.or_else(|| from(|name| env::var_os(name).map(PathBuf::from))).ok_or_else(|| {
        let text = "no place for the state directory: neither `XDG_STATE_HOME` nor `HOME` is set; \
                    give one with `--state DIR`";
        Failure::new(Exit::Usage, text)
    })
}

fn from(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let set = |name: &str| variable(name).filter(|path| !path.as_os_str().is_empty());
    // The XDG specification has relative paths ignored.
    let xdg = || set("XDG_STATE_HOME").filter(|path| path.is_absolute());
    set("TOOLGATE_STATE")
        .or_else(|| Some(xdg()?.join("toolgate")))
        .or_else(|| Some(set("HOME")?.join(".local/state/toolgate")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_setting_wins() {
        let with = |set: &[(&str, &str)]| {
            from(|name| set.iter().find(|(n, _)| *n == name).map(|(_, v)| PathBuf::from(v)))
        };
        let home = ("HOME", "/home/ada");
        let place = |set: &[(&str, &str)]| with(set).map(|path| path.display().to_string());
        assert_eq!(place(&[]), None);
        assert_eq!(place(&[home]).unwrap(), "/home/ada/.local/state/toolgate");
        assert_eq!(place(&[home, ("XDG_STATE_HOME", "/x")]).unwrap(), "/x/toolgate");
        let relative = place(&[home, ("XDG_STATE_HOME", "x")]);
        assert_eq!(relative.unwrap(), "/home/ada/.local/state/toolgate");
        let own = place(&[home, ("XDG_STATE_HOME", "/x"), ("TOOLGATE_STATE", "/t")]);
        assert_eq!(own.unwrap(), "/t");
    }
}
