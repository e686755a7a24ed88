//! The directory as its readers have it.

use std::path::Path;

use rusqlite::Connection;

use crate::database::Database;
use crate::error::{OpenError, ReadError};
use crate::state_dir::StateDir;

use super::{
    Account, Directory, Freezes, PinnedTool, PolicyText, Survey, SurveyTool, TokenHash,
    account_table, freeze_table, pin_table, survey_table, tables,
};

/// Reads the directory. It takes no lock and is in nobody's way.
pub struct DirectoryReader(Database);

impl DirectoryReader {
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let state = StateDir::readable(path)?;
        Ok(Self(Database::open_read_only(&state.database())?))
    }

    /// The newest entry of the log that changed it: a cheap look.
    pub fn seq(&self) -> Result<u64, ReadError> {
        Ok(tables::seq(self.0.connection())?)
    }

    /// All of it, as of one moment.
    pub fn read(&self) -> Result<Directory, ReadError> {
        let db = self.0.connection();
        let moment = db.unchecked_transaction()?;
        let directory = read(db)?;
        moment.commit()?;
        Ok(directory)
    }

    /// What is frozen.
    pub fn freezes(&self) -> Result<Freezes, ReadError> {
        Ok(freeze_table::all(self.0.connection())?)
    }

    /// Revoked ones too.
    pub fn accounts(&self) -> Result<Vec<Account>, ReadError> {
        Ok(account_table::all(self.0.connection())?)
    }

    pub fn account(&self, name: &str) -> Result<Option<Account>, ReadError> {
        Ok(account_table::one(self.0.connection(), name)?)
    }

    /// Whose token it is. A revoked account has none.
    pub fn account_of(&self, token: TokenHash) -> Result<Option<Account>, ReadError> {
        Ok(account_table::by_token(self.0.connection(), token)?)
    }

    /// What is kept of an account's password.
    pub fn password_of(&self, account: &str) -> Result<Option<String>, ReadError> {
        Ok(account_table::password(self.0.connection(), account)?)
    }

    /// Every revision of one policy, oldest first.
    pub fn revisions(&self, policy: &str) -> Result<Vec<PolicyText>, ReadError> {
        Ok(tables::revisions(self.0.connection(), policy)?)
    }

    /// One tool of a server with its definitions.
    pub fn pinned_tool(&self, server: &str, tool: &str) -> Result<Option<PinnedTool>, ReadError> {
        Ok(pin_table::one(self.0.connection(), server, tool)?)
    }

    /// Every state that scans have found a server in, or all servers; oldest first.
    pub fn surveys(&self, server: Option<&str>) -> Result<Vec<Survey>, ReadError> {
        let db = self.0.connection();
        if !survey_table::exist(db)? {
            return Ok(Vec::new());
        }
        Ok(survey_table::all(db, server)?)
    }

    /// The tools of one survey. None if it is no longer kept.
    pub fn surveyed(&self, survey: u64) -> Result<Vec<SurveyTool>, ReadError> {
        Ok(survey_table::tools(self.0.connection(), survey)?)
    }
}

fn read(db: &Connection) -> rusqlite::Result<Directory> {
    let named = |server: super::Server| (server.name.clone(), server);
    Ok(Directory {
        seq: tables::seq(db)?,
        servers: tables::servers(db)?.into_iter().map(named).collect(),
        policies: tables::policies(db)?.into_iter().map(|p| (p.name.clone(), p)).collect(),
        grants: tables::grants(db)?.into_iter().map(|g| (g.name.clone(), g)).collect(),
        organization: tables::organization(db)?,
        freezes: freeze_table::all(db)?,
        pins: pin_table::all(db)?.into_iter().map(|(name, pins)| (name, pins.into())).collect(),
    })
}
