//! How a collector takes what it is sent: said once when it changes, not with every batch.

use crate::report::report;

use super::delivery::Undelivered;

#[derive(Debug)]
pub(super) struct Mood {
    what: &'static str,
    refuses: Refuses,
    /// Whether it was said that some were not taken.
    grumbled: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refuses {
    ForEver,
    Nothing,
    Now,
}

/// Whether another try can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    Later,
    Never,
}

impl Mood {
    pub(super) fn new(what: &'static str) -> Self {
        Self { what, refuses: Refuses::Nothing, grumbled: false }
    }

    /// Whether the last was refused in a way that no time mends.
    pub(super) fn is_final(&self) -> bool {
        self.refuses == Refuses::ForEver
    }

    /// Gives how many items were not taken though others were.
    pub(super) fn note(&mut self, sent: Result<(), Undelivered>) -> Result<u64, Again> {
        let what = self.what;
        let (refuses, why, result) = match sent {
            Ok(()) => (Refuses::Nothing, String::new(), Ok(0)),
            Err(Undelivered::Partly(count, why)) => {
                if !std::mem::replace(&mut self.grumbled, true) {
                    report(&format!("the collector drops {what}: {why}"));
                }
                (Refuses::Nothing, String::new(), Ok(count))
            }
            Err(Undelivered::Later(why)) => (Refuses::Now, why, Err(Again::Later)),
            Err(Undelivered::Never(why)) => (Refuses::ForEver, why, Err(Again::Never)),
        };
        let before = std::mem::replace(&mut self.refuses, refuses);
        match (before == Refuses::Nothing, refuses == Refuses::Nothing) {
            (true, false) => report(&format!(
                "{what} do not reach the collector (`telemetry.otlp`): {why}; calls go on \
                 without, `toolgate_otlp_spans_total` counts what is lost"
            )),
            (false, true) => report(&format!("the collector takes {what} again")),
            (true, true) | (false, false) => {}
        }
        result
    }
}
