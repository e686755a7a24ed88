//! Questions as they come and end.

use std::collections::HashMap;

use toolgate_store::{Approval, ApprovalReader, State, Which};

use crate::exit::Failure;

/// What somebody who looks all the time has seen.
pub(crate) struct Changes {
    reader: ApprovalReader,
    seen: HashMap<String, State>,
    seq: Option<u64>,
}

impl Changes {
    pub(crate) fn new(reader: ApprovalReader) -> Self {
        Self { reader, seen: HashMap::new(), seq: None }
    }

    /// What is new since the last look; at the first one, what waits.
    pub(crate) fn poll(&mut self) -> Result<Vec<Approval>, Failure> {
        let seq = self.reader.seq()?;
        let waits =
            self.seen.values().any(|state| matches!(state, State::Pending | State::Approved));
        // What waits ends by itself, too.
        if self.seq == Some(seq) && !waits {
            return Ok(Vec::new());
        }
        let first = self.seq.replace(seq).is_none();
        let all = self.reader.list(Which::All)?;
        let mut news = Vec::new();
        let mut now = HashMap::with_capacity(all.len());
        for approval in all {
            now.insert(approval.id.clone(), approval.state);
            let known = self.seen.get(&approval.id) == Some(&approval.state);
            if !known && (!first || approval.state == State::Pending) {
                news.push(approval);
            }
        }
        self.seen = now;
        Ok(news)
    }
}
