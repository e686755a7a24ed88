//! What stands between the agent and the vulnerable server.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, io};

use toolgate_catalog::attacks::Attack;

use super::door::Door;
use super::wire::Wire;
use crate::client::Client;
use crate::json::Object;

/// One way to play an attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Setting {
    /// Nothing: for what the gate stops whatever the policy says.
    Alone,
    /// The gate, with the attack's policy.
    Guarded,
    /// The gate, with a policy that allows everything.
    Open,
    /// The gateway, with the attack's policy and tools pinned.
    Pinned,
    /// The gateway, with a policy that allows everything and tools that may change.
    Unpinned,
}

const EVERYTHING: &str = "version: \"1\"\ndefault: allow\n";

/// A directory in which one attack is played once.
pub(super) struct Stage {
    place: PathBuf,
    toolgate: PathBuf,
    setting: Setting,
}

impl Setting {
    /// Without the policy and with it.
    pub(super) fn both(attack: &Attack) -> [Self; 2] {
        match &attack.play {
            Some(play) if play.pinned => [Self::Unpinned, Self::Pinned],
            Some(play) if play.gate_alone => [Self::Alone, Self::Guarded],
            Some(_) | None => [Self::Open, Self::Guarded],
        }
    }

    /// For people.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Alone => "no gate at all",
            Self::Guarded => "the gate, with the policy",
            Self::Open => "the gate, everything allowed",
            Self::Pinned => "the gateway, with the policy and `tools_changed: block`",
            Self::Unpinned => "the gateway, everything allowed and `tools_changed: allow`",
        }
    }
}

impl Stage {
    pub(super) fn new(place: &Path, setting: Setting, attack: &Attack) -> io::Result<Self> {
        let place = place.join(format!("{setting:?}").to_lowercase());
        fs::create_dir(&place)?;
        let policy = match setting {
            Setting::Guarded | Setting::Pinned => &*attack.policy,
            Setting::Alone | Setting::Open | Setting::Unpinned => EVERYTHING,
        };
        let stage = Self { place, toolgate: env::current_exe()?, setting };
        fs::write(stage.policy(), policy)?;
        if matches!(setting, Setting::Pinned | Setting::Unpinned) {
            fs::write(stage.config(), stage.configuration())?;
        }
        Ok(stage)
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

    /// Starts everything.
    pub(super) fn wire(&self, attack: &Attack) -> Result<Wire, String> {
        let said = File::create(self.place.join("said"));
        let said = said.map_err(|e| format!("cannot set the stage: {e}"))?;
        let mut command = Command::new(&self.toolgate);
        command.stderr(said);
        match self.setting {
            Setting::Alone => command.args(&self.target(attack)[1..]),
            Setting::Guarded | Setting::Open => command
                .arg("run")
                .arg("--policy")
                .arg(self.policy())
                .arg("--state")
                .arg(self.state())
                .args(["--server", "target", "--"])
                .args(self.target(attack)),
            Setting::Pinned | Setting::Unpinned => {
                let token = self.token(attack)?;
                command.arg("serve").arg("--config").arg(self.config());
                return Door::open(command, token).map(Wire::Door);
            }
        };
        Client::start(command).map(Wire::Pipe)
    }

    fn policy(&self) -> PathBuf {
        self.place.join("policy.yaml")
    }

    fn config(&self) -> PathBuf {
        self.place.join("toolgate.yaml")
    }

    /// This very program as the vulnerable server.
    fn target(&self, attack: &Attack) -> [String; 6] {
        let path = |path: &Path| path.to_string_lossy().into_owned();
        let words = ["attacks", "target", &attack.id, "--ledger"].map(str::to_owned);
        let [attacks, target, id, ledger] = words;
        [path(&self.toolgate), attacks, target, id, ledger, path(&self.ledger())]
    }

    /// Where the gateway listens, and where it keeps what it knows.
    fn configuration(&self) -> String {
        Object::new()
            .text("listen", "127.0.0.1:0")
            .path("state", Some(&self.state()))
            .text("durability", "normal")
            .finish()
    }

    /// Registers the server and a grant for it, as an operator would; the grant's token.
    fn token(&self, attack: &Attack) -> Result<String, String> {
        let changed = if self.setting == Setting::Pinned { "block" } else { "allow" };
        let server = ["server", "add", "target", "--tools-changed", changed];
        self.operate(&server, Path::new("--"), &self.target(attack))?;
        let grant = ["grant", "add", "agent", "--server", "target", "--policy"];
        self.operate(&grant, &self.policy(), &[])
    }

    /// What a command of an operator prints.
    fn operate(&self, words: &[&str], last: &Path, rest: &[String]) -> Result<String, String> {
        let (command, words) = words.split_at(2);
        let mut toolgate = Command::new(&self.toolgate);
        toolgate.args(command).arg("--config").arg(self.config());
        let output = toolgate.args(words).arg(last).args(rest).output();
        let output = output.map_err(|e| format!("cannot start myself: {e}"))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let said = said.lines().last().unwrap_or_default();
            return Err(format!("`{}` failed: {said}", command.join(" ")));
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}
