//! What stands between the agent and the vulnerable server.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, io};

use toolgate_catalog::attacks::Attack;

/// One way to play an attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Setting {
    /// Nothing: for what the gate stops whatever the policy says.
    Alone,
    /// The gate, with the attack's policy.
    Guarded,
    /// The gate, with a policy that allows everything.
    Open,
}

const EVERYTHING: &str = "version: \"1\"\ndefault: allow\n";

/// A directory in which one attack is played once.
pub(super) struct Stage {
    place: PathBuf,
    setting: Setting,
}

impl Setting {
    /// For people.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Alone => "no gate at all",
            Self::Guarded => "the gate, with the policy",
            Self::Open => "the gate, everything allowed",
        }
    }
}

impl Stage {
    pub(super) fn new(place: &Path, setting: Setting, attack: &Attack) -> io::Result<Self> {
        let place = place.join(format!("{setting:?}").to_lowercase());
        fs::create_dir(&place)?;
        let policy = if setting == Setting::Guarded { &*attack.policy } else { EVERYTHING };
        fs::write(place.join("policy.yaml"), policy)?;
        Ok(Self { place, setting })
    }

    pub(super) fn ledger(&self) -> PathBuf {
        self.place.join("ledger")
    }

    pub(super) fn state(&self) -> PathBuf {
        self.place.join("state")
    }

    /// What the gate and the server said on their standard errors.
    pub(super) fn said(&self) -> String {
        fs::read_to_string(self.place.join("said")).unwrap_or_default()
    }

    /// This very program, as it would stand in a client's configuration.
    pub(super) fn command(&self, attack: &Attack) -> io::Result<Command> {
        let toolgate = env::current_exe()?;
        let mut command = Command::new(&toolgate);
        if self.setting != Setting::Alone {
            command.arg("run").arg("--policy").arg(self.place.join("policy.yaml"));
            command.arg("--state").arg(self.state()).args(["--server", "target", "--"]);
            command.arg(&toolgate);
        }
        command.args(["attacks", "target", &attack.id, "--ledger"]).arg(self.ledger());
        command.stderr(File::create(self.place.join("said"))?);
        Ok(command)
    }
}
