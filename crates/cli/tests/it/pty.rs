//! A child on a terminal of its own.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

pub(crate) struct Pty {
    child: Child,
    keys: File,
    said: Arc<(Mutex<Vec<u8>>, Condvar)>,
    /// So much has been looked at.
    seen: usize,
}

/// Longer than anything that goes well.
const GUARD: Duration = Duration::from_mins(1);

impl Pty {
    pub(crate) fn spawn(mut command: Command) -> Pty {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let size = Winsize { ws_row: 40, ws_col: 120, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&master, size).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
        let open = || OpenOptions::new().read(true).write(true).open(&name).unwrap();
        command.stdin(open()).stdout(open()).stderr(open()).env("TERM", "xterm-256color");
        let child = command.spawn().unwrap();
        // The child's ends close with it, once ours are closed.
        drop(command);
        let keys = File::from(master);
        let mut screen = keys.try_clone().unwrap();
        let said = Arc::new((Mutex::new(Vec::new()), Condvar::new()));
        let heard = Arc::clone(&said);
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = screen.read(&mut bytes) {
                heard.0.lock().unwrap().extend_from_slice(&bytes[..count]);
                heard.1.notify_all();
            }
        });
        Pty { child, keys, said, seen: 0 }
    }

    /// Waits until this has been drawn, behind what was waited for before: one word, since blanks
    /// are skipped.
    #[track_caller]
    pub(crate) fn until(&mut self, word: &str) {
        let said = self.said.0.lock().unwrap();
        let place = |said: &[u8]| {
            let mut windows = said[self.seen..].windows(word.len());
            windows.position(|window| window == word.as_bytes())
        };
        let missing = |said: &mut Vec<u8>| place(said).is_none();
        let (said, _) = self.said.1.wait_timeout_while(said, GUARD, missing).unwrap();
        let Some(at) = place(&said) else {
            panic!("no `{word}` in {}", String::from_utf8_lossy(&said[self.seen..]));
        };
        self.seen += at + word.len();
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
