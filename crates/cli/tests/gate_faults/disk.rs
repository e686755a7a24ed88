//! State that cannot be used, at the start and later: one line says so, and nothing goes through.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{FileExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::json;
use toolgate_testkit::{LEGACY_VERSION, Pipe};

use crate::evidence::Evidence;
use crate::rig::{Heard, Rig, Told};

const POLICY: &str = "\
version: \"1\"
default: deny
record: args
tools: {nonce: {limits: [{counter: c, window: hour, max: 100000}]}}
";

/// What a client sends that does not wait for answers.
fn hello_and_a_call() -> String {
    let params = json!({"protocolVersion": LEGACY_VERSION, "capabilities": {},
                        "clientInfo": {"name": "faults", "version": "1"}});
    let hello = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params});
    let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                      "params": {"name": "nonce", "arguments": {"nonce": "early"}}});
    format!("{hello}\n{call}\n")
}

/// The gate does not start: one line with this part, the documented code, nothing let through.
#[track_caller]
fn refuses(rig: &Rig, mut command: Command, code: i32, part: &str) {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // It may be gone already.
    let _ = child.stdin.take().unwrap().write_all(hello_and_a_call().as_bytes());
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{part}: {stderr}");
    assert!(output.stdout.is_empty(), "{part}: {}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(stderr.lines().count(), 1, "{part}: {stderr}");
    assert!(stderr.starts_with("toolgate: ") && stderr.contains(part), "{part}: {stderr}");
    // What is wrong, and behind the last semicolon how to mend it.
    assert!(stderr.contains("; "), "{stderr}");
    assert!(rig.ledger().entries().is_empty(), "{part}");
}

/// A rig whose state directory holds some entries.
async fn used() -> Rig {
    let rig = Rig::new(POLICY);
    let pipe = rig.start(&[]);
    let heard = Heard::default();
    for call in 0..20 {
        assert_eq!(heard.call(&pipe, "nonce", &call.to_string()).await, Told::Allowed);
    }
    assert!(pipe.close().await.success());
    for ledger in ["ledger", "ledger.raw"] {
        fs::remove_file(rig.scratch.at(ledger)).unwrap();
    }
    rig
}

#[test]
fn a_state_directory_that_cannot_be_made_or_used_is_refused() {
    let rig = Rig::new(POLICY);
    let file = rig.scratch.file("file", "no folder");
    let refused = |state: PathBuf, part: &str| refuses(&rig, rig.gate_on(state, &[]), 7, part);
    refused(file.join("state"), "file/state");
    refused(file.clone(), "file");
    refused("/proc/toolgate".into(), "/proc/toolgate");
    fs::create_dir(rig.scratch.state()).unwrap();
    fs::set_permissions(rig.scratch.state(), fs::Permissions::from_mode(0o777)).unwrap();
    refused(rig.scratch.state(), "chmod go-w");
}

#[test]
fn a_policy_that_cannot_be_read_is_refused() {
    let rig = Rig::new(POLICY);
    fs::remove_file(rig.scratch.at("policy.yaml")).unwrap();
    refuses(&rig, rig.gate(&[]), 6, "--policy");
    assert!(!rig.scratch.state().exists());
}

#[test]
fn a_server_that_cannot_be_started_is_named() {
    let rig = Rig::new(POLICY);
    let mut command = rig.toolgate("run");
    command.arg("--policy").arg(rig.scratch.at("policy.yaml"));
    command.arg("--state").arg(rig.scratch.state()).args(["--", "./no-such-server"]);
    refuses(&rig, command, 4, "./no-such-server");
}

/// Damages a file of the state directory.
type Damage = (&'static str, fn(&Path));

const DAMAGES: [Damage; 7] = [
    ("no database", |state| {
        fs::write(state.join("audit.db"), "not a database".repeat(99)).unwrap();
    }),
    ("a database cut short", |state| {
        let file = fs::OpenOptions::new().write(true).open(state.join("audit.db")).unwrap();
        file.set_len(file.metadata().unwrap().len() / 2).unwrap();
    }),
    ("an emptied database", |state| {
        fs::OpenOptions::new()
            .write(true)
            .open(state.join("audit.db"))
            .unwrap()
            .set_len(0)
            .unwrap();
    }),
    ("a database begun anew", |state| fs::remove_file(state.join("audit.db")).unwrap()),
    ("zeros in each page", |state| {
        let file = fs::OpenOptions::new().write(true).open(state.join("audit.db")).unwrap();
        for page in 1..file.metadata().unwrap().len() / 4096 {
            file.write_all_at(&[0; 64], page * 4096).unwrap();
        }
    }),
    ("an entry changed", |state| edit(state, b"policy_in_force", b"policy_in_farce")),
    ("a head of another log", |state| {
        let head = fs::read_to_string(state.join("head")).unwrap();
        let at = head.find("\"chain\":\"").unwrap() + 9;
        let other = if &head[at..=at] == "0" { "1" } else { "0" };
        fs::write(state.join("head"), format!("{}{other}{}", &head[..at], &head[at + 1..]))
            .unwrap();
    }),
];

/// Replaces bytes in the database file.
fn edit(state: &Path, from: &[u8], to: &[u8]) {
    let path = state.join("audit.db");
    let mut bytes = fs::read(&path).unwrap();
    let found: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(from)).collect();
    assert!(!found.is_empty());
    for at in found {
        bytes[at..at + from.len()].copy_from_slice(to);
    }
    fs::write(path, bytes).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_store_is_refused() {
    for (what, damage) in DAMAGES {
        let rig = used().await;
        let state = rig.scratch.state();
        assert!(!state.join("audit.db-wal").exists(), "a clean end leaves one file");
        damage(&state);
        println!("{what}");
        refuses(&rig, rig.gate(&[]), 7, "audit.db` is damaged");
    }
}

/// Something that runs in a mount namespace of its own, on a file system of so many bytes.
struct Mount {
    at: PathBuf,
    bytes: usize,
}

impl Mount {
    fn allowed() -> bool {
        let allowed = Command::new("unshare").args(["-m", "true"]).output();
        let allowed = allowed.is_ok_and(|output| output.status.success());
        if !allowed {
            assert!(std::env::var_os("TOOLGATE_REQUIRE_MOUNT").is_none(), "no mount namespaces");
            eprintln!("skipped: mount namespaces are not permitted here");
        }
        allowed
    }

    /// The same command, behind the mount; `then` runs in the shell before it.
    fn command(&self, inner: &Command, then: &str) -> Command {
        let mut command = Command::new("unshare");
        let script = format!(
            "mount -t tmpfs -o size={},mode=700 tmpfs \"$0\" && {then} exec \"$@\"",
            self.bytes
        );
        command.args(["-m", "sh", "-c", &script]).arg(&self.at);
        command.arg(inner.get_program()).args(inner.get_args());
        for (name, value) in inner.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }

    /// Where the mount is from outside.
    fn seen_by(&self, pipe: &Pipe) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", pipe.pid().unwrap()));
        root.join(self.at.strip_prefix("/").unwrap())
    }
}

fn mount(rig: &Rig, bytes: usize) -> Mount {
    fs::create_dir(rig.scratch.state()).unwrap();
    Mount { at: rig.scratch.state(), bytes }
}

#[test]
fn a_disk_that_is_full_or_read_only_at_the_start_is_refused() {
    if !Mount::allowed() {
        return;
    }
    for (bytes, then) in [
        (4096, ""),
        (16384, ""),
        (40960, ""),
        (1 << 20, "head -c 1048576 /dev/zero > \"$0/filler\" 2>/dev/null;"),
        (1 << 20, "mount -o remount,ro \"$0\" &&"),
    ] {
        let rig = Rig::new(POLICY);
        let mount = mount(&rig, bytes);
        refuses(&rig, mount.command(&rig.gate(&[]), then), 7, "cannot write");
    }
}

/// Fills what room there is.
fn fill(folder: &Path) {
    let mut filler = fs::File::create(folder.join("filler")).unwrap();
    for size in [65536, 4096, 512, 1] {
        let block = vec![0; size];
        let full = || filler.write_all(&block).is_err();
        assert!(std::iter::repeat_with(full).any(|full| full));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_fills_up_denies_until_there_is_room_again() {
    if !Mount::allowed() {
        return;
    }
    let rig = Rig::new(POLICY);
    let mount = mount(&rig, 4 << 20);
    let pipe = Pipe::spawn(mount.command(&rig.gate(&[]), ""));
    pipe.open().await;
    let heard = Heard::default();
    let state = mount.seen_by(&pipe);
    for round in 0..3 {
        assert_eq!(heard.call(&pipe, "nonce", &format!("{round}")).await, Told::Allowed);
        fill(&state);
        denied_once_full(&pipe, &heard, round).await;
        fs::remove_file(state.join("filler")).unwrap();
        let told = heard.call(&pipe, "nonce", &format!("room-{round}")).await;
        assert_eq!(told, Told::Allowed, "there is room again: {}", pipe.stderr());
    }
    // Before the mount goes with the gate.
    take_out(&rig, &pipe, &state).await;
    let evidence = Evidence::of(&rig);
    evidence.sentinel_within_intents().refunds_are_due().heard_the_truth(&heard.all());
    evidence.verifies(&rig);
}

/// What is allocated already may take some more calls; then each is denied.
async fn denied_once_full(pipe: &Pipe, heard: &Heard, round: usize) {
    let mut denied = 0;
    for call in 0..4000 {
        let told = heard.call(pipe, "nonce", &format!("full-{round}-{call}")).await;
        denied += usize::from(told.is("unrecorded"));
        assert!(told.is("unrecorded") || (told == Told::Allowed && denied == 0), "{told:?}");
        if denied == 10 {
            return;
        }
    }
    panic!("the disk never got full");
}

/// Copies what the gate has written to where there is no mount, and kills the gate.
async fn take_out(rig: &Rig, pipe: &Pipe, state: &Path) {
    let pid = rustix::process::Pid::from_raw(pipe.pid().unwrap().cast_signed()).unwrap();
    // Stopped, so that the copy is of one moment; nothing is under way.
    rustix::process::kill_process(pid, rustix::process::Signal::STOP).unwrap();
    for file in fs::read_dir(state).unwrap().flatten() {
        fs::copy(file.path(), rig.scratch.state().join(file.file_name())).unwrap();
    }
    pipe.kill().await;
}

/// The log is swapped, removed or made unusable under a running gate.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_is_taken_away_while_running_denies() {
    let acts: [Damage; 4] = [
        ("removed", |state| fs::remove_file(state.join("audit.db")).unwrap()),
        ("moved", |state| {
            fs::rename(state.join("audit.db"), state.join("elsewhere.db")).unwrap();
        }),
        ("replaced by a copy", |state| {
            fs::copy(state.join("audit.db"), state.join("copy")).unwrap();
            fs::rename(state.join("copy"), state.join("audit.db")).unwrap();
        }),
        ("gone with its folder", |state| fs::remove_dir_all(state).unwrap()),
    ];
    for (what, act) in acts {
        let rig = Rig::new(POLICY);
        let pipe = rig.start(&[]);
        let heard = Heard::default();
        assert_eq!(heard.call(&pipe, "nonce", "before").await, Told::Allowed);
        act(&rig.scratch.state());
        for call in 0..5 {
            let told = heard.call(&pipe, "nonce", &format!("after-{call}")).await;
            assert!(told.is("unrecorded"), "{what}: {told:?}");
        }
        assert_eq!(rig.ledger().calls().len(), 1, "{what}");
        pipe.close().await;
    }
}
