//! Follows the policy file, however it is replaced.
//!
//! Written in place, renamed over, a symbolic link swapped: the text behind the path is what
//! counts, so the path is looked at, not an inode watched. A new text comes into force once two
//! looks in a row found the same, so that a file caught half-written does not.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::watch;
use toolgate_policy::document;
use toolgate_store::Store;

use crate::report::report;
use crate::snapshot::{Snapshot, Unread};

const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Follows `path` until the last receiver is gone.
pub(crate) async fn follow(path: PathBuf, store: Store, current: watch::Sender<Arc<Snapshot>>) {
    let first = Arc::clone(&current.borrow().revision);
    note(&store, &path, &first).await;
    let mut file = Follower { path, seen: None, settled: None, candidate: None };
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        if current.is_closed() {
            return;
        }
        let Some(text) = file.look() else { continue };
        let Some(next) = file.judge(text, &current.borrow()) else { continue };
        let revision = Arc::clone(&next.revision);
        current.send_replace(Arc::new(next));
        report(&format!("policy reloaded, revision {revision}"));
        note(&store, &file.path, &revision).await;
    }
}

/// Which policy was in force when stands in the log. Calls are recorded with their revision, so
/// a log that cannot be written here stops them, not us.
async fn note(store: &Store, path: &Path, revision: &str) {
    let text = format!("revision {revision} of {}", path.display());
    let _ = store.note("policy_in_force", &text).await;
}

struct Follower {
    path: PathBuf,
    /// The file as the last look found it.
    seen: Option<Stamp>,
    /// The file whose text was last judged.
    settled: Option<Stamp>,
    candidate: Option<Result<String, String>>,
}

/// Tells one state of a file from another without reading it.
#[derive(Clone, PartialEq, Eq)]
struct Stamp {
    size: u64,
    modified: Option<SystemTime>,
    #[cfg(unix)]
    identity: (u64, u64, i64, i64),
}

impl Follower {
    /// The file's text, if it changed and then stood still between two looks.
    fn look(&mut self) -> Option<Result<String, String>> {
        let stamp = self.stamp();
        let still = stamp == self.seen;
        self.seen.clone_from(&stamp);
        if still && stamp == self.settled {
            return None;
        }
        let text = std::fs::read(&self.path)
            .map_err(|e| e.to_string())
            .and_then(|bytes| String::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned()));
        if !still || self.candidate.as_ref() != Some(&text) {
            self.candidate = Some(text);
            return None;
        }
        self.settled = stamp;
        self.candidate.take()
    }

    /// The policy to put in force; nothing where the one in force stays.
    fn judge(&self, text: Result<String, String>, current: &Snapshot) -> Option<Snapshot> {
        let kept = format!("the last good policy stays in force, revision {}", current.revision);
        let path = self.path.display();
        let text = match text {
            Ok(text) if text == current.text() => return None,
            Ok(text) => text,
            Err(why) => {
                report(&format!("cannot read the policy {path}: {why}; {kept}"));
                return None;
            }
        };
        if document::is_truncation_of(&text, current.text()) {
            report(&format!(
                "{path} looks cut off: it is the beginning of the policy in force; {kept}"
            ));
            return None;
        }
        match Snapshot::from_text(&self.path, text) {
            Ok((next, _)) => Some(next),
            Err(Unread::Invalid(errors)) => {
                report(&format!("the new policy has errors; {kept}\n{errors}"));
                None
            }
            Err(Unread::Unreadable(e)) => {
                report(&format!("cannot read the policy {path}: {e}; {kept}"));
                None
            }
        }
    }

    #[cfg(unix)]
    fn stamp(&self) -> Option<Stamp> {
        use std::os::unix::fs::MetadataExt;
        let meta = std::fs::metadata(&self.path).ok()?;
        let identity = (meta.dev(), meta.ino(), meta.ctime(), meta.ctime_nsec());
        Some(Stamp { size: meta.len(), modified: meta.modified().ok(), identity })
    }

    #[cfg(not(unix))]
    fn stamp(&self) -> Option<Stamp> {
        let meta = std::fs::metadata(&self.path).ok()?;
        Some(Stamp { size: meta.len(), modified: meta.modified().ok() })
    }
}
