//! A fence as words of a command line, and back.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use crate::upstream::command::Sandbox;

use super::Fence;

impl Fence {
    pub(in crate::upstream) fn words(&self) -> Vec<OsString> {
        let mut words = Vec::new();
        let mut say = |name: &str, value: &OsStr| {
            let mut word = OsString::from(name);
            word.push("=");
            word.push(value);
            words.push(word);
        };
        let resources = [
            ("cpu", self.resources.cpu_s_max),
            ("memory", self.resources.memory_bytes_max),
            ("open-files", self.resources.open_files_max),
            ("processes", self.resources.processes_max),
        ];
        for (name, max) in resources {
            if let Some(max) = max {
                say(name, OsStr::new(&max.to_string()));
            }
        }
        if let Some(parent) = self.parent {
            say("parent", OsStr::new(&parent.to_string()));
        }
        if let Some(sandbox) = &self.sandbox {
            say("network", OsStr::new(if sandbox.network { "on" } else { "off" }));
            sandbox.read.iter().for_each(|path| say("read", path.as_os_str()));
            sandbox.write.iter().for_each(|path| say("write", path.as_os_str()));
        }
        words
    }

    /// Gives back the word that it does not know.
    pub(super) fn read(words: &[OsString]) -> Result<Self, String> {
        let mut fence = Self::default();
        for word in words {
            fence.word(word).ok_or_else(|| word.to_string_lossy().into_owned())?;
        }
        Ok(fence)
    }

    fn word(&mut self, word: &OsStr) -> Option<()> {
        let bytes = word.as_bytes();
        let (name, value) = bytes.split_at(bytes.iter().position(|byte| *byte == b'=')?);
        let value = OsStr::from_bytes(&value[1..]);
        let number = || value.to_str()?.parse::<u64>().ok();
        let resources = &mut self.resources;
        match name {
            b"cpu" => resources.cpu_s_max = Some(number()?),
            b"memory" => resources.memory_bytes_max = Some(number()?),
            b"network" => self.sandbox().network = value == "on",
            b"open-files" => resources.open_files_max = Some(number()?),
            b"parent" => self.parent = Some(value.to_str()?.parse().ok()?),
            b"processes" => resources.processes_max = Some(number()?),
            b"read" => self.sandbox().read.push(value.into()),
            b"write" => self.sandbox().write.push(value.into()),
            _ => return None,
        }
        Some(())
    }

    fn sandbox(&mut self) -> &mut Sandbox {
        self.sandbox.get_or_insert_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upstream::command::Resources;

    #[test]
    fn a_fence_survives_the_command_line() {
        let odd = OsStr::from_bytes(b"/a=b \xff\n");
        let resources = Resources {
            memory_bytes_max: Some(u64::MAX),
            open_files_max: Some(0),
            processes_max: None,
            cpu_s_max: Some(7),
        };
        let folders =
            Sandbox { network: true, read: vec![odd.into(), "/".into()], write: vec!["-x".into()] };
        for sandbox in [None, Some(Sandbox::default()), Some(folders)] {
            let fence = Fence { parent: Some(4711), sandbox, resources };
            assert_eq!(Fence::read(&fence.words()), Ok(fence));
        }
        assert_eq!(Fence::read(&[]), Ok(Fence::default()));
    }

    #[test]
    fn an_unknown_word_is_no_fence() {
        for word in ["", "network", "memory=", "memory=1k", "parent=x", "sandbox=on", "cpu=-1"] {
            assert_eq!(Fence::read(&[word.into()]), Err(word.to_owned()));
        }
    }
}
