//! `toolgate child`: what a server in bounds can reach, tried out by a real process.

use std::net::{TcpListener, UdpSocket};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::{fs, thread};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use toolgate_testkit::bin;

use crate::toolgate::BINARY;

/// Starts the prober in bounds and lets it try.
fn reach(fence: &[String], attempts: &[String]) -> Output {
    let mut command = Command::new(BINARY);
    command.arg("child");
    for word in fence {
        command.arg("--fence").arg(word);
    }
    command.arg("--").arg(bin("reach")).args(attempts).output().unwrap()
}

#[track_caller]
fn tries(fence: &[String], attempts: &[(String, &str)]) {
    let named: Vec<String> = attempts.iter().map(|(attempt, _)| attempt.clone()).collect();
    let output = reach(fence, &named);
    let said = String::from_utf8(output.stdout).unwrap();
    let expected: Vec<String> =
        attempts.iter().map(|(a, outcome)| format!("{a} {outcome}")).collect();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(said.lines().collect::<Vec<_>>(), expected, "{stderr}");
    assert!(output.status.success(), "{stderr}");
}

fn file(folder: &TempDir, name: &str) -> String {
    let path = folder.path().join(name);
    fs::write(&path, "text").unwrap();
    path.to_str().unwrap().to_owned()
}

fn word(name: &str, path: &Path) -> String {
    format!("{name}={}", path.display())
}

const DENIED: &str = "PermissionDenied";

#[test]
fn without_network_nothing_is_reached_but_unix_sockets() {
    let place = tempfile::tempdir().unwrap();
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let tcp6 = TcpListener::bind("[::1]:0").ok();
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let path = place.path().join("socket");
    let _unix = UnixListener::bind(&path).unwrap();
    let mut attempts = vec![
        (format!("tcp:{}", tcp.local_addr().unwrap()), "ok"),
        (format!("udp:{}", udp.local_addr().unwrap()), "ok"),
        ("listen:127.0.0.1:0".to_owned(), "ok"),
        (format!("unix:{}", path.display()), "ok"),
    ];
    attempts.extend(tcp6.iter().map(|tcp| (format!("tcp:{}", tcp.local_addr().unwrap()), "ok")));
    let folders = [word("read", &bin("reach")), word("write", place.path())];
    // The prober can do all of it where nothing forbids it.
    tries(&[&["network=on".to_owned()], &folders[..]].concat(), &attempts);
    for (attempt, outcome) in &mut attempts {
        if !attempt.starts_with("unix") {
            *outcome = DENIED;
        }
    }
    tries(&[&["network=off".to_owned()], &folders[..]].concat(), &attempts);
}

#[test]
fn a_folder_that_is_not_named_is_out_of_reach() {
    let [read, write, other] = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let program = write.path().join("program");
    fs::copy("/bin/true", &program).unwrap();
    let link = read.path().join("link");
    std::os::unix::fs::symlink(other.path(), &link).unwrap();
    let attempts = [
        (format!("read:{}", file(&read, "f")), "ok", "ok"),
        (format!("write:{}", file(&read, "f")), "ok", DENIED),
        (format!("write:{}/new", read.path().display()), "ok", DENIED),
        (format!("read:{}", file(&write, "f")), "ok", "ok"),
        (format!("write:{}", file(&write, "f")), "ok", "ok"),
        (format!("write:{}/new", write.path().display()), "ok", "ok"),
        (format!("run:{}", program.display()), "ok", "ok"),
        (format!("read:{}", file(&other, "f")), "ok", DENIED),
        (format!("read:{}/f", link.display()), "ok", DENIED),
        (format!("read:{}/../{}/f", read.path().display(), name(&other)), "ok", DENIED),
        (format!("write:{}", file(&other, "f")), "ok", DENIED),
        ("read:/proc/self/status".to_owned(), "ok", "ok"),
        ("write:/dev/null".to_owned(), "ok", "ok"),
        // Its parent, the gateway: neither its variables nor its life.
        (format!("trace:{}", std::process::id()), "ok", DENIED),
    ];
    let free: Vec<_> = attempts.iter().map(|(a, outcome, _)| (a.clone(), *outcome)).collect();
    let everything = [word("write", Path::new("/"))];
    // Tracing is forbidden in any sandbox.
    tries(&everything, &free[..free.len() - 1]);
    let fenced: Vec<_> = attempts.iter().map(|(a, _, outcome)| (a.clone(), *outcome)).collect();
    tries(&[word("read", read.path()), word("write", write.path())], &fenced);
}

fn name(place: &TempDir) -> String {
    place.path().file_name().unwrap().to_str().unwrap().to_owned()
}

#[test]
fn memory_and_files_are_bounded() {
    let fill = |mib: usize| format!("fill:{}", mib << 20);
    let memory = [format!("memory={}", 128 << 20)];
    tries(&memory, &[(fill(32), "ok"), (fill(256), "OutOfMemory"), (fill(32), "ok")]);
    let files = ["open-files=64".to_owned()];
    let (few, many) = (("open:32".to_owned(), "ok"), ("open:100".to_owned(), "Uncategorized"));
    tries(&files, &[few.clone(), many]);
    tries(&["open-files=256".to_owned()], &[few, ("open:100".to_owned(), "ok")]);
}

/// A hundred times as much processor time would end the test by its guard.
#[test]
fn a_process_that_only_burns_time_is_killed() {
    let spin = ["child", "--fence", "cpu=1", "--", "sh", "-c", "while :; do :; done"];
    let status = Command::new(BINARY).args(spin).status().unwrap();
    assert!(!status.success());
}

/// Everything that a server starts is in the same bounds.
#[test]
fn a_fence_holds_for_what_the_server_starts() {
    let other = tempfile::tempdir().unwrap();
    let secret = file(&other, "f");
    let script = format!("cat {secret}; (cat {secret} &); wait; echo over");
    let args = ["child", "--fence", "network=off", "--", "/bin/sh", "-c", &script];
    let output = Command::new(BINARY).args(args).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "over\n");
}

#[test]
fn what_cannot_be_fenced_in_is_not_started() {
    let marks = tempfile::tempdir().unwrap();
    let mark = marks.path().join("started");
    let start = format!("echo > {}", mark.display());
    for (word, why) in [
        ("read=/no/such/folder", "`/no/such/folder`: No such file"),
        ("parent=1", "the gateway is gone"),
        ("colour=red", "`--fence colour=red` is unknown"),
        ("memory=much", "`--fence memory=much` is unknown"),
    ] {
        let args = ["child", "--fence", word, "--", "/bin/sh", "-c", &start];
        let output = Command::new(BINARY).args(args).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success());
        assert!(stderr.contains(why) && stderr.lines().count() == 1, "{stderr}");
        assert!(!mark.exists(), "{word}");
    }
}

/// `sudo` and other programs with a set-user-id bit give no more rights.
#[test]
fn no_program_gives_new_rights() {
    let args = ["child", "--fence", "open-files=100", "--", "cat", "/proc/self/status"];
    let output = Command::new(BINARY).args(args).output().unwrap();
    let status = String::from_utf8(output.stdout).unwrap();
    assert!(status.contains("NoNewPrivs:\t1"), "{status}");
}

/// Killed like that, the gateway can do nothing for its children any more.
#[test]
fn a_server_dies_with_a_gateway_that_is_killed() {
    let script = format!(
        "{BINARY} child --fence parent=$$ -- sh -c 'trap \"\" TERM HUP; echo ready; exec sleep 1000' & \
         wait"
    );
    let mut command = Command::new("sh");
    command.args(["-c", &script]).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut gateway = command.spawn().unwrap();
    let mut stdout = gateway.stdout.take().unwrap();
    let mut ready = [0; 6];
    std::io::Read::read_exact(&mut stdout, &mut ready).unwrap();
    kill_process(Pid::from_child(&gateway), Signal::KILL).unwrap();
    gateway.wait().unwrap();
    // Its standard output ends once nobody holds it any more.
    let rest = thread::spawn(move || std::io::Read::read_to_end(&mut stdout, &mut Vec::new()));
    let waited = std::time::Instant::now();
    while !rest.is_finished() {
        assert!(waited.elapsed() < toolgate_testkit::GUARD, "the server lives on");
        thread::sleep(std::time::Duration::from_millis(5));
    }
}
