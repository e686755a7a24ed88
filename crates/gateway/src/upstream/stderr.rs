//! What a server writes to its standard error: into our log, and its last words kept.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::report::report;

/// The last line that a server wrote, until it wrote its last.
#[derive(Clone, Debug)]
pub(super) struct Words {
    last: Arc<Mutex<String>>,
    over: watch::Receiver<bool>,
}

const LINE_BYTES_MAX: usize = 1024;
/// What a client hears of it.
const WORDS_CHARS_MAX: usize = 200;
const LINES_PER_S: u32 = 50;
const SECOND: Duration = Duration::from_secs(1);
const READ_BYTES: usize = 8 << 10;
/// How long the last words of a server that ended may be on their way.
const LATE: Duration = Duration::from_millis(200);

impl Words {
    pub(super) fn listen(server: Arc<str>, from: impl AsyncRead + Send + Unpin + 'static) -> Self {
        let last = Arc::new(Mutex::new(String::new()));
        let (end, over) = watch::channel(false);
        let scribe =
            Scribe { server, last: Arc::clone(&last), line: Vec::new(), pace: Pace::new() };
        tokio::spawn(async move {
            scribe.run(from).await;
            end.send_replace(true);
        });
        Self { last, over }
    }

    /// Of a server that has ended; nothing if it was silent.
    pub(super) async fn last(&self) -> Option<String> {
        let _ = timeout(LATE, self.over.clone().wait_for(|over| *over)).await;
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        (!last.is_empty()).then(|| last.chars().take(WORDS_CHARS_MAX).collect())
    }
}

struct Scribe {
    server: Arc<str>,
    last: Arc<Mutex<String>>,
    /// What came since the last line end, as far as it is kept.
    line: Vec<u8>,
    pace: Pace,
}

impl Scribe {
    async fn run(mut self, mut from: impl AsyncRead + Unpin) {
        let mut buffer = vec![0; READ_BYTES];
        while let Ok(count @ 1..) = from.read(&mut buffer).await {
            self.take(&buffer[..count]);
        }
        self.end_line();
        self.tell_left_out();
    }

    fn take(&mut self, bytes: &[u8]) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (text, ends) = match part.strip_suffix(b"\n") {
                Some(text) => (text, true),
                None => (part, false),
            };
            let room = (LINE_BYTES_MAX + 1).saturating_sub(self.line.len());
            self.line.extend_from_slice(&text[..text.len().min(room)]);
            if ends {
                self.end_line();
            }
        }
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        let text = visible(&line);
        if text.is_empty() {
            return;
        }
        let now = Instant::now();
        if self.pace.is_due(now) {
            self.tell_left_out();
        }
        if self.pace.take() {
            report(&format!("server `{}`: {text}", self.server));
        }
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = text;
    }

    fn tell_left_out(&mut self) {
        let count = std::mem::take(&mut self.pace.left_out);
        if count > 0 {
            report(&format!("server `{}`: {count} more lines left out", self.server));
        }
    }
}

/// Nothing in it moves a cursor or hides the rest of a line.
fn visible(line: &[u8]) -> String {
    let cut = line.len() > LINE_BYTES_MAX;
    let text = String::from_utf8_lossy(&line[..line.len().min(LINE_BYTES_MAX)]);
    let mut visible = String::with_capacity(text.len());
    for c in text.trim_end().chars() {
        match c {
            '\t' => visible.push(' '),
            c if c.is_control() || is_invisible(c) => visible.extend(c.escape_unicode()),
            c => visible.push(c),
        }
    }
    if cut {
        visible.push('…');
    }
    visible
}

/// Marks that turn or hide text: Unicode Technical Report 36, section 2.
fn is_invisible(c: char) -> bool {
    let format = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{feff}');
    format || matches!(c, '\u{2060}'..='\u{206f}' | '\u{e0000}'..='\u{e007f}')
}

/// So many lines a second.
struct Pace {
    second: Instant,
    said: u32,
    left_out: u64,
}

impl Pace {
    fn new() -> Self {
        Self { second: Instant::now(), said: 0, left_out: 0 }
    }

    /// Whether a new second has begun.
    fn is_due(&mut self, now: Instant) -> bool {
        let due = now.saturating_duration_since(self.second) >= SECOND;
        if due {
            self.second = now;
            self.said = 0;
        }
        due
    }

    fn take(&mut self) -> bool {
        let room = self.said < LINES_PER_S;
        if room {
            self.said += 1;
        } else {
            self.left_out += 1;
        }
        room
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_line_acts_on_a_terminal() {
        assert_eq!(visible(b"plain \xc3\xa4\r"), "plain ä");
        assert_eq!(visible(b"\x1b[2Jgone\x07"), "\\u{1b}[2Jgone\\u{7}");
        assert_eq!(visible("a\u{202e}b\u{9b}c".as_bytes()), "a\\u{202e}b\\u{9b}c");
        assert_eq!(visible(b"\xff\t|"), "\u{fffd} |");
        let long = visible(&[b'x'; 5000]);
        assert_eq!(long.chars().count(), LINE_BYTES_MAX + 1);
    }

    #[test]
    fn a_flood_is_counted_and_not_said() {
        let mut pace = Pace::new();
        let said = (0..1000).filter(|_| pace.take()).count();
        assert_eq!((said, pace.left_out), (50, 950));
        let next = pace.second + SECOND;
        assert!(pace.is_due(next) && pace.take());
    }

    #[tokio::test]
    async fn the_last_words_are_the_last_line_that_says_something() {
        let words = Words::listen("shop".into(), &b"first\nError: no key\n \n\n"[..]);
        assert_eq!(words.last().await.as_deref(), Some("Error: no key"));
        let words = Words::listen("shop".into(), &b"no line end"[..]);
        assert_eq!(words.last().await.as_deref(), Some("no line end"));
        let words = Words::listen("shop".into(), &b""[..]);
        assert_eq!(words.last().await, None);
    }
}
