//! The revisions of MCP, and which of them two peers speak.

use std::borrow::Cow;
use std::fmt;

use toolgate_json::Value;

use crate::message::{Era, Message};

/// A revision, older before newer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    V2024_11_05,
    V2025_03_26,
    V2025_06_18,
    V2025_11_25,
    V2026_07_28,
}

impl Version {
    pub const ALL: [Self; 5] = [
        Self::V2024_11_05,
        Self::V2025_03_26,
        Self::V2025_06_18,
        Self::V2025_11_25,
        Self::V2026_07_28,
    ];

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.as_str() == text)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::V2024_11_05 => "2024-11-05",
            Self::V2025_03_26 => "2025-03-26",
            Self::V2025_06_18 => "2025-06-18",
            Self::V2025_11_25 => "2025-11-25",
            Self::V2026_07_28 => "2026-07-28",
        }
    }

    pub fn era(self) -> Era {
        if self >= Self::V2026_07_28 { Era::Modern } else { Era::Legacy }
    }

    /// JSON-RPC batches came with 2025-03-26 and went with 2025-06-18.
    pub fn has_batches(self) -> bool {
        self == Self::V2025_03_26
    }

    /// Whether an event stream may begin with an event that has an id and no data: since
    /// 2025-11-25, for as long as streams can be resumed.
    pub fn has_priming(self) -> bool {
        self == Self::V2025_11_25
    }

    /// Whether `MCP-Protocol-Version` stands on every HTTP request behind the first.
    pub fn has_version_header(self) -> bool {
        self >= Self::V2025_06_18
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a client asks for in `initialize`.
pub fn requested(message: &Message) -> Option<Cow<'_, str>> {
    if !message.is_method("initialize") {
        return None;
    }
    protocol_version(message.params()?)
}

/// What a server settles on in its answer to `initialize`.
pub fn negotiated(message: &Message) -> Option<Cow<'_, str>> {
    protocol_version(message.result()?)
}

fn protocol_version(holder: Value<'_>) -> Option<Cow<'_, str>> {
    holder.get("protocolVersion")?.as_str()
}
