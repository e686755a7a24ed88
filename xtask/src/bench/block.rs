//! Under which load the arms are compared with one another.

use std::fmt;

use serde::Serialize;

/// Arms are compared inside one block only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Block {
    pub(crate) transport: Transport,
    pub(crate) mode: Mode,
    /// Length of the arguments of a call.
    pub(crate) bytes: usize,
    pub(crate) in_flight: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Transport {
    Http,
    Stdio,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Mode {
    /// Every process on one core: nothing runs at the same time, figures repeat.
    Pinned,
    /// As the scheduler likes.
    Unpinned,
}

pub(crate) fn all(transports: &[Transport], can_pin: bool) -> Vec<Block> {
    let modes: &[Mode] = if can_pin { &[Mode::Pinned, Mode::Unpinned] } else { &[Mode::Unpinned] };
    let mut blocks = Vec::new();
    for &transport in transports {
        for &mode in modes {
            let loads = [(300, 1), (300, 32), (100_000, 1), (100_000, 32)];
            blocks.extend(loads.map(|(bytes, in_flight)| Block {
                transport,
                mode,
                bytes,
                in_flight,
            }));
        }
    }
    blocks
}

impl Block {
    /// Whether single latencies mean something here: nobody waits behind others.
    pub(crate) fn is_sequential(&self) -> bool {
        self.in_flight == 1
    }
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let transport = match self.transport {
            Transport::Http => "HTTP",
            Transport::Stdio => "stdio",
        };
        let size = match self.bytes {
            bytes if bytes < 1000 => format!("{bytes} B"),
            bytes => format!("{} KB", bytes / 1000),
        };
        write!(f, "{transport}, {}, arguments of {size}, {} in flight", self.mode, self.in_flight)
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pinned => "one core",
            Self::Unpinned => "all cores",
        })
    }
}
