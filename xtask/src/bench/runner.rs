//! Runs every arm under every load, in shuffled order, each in fresh processes.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use serde::Serialize;
use serde_json::Value;

use super::arm::{self, Arm};
use super::block::{Block, Mode, Transport};
use super::levels::{LEVELS, SERVE};
use super::sample::Sample;
use super::shuffle::Shuffle;
use crate::Result;
use crate::command::{cargo, output, run as run_command, target_directory, works};

/// The release binaries, and the directory for what they need and leave.
pub(crate) struct Programs {
    load: PathBuf,
    pub(crate) echo: PathBuf,
    pub(crate) pump: PathBuf,
    pub(crate) proxy: PathBuf,
    pub(crate) toolgate: PathBuf,
    place: PathBuf,
}

impl Programs {
    pub(crate) fn config(&self) -> PathBuf {
        self.place.join("toolgate.yaml")
    }

    fn serve_policy(&self) -> PathBuf {
        self.place.join("serve.yaml")
    }

    pub(crate) fn policy(&self, level: usize) -> PathBuf {
        self.place.join(format!("level-{level}.yaml"))
    }
}

pub(crate) struct Runner {
    programs: Programs,
    seconds: f64,
    /// The core that everything is pinned to.
    core: Option<usize>,
    shuffle: Shuffle,
    /// What gave no figures, and why.
    broken: Vec<(Block, &'static str, String)>,
}

/// One arm under one load in one repeat.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    #[serde(flatten)]
    pub(crate) block: Block,
    pub(crate) repeat: u32,
    pub(crate) arm: &'static str,
    #[serde(flatten)]
    pub(crate) sample: Sample,
}

/// The state directory was made, a policy came into force.
const NOTES: u32 = 2;
/// The state directory was made, and has a server, a policy and a grant now.
const NOTES_SERVING: u32 = 4;

impl Runner {
    /// Builds all that takes part, in the profile that is shipped.
    pub(crate) fn build(seconds: f64) -> Result<Self> {
        let packages = ["--package=toolgate", "--package=toolgate-testkit", "--package=xtask"];
        for package in packages {
            // One by one: together they would share features that they do not have alone.
            run_command(cargo().args(["build", "--release", "--locked", "--bins", package]))?;
        }
        let target = target_directory()?;
        let (release, place) = (target.join("release"), target.join("bench"));
        fs::create_dir_all(&place)?;
        let programs = Programs {
            load: release.join("bench-load"),
            echo: release.join("echo-server"),
            pump: release.join("bench-pump"),
            proxy: release.join("bench-http-proxy"),
            toolgate: release.join("toolgate"),
            place,
        };
        for (index, level) in LEVELS.iter().enumerate() {
            fs::write(programs.policy(index), level.policy)?;
        }
        fs::write(programs.serve_policy(), SERVE.policy)?;
        // As durable as `run` is, so that the figures can be compared.
        fs::write(programs.config(), "listen: 127.0.0.1:0\ndurability: normal\n")?;
        let can_pin = works(Command::new("taskset").arg("--version"));
        let last_core = thread::available_parallelism()?.get() - 1;
        let core = can_pin.then_some(last_core);
        Ok(Self { programs, seconds, core, shuffle: Shuffle::by_clock(), broken: Vec::new() })
    }

    pub(crate) fn can_pin(&self) -> bool {
        self.core.is_some()
    }

    pub(crate) fn place(&self) -> &Path {
        &self.programs.place
    }

    pub(crate) fn measure(&mut self, blocks: &[Block], repeats: u32) -> Vec<Row> {
        let mut rows = Vec::new();
        for repeat in 1..=repeats {
            for block in blocks {
                eprintln!("repeat {repeat} of {repeats}: {block}");
                rows.extend(self.measure_block(*block, repeat));
            }
        }
        rows
    }

    fn measure_block(&mut self, block: Block, repeat: u32) -> Vec<Row> {
        let mut arms = arm::all(block.transport, &self.programs);
        self.shuffle.shuffle(&mut arms);
        let mut rows = Vec::new();
        for arm in arms {
            if self.broken.iter().any(|(other, name, _)| *other == block && *name == arm.name) {
                continue;
            }
            match self.sample(block, &arm) {
                Ok(sample) => rows.push(Row { block, repeat, arm: arm.name, sample }),
                Err(failure) => {
                    eprintln!("  {}: {failure}", arm.name);
                    self.broken.push((block, arm.name, failure.to_string()));
                }
            }
        }
        rows
    }

    fn sample(&self, block: Block, arm: &Arm) -> Result<Sample> {
        let state = self.programs.place.join("state");
        remove(&state)?;
        let log = self.programs.place.join("stderr.log");
        let mut command = self.load(block, arm, &state);
        command.stdout(Stdio::piped()).stderr(File::create(&log)?).stdin(Stdio::null());
        let child = command.process_group(0).spawn()?;
        let text = finish(child, Duration::from_secs_f64(30.0 + 3.0 * self.seconds))
            .map_err(|failure| format!("{failure}; see {}", log.display()))?;
        let sample: Sample = serde_json::from_str(&text)?;
        if let Some(level) = arm.level {
            let notes = if arm.wants_grant() { NOTES_SERVING } else { NOTES };
            self.count_records(&state, sample.sent * level.records_per_call() + notes)?;
        }
        remove(&state)?;
        Ok(sample)
    }

    /// A gate that loses work is fast: every call must stand in an intact log, once.
    fn count_records(&self, state: &Path, wanted: u32) -> Result {
        let mut verify = Command::new(&self.programs.toolgate);
        verify.args(["audit", "verify", "--json", "--state"]).arg(state);
        let report: Value = serde_json::from_slice(&output(&mut verify)?)?;
        let is_whole = report["entries"] == wanted
            && report["holds"] == true
            && report["unclosed"].as_array().is_some_and(Vec::is_empty);
        if is_whole { Ok(()) } else { Err(format!("{wanted} records wanted: {report}").into()) }
    }

    /// The load generator for this arm, pinned if the block wants that.
    fn load(&self, block: Block, arm: &Arm, state: &Path) -> Command {
        let mut command = match (block.mode, self.core) {
            (Mode::Pinned, Some(core)) => {
                let mut command = Command::new("taskset");
                command.args(["-c", &core.to_string()]).arg(&self.programs.load);
                command
            }
            (Mode::Pinned | Mode::Unpinned, _) => Command::new(&self.programs.load),
        };
        command.args(["--bytes", &block.bytes.to_string()]);
        command.args(["--in-flight", &block.in_flight.to_string()]);
        command.args(["--seconds", &self.seconds.to_string()]);
        command.args(["--answer", if arm.denies() { "denied" } else { "result" }]);
        if block.transport == Transport::Http {
            command.arg("--http");
            if !arm.is_direct() {
                command.arg("--upstream").arg(&self.programs.echo);
            }
            if arm.wants_grant() {
                command.arg("--grant").arg(self.programs.serve_policy());
            } else if arm.level.is_some() {
                command.arg("--token");
            }
        }
        let state = state.to_string_lossy();
        command.arg("--").args(arm.command.iter().map(|word| word.replace("{state}", &state)));
        command
    }

    /// The arms that gave no figures, and why.
    pub(crate) fn broken(&self) -> Vec<String> {
        let told = |(block, arm, why): &(Block, &str, String)| format!("{arm} ({block}): {why}");
        self.broken.iter().map(told).collect()
    }
}

fn remove(directory: &Path) -> Result {
    if directory.exists() {
        fs::remove_dir_all(directory)?;
    }
    Ok(())
}

/// Waits for the process and returns what it printed; kills its whole group when it takes too long.
fn finish(mut child: Child, patience: Duration) -> Result<String> {
    let group = Pid::from_child(&child);
    let deadline = Instant::now() + patience;
    while child.try_wait()?.is_none() {
        if Instant::now() > deadline {
            kill_process_group(group, Signal::KILL)?;
            child.wait()?;
            return Err(format!("no end after {} s", patience.as_secs()).into());
        }
        thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Err(format!("the load generator ended with {}", output.status).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}
