//! What can be done to the directory.

use super::{Extent, NewAccount, NewSurvey, Origin, Role, SeenTool, Server, TokenHash};

/// One change. Several that belong together are done together or not at all.
#[derive(Clone, Debug)]
pub enum Act {
    /// Takes over what a server says of its tools now: of one, or of all that have changed. A tool
    /// that is gone is no longer pinned then.
    AcceptTools {
        server: String,
        tool: Option<String>,
        /// Only if the fingerprint of what is taken over begins so, in hexadecimal: what somebody
        /// has looked at may be something else by now.
        fingerprint: Option<String>,
    },
    AddAccount(NewAccount),
    AddGrant(NewGrant),
    AttachPolicy {
        grant: String,
        policy: String,
    },
    /// Names the servers that a grant may use, in order.
    AttachServers {
        grant: String,
        servers: Vec<String>,
    },
    /// Changes nothing, and stops all that is done together with it unless this revision of a
    /// policy is the newest: what somebody has changed may be another by now. 0 is none at all.
    ExpectPolicy {
        name: String,
        revision: u64,
    },
    /// Drops all that scans have found of a server.
    ForgetSurveys {
        server: String,
    },
    /// Nothing passes there from now on. What is frozen already stays as it is.
    Freeze {
        extent: Extent,
        /// One line; agents hear it.
        reason: Option<String>,
    },
    /// Pinned tools that a server no longer lists, as somebody has just read its whole list.
    MissTools {
        server: String,
        tools: Vec<String>,
    },
    /// A new revision, in force at once. The same text again changes nothing.
    PutPolicy {
        name: String,
        text: String,
    },
    PutServer(Server),
    /// What a scan has found.
    RecordSurvey(NewSurvey),
    RemoveServer {
        name: String,
    },
    RevokeAccount {
        name: String,
    },
    RevokeGrant {
        name: String,
    },
    /// Puts an older revision in force again, as a new one.
    RollbackPolicy {
        name: String,
        revision: u64,
    },
    RotateToken {
        grant: String,
        token: TokenHash,
    },
    /// What a server said of its tools, as somebody has just read it.
    SeeTools {
        server: String,
        tools: Vec<SeenTool>,
    },
    /// The policy above every grant's, or none.
    SetOrganization {
        policy: Option<String>,
        origin: Origin,
    },
    /// What is kept of an account's password, or nothing.
    SetPassword {
        name: String,
        password: Option<String>,
    },
    /// What an account may do, and at which servers: none for all.
    SetRole {
        name: String,
        role: Role,
        servers: Vec<String>,
    },
    /// All servers of the config file; what it no longer has is removed.
    SyncServers {
        servers: Vec<(String, String)>,
    },
    /// Ends a freeze of this very extent, and no other.
    Thaw {
        extent: Extent,
        reason: Option<String>,
    },
}

#[derive(Clone, Debug)]
pub struct NewGrant {
    pub name: String,
    pub issuer: String,
    pub subject: String,
    pub servers: Vec<String>,
    pub policy: Option<String>,
    pub token: Option<TokenHash>,
    pub expires_ms: Option<u64>,
}

impl Server {
    pub fn of_cli(name: impl Into<String>, spec: impl Into<String>) -> Self {
        Self { name: name.into(), spec: spec.into(), origin: Origin::Cli }
    }
}
