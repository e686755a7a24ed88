//! Who may use what: servers, policies and grants. The part of the state that people change.
//!
//! Tables beside the log. Every change is appended to the log in its own transaction, so that a
//! call which was decided before it is found out when it is admitted.

mod account;
mod account_table;
mod act;
mod freeze;
mod freeze_table;
mod gone_table;
mod perform;
mod pin;
mod pin_table;
mod read;
mod survey;
mod survey_table;
mod tables;
mod token;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use account::{Account, NewAccount, Power, Role};
pub use act::{Act, NewGrant};
pub use freeze::{Extent, Freeze, Freezes};
pub use pin::{Pin, PinnedTool, SeenTool};
pub use read::DirectoryReader;
pub use survey::{NewSurvey, Survey, SurveyTool};
pub use token::{Token, TokenHash, TokenKind};

pub(crate) use account_table::ACCOUNT_TABLE;
pub(crate) use freeze_table::{FREEZE_TABLE, all as freezes};
pub(crate) use gone_table::GONE_TABLE;
pub(crate) use perform::{Change, Concern, perform};
pub(crate) use pin_table::PIN_TABLE;
pub(crate) use survey_table::SURVEY_TABLES;
pub(crate) use tables::{TABLES, seq, set_seq};

/// All of it, as of one entry of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directory {
    /// The newest entry that changed it; 0 if none did.
    pub seq: u64,
    pub servers: BTreeMap<String, Server>,
    /// The revision in force of each.
    pub policies: BTreeMap<String, PolicyText>,
    pub grants: BTreeMap<String, Grant>,
    /// The policy that stands above every grant's.
    pub organization: Option<String>,
    /// What is pinned of each server's tools, by their names. A server that was removed keeps its
    /// pins: to remove and add it again is no way to change a tool unseen.
    pub pins: BTreeMap<String, Arc<BTreeMap<String, Pin>>>,
    pub freezes: Freezes,
}

/// What the policy is called that the config file puts above every grant's. The command line
/// cannot make a name like that.
pub const CONFIGURED: &str = "config:organization";

/// A registered upstream server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    pub name: String,
    /// How to reach it, as JSON text: its meaning is its reader's.
    pub spec: String,
    pub origin: Origin,
}

/// Who keeps an entry: the other may not change it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Cli,
    Config,
}

/// One revision of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyText {
    pub name: String,
    /// Counts from 1.
    pub revision: u64,
    pub text: String,
    pub put_ms: u64,
}

/// A principal's right to use servers under a policy, until a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    pub name: String,
    pub issuer: String,
    pub subject: String,
    /// In the order in which they were given.
    pub servers: Vec<String>,
    /// A grant without a policy denies.
    pub policy: Option<String>,
    /// Nothing for a grant that only claims of a signed token lead to.
    pub token: Option<TokenHash>,
    pub created_ms: u64,
    pub expires_ms: Option<u64>,
    pub revoked_ms: Option<u64>,
}

impl Origin {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cli => "cli",
            Self::Config => "config",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Cli, Self::Config].into_iter().find(|origin| origin.as_str() == text)
    }
}

impl Grant {
    /// Whether it may be used at `wall_ms`.
    pub fn is_live(&self, wall_ms: u64) -> bool {
        self.revoked_ms.is_none() && self.expires_ms.is_none_or(|expires| wall_ms < expires)
    }
}
