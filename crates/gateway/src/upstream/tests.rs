//! Real processes under supervision, asked as a session asks them.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tempfile::TempDir;
use tokio::sync::watch;
use toolgate_policy::{Caller, Principal};
use toolgate_protocol::{Message, Side};
use toolgate_store::{Durability, Store};

use crate::options::SecretSource;
use crate::outbox::Outbox;
use crate::quota::ProcessCaps;
use crate::session::Session;
use crate::snapshot::Snapshot;
use crate::upstream::auth::Vault;

use super::*;

/// Answers every line as if it were the request with the id 1.
const ANSWERS: &str =
    "while read -r line; do echo '{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}'; done";
const PING: &str = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;

/// No honest wait takes so long.
const GUARD: Duration = Duration::from_mins(1);

struct Rig {
    place: TempDir,
    gate: Arc<Gate>,
}

/// One session with a process of its own.
struct Run {
    session: Arc<Session>,
    process: Process,
    ended: watch::Receiver<bool>,
}

impl Rig {
    fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let policy = place.path().join("policy.yaml");
        fs::write(&policy, "version: \"1\"\ndefault: deny\n").unwrap();
        let (snapshot, _) = Snapshot::read(&policy).unwrap();
        let options = toolgate_store::Options { durability: Durability::Normal };
        let state = place.path().join("state");
        let store = Store::open(&state, options).unwrap();
        let (issuer, subject) = ("local".to_owned(), "test".to_owned());
        let principal = Principal { issuer, subject };
        let caller = Caller { principal, grant: "test".to_owned(), server: "shop".to_owned() };
        let gate = Arc::new(Gate {
            store,
            caller: Arc::new(caller),
            message_bytes_max: 1 << 20,
            current: watch::channel(Arc::new(snapshot)).1,
            freezes: watch::channel(Arc::default()).1,
            own_id_prefix: "test".to_owned(),
            request_timeout: None,
            meter: Arc::default(),
            processes: ProcessCaps::unbounded(),
            exporter: crate::otlp::Exporter::default(),
            lists: crate::listing::Lists::default(),
            approvals: crate::approval::Approvals::new(
                crate::approval::Hub::new(&place.path().join("state")),
                false,
            ),
            ways: Arc::new(crate::ways::Ways::new(state, None)),
            stopping: watch::channel(false).1,
        });
        Self { place, gate }
    }

    async fn start(&self, connector: &Connector) -> Result<Run, RunError> {
        let (outbox, _mail) = Outbox::new();
        let inbox = Arc::new(Inbox::new(Arc::clone(&self.gate), outbox));
        let (upstream, process) =
            connector.connect(&self.gate, Arc::clone(&inbox), Sharing::Own).await?;
        let ended = upstream.ended();
        let session = Session::new(Arc::clone(&self.gate), Arc::new(upstream), inbox);
        Ok(Run { session: Arc::new(session), process: process.unwrap(), ended })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    /// What a server wrote into a file, once it has.
    async fn written(&self, name: &str) -> String {
        until("a file", || fs::read_to_string(self.path(name)).is_ok_and(|t| t.ends_with('\n')))
            .await;
        fs::read_to_string(self.path(name)).unwrap()
    }
}

impl Run {
    async fn ping(&self) -> String {
        let message = Message::read(Bytes::from_static(PING.as_bytes()), Side::Client).unwrap();
        let (outbox, mut mail) = Outbox::new();
        self.session.take(message, outbox, None).await.unwrap();
        let answer = tokio::time::timeout(GUARD, mail.recv()).await.unwrap().unwrap();
        String::from_utf8(answer.bytes().to_vec()).unwrap()
    }

    async fn end(mut self) -> i32 {
        self.session.upstream.close(Duration::ZERO).await;
        let code = self.process.finish().await;
        self.ended.wait_for(|ended| *ended).await.unwrap();
        code
    }
}

/// A shell script as the gateway starts it. The shim needs our own binary, so that it is tried out
/// with that.
fn script(text: &str) -> CommandSpec {
    let args = vec!["-c".into(), text.into()];
    CommandSpec { tied: false, ..CommandSpec::supervised("/bin/sh".into(), args) }
}

fn connector(spec: CommandSpec) -> Connector {
    Connector::new("shop", &UpstreamSpec::Command(spec), &Vault::new("nowhere", None)).unwrap()
}

async fn until(what: &str, mut test: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !test() {
        assert!(begun.elapsed() < GUARD, "waited for {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A zombie has no files any more.
fn is_alive(pid: &str) -> bool {
    fs::read_to_string(format!("/proc/{}/stat", pid.trim()))
        .is_ok_and(|stat| !stat.rsplit_once(')').unwrap().1.starts_with(" Z"))
}

#[tokio::test]
async fn a_server_that_never_answers_is_ended_and_the_client_hears_why() {
    let rig = Rig::new();
    let start_timeout = Some(Duration::from_millis(100));
    let connector = connector(CommandSpec { start_timeout, ..script("exec sleep 1000") });
    let mut run = rig.start(&connector).await.unwrap();
    let answer = run.ping().await;
    assert!(answer.contains("server `shop` gave no answer within 0.1 s of its start"), "{answer}");
    run.ended.wait_for(|ended| *ended).await.unwrap();
    // Nothing of it is left to be asked.
    assert!(run.ping().await.contains("gave no answer within"));
    run.end().await;
}

#[tokio::test]
async fn the_clock_of_the_first_answer_starts_with_the_first_request() {
    let rig = Rig::new();
    let patience = Duration::from_secs(2);
    let connector = connector(CommandSpec { start_timeout: Some(patience), ..script(ANSWERS) });
    let run = rig.start(&connector).await.unwrap();
    tokio::time::sleep(patience + patience / 10).await;
    assert!(run.ping().await.contains("\"result\""));
    run.end().await;
}

#[tokio::test]
async fn a_server_that_keeps_dying_is_not_started_all_the_time() {
    let rig = Rig::new();
    let starts = rig.path("starts");
    let text = format!("echo >> {}; echo 'no \x1b[31mkey' >&2; exit 3", starts.display());
    let connector = connector(script(&text));
    // Whether it reads the request or is gone by then.
    let run = rig.start(&connector).await.unwrap();
    let answer = run.ping().await;
    assert!(answer.contains(r"the server ended; it said: no \\u{1b}[31mkey"), "{answer}");
    // As a listener does: the process is waited for once it has ended.
    run.process.finish().await;
    let refusal = loop {
        match rig.start(&connector).await {
            Ok(run) => drop(run.ping().await),
            Err(refusal) => break refusal.text,
        }
    };
    let expected = r"server `shop` keeps failing; next try in 1 s: no \u{1b}[31mkey";
    assert_eq!(refusal, expected);
    let count = fs::read_to_string(&starts).unwrap().len();
    for _ in 0..100 {
        assert!(rig.start(&connector).await.is_err());
    }
    assert_eq!(fs::read_to_string(&starts).unwrap().len(), count);
}

#[tokio::test]
async fn a_server_that_answered_and_dies_may_start_again_at_once() {
    let rig = Rig::new();
    let answer_once =
        "read -r line; echo '{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}'; kill -9 $$";
    let connector = connector(script(answer_once));
    for _ in 0..5 {
        let mut run = rig.start(&connector).await.unwrap();
        assert!(run.ping().await.contains("\"result\""));
        run.ended.wait_for(|ended| *ended).await.unwrap();
        assert!(run.ping().await.contains("the server ended"));
        assert_eq!(run.end().await, 128 + 9);
    }
}

#[tokio::test]
async fn a_server_that_nobody_uses_is_ended() {
    let rig = Rig::new();
    let idle_timeout = Some(Duration::from_millis(100));
    let connector = connector(CommandSpec { idle_timeout, ..script(ANSWERS) });
    let mut run = rig.start(&connector).await.unwrap();
    assert!(run.ping().await.contains("\"result\""));
    tokio::time::timeout(GUARD, run.ended.wait_for(|ended| *ended)).await.unwrap().unwrap();
    assert!(run.ping().await.contains("nobody used it"));
    // It may be used again.
    let run = rig.start(&connector).await.unwrap();
    assert!(run.ping().await.contains("\"result\""));
    run.end().await;
}

/// However it ends: asked by its standard input, by a signal, by itself, or by being forgotten.
#[tokio::test]
async fn what_a_server_started_ends_with_it() {
    let rig = Rig::new();
    let started = |name: &str, then: &str| {
        let file = rig.path(name);
        let file = file.display();
        // The second one does not listen to anybody.
        let deaf = "sh -c 'trap \"\" TERM INT HUP; while :; do sleep 1000; done'";
        script(&format!(
            "sleep 1000 >&- & a=$!; {deaf} & echo $$ $a $! > {file}.new; \
             mv {file}.new {file}; {then}"
        ))
    };
    for (name, then) in [
        ("eof", ANSWERS),
        ("deaf", "trap '' TERM; while :; do sleep 1000; done"),
        ("itself", "exit 0"),
        ("dropped", ANSWERS),
    ] {
        let run = rig.start(&connector(started(name, then))).await.unwrap();
        let pids = rig.written(name).await;
        match name {
            "dropped" => drop(run),
            _ => drop(run.end().await),
        }
        for pid in pids.split_whitespace() {
            until(&format!("the end of {name}"), || !is_alive(pid)).await;
        }
        // The server itself is waited for: it is no zombie either.
        let server = pids.split_whitespace().next().unwrap();
        until("its parent", || !PathBuf::from(format!("/proc/{server}")).exists()).await;
    }
}

#[tokio::test]
async fn a_supervised_server_inherits_no_variable_that_could_be_a_secret() {
    let rig = Rig::new();
    let secret = rig.path("secret");
    fs::write(&secret, "s3cret\n").unwrap();
    let plain = |name: &str, text: &str| Variable {
        name: name.to_owned(),
        source: SecretSource::Plain(text.to_owned()),
    };
    let token = Variable { name: "TOKEN".to_owned(), source: SecretSource::File(secret) };
    let given = vec![plain("MODE", "a=b c"), token, plain("LANG", "C.UTF-8")];
    let dump = |name: &str| format!("env -0 > {0}.new; mv {0}.new {0}", rig.path(name).display());
    let variables = async |name: &str, inherit_env| {
        let text = format!("{}; {ANSWERS}", dump(name));
        let spec = CommandSpec { env: given.clone(), inherit_env, ..script(&text) };
        let run = rig.start(&connector(spec)).await.unwrap();
        run.ping().await;
        run.end().await;
        let text = fs::read_to_string(rig.path(name)).unwrap();
        let names = text.split_terminator('\0').filter_map(|one| one.split_once('='));
        names.map(|(name, value)| (name.to_owned(), value.to_owned())).collect::<Vec<_>>()
    };
    let few = variables("few", false).await;
    let value = |name: &str| few.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone());
    assert_eq!(value("MODE").as_deref(), Some("a=b c"));
    assert_eq!(value("TOKEN").as_deref(), Some("s3cret"));
    assert_eq!(value("LANG").as_deref(), Some("C.UTF-8"));
    assert_eq!(value("PATH"), std::env::var("PATH").ok());
    // Cargo sets many, and the shell some of its own.
    assert!(std::env::var("CARGO_PKG_NAME").is_ok());
    let known = [
        "HOME", "LANG", "LANGUAGE", "LOGNAME", "MODE", "OLDPWD", "PATH", "PWD", "SHELL", "SHLVL",
        "TERM", "TMPDIR", "TOKEN", "TZ", "USER", "_",
    ];
    for (name, _) in &few {
        assert!(known.contains(&name.as_str()) || name.starts_with("LC_"), "{name}");
    }
    let all = variables("all", true).await;
    assert!(all.iter().any(|(name, _)| name == "CARGO_PKG_NAME"));
    assert!(all.iter().any(|(name, value)| (&**name, &**value) == ("TOKEN", "s3cret")));
}

#[tokio::test]
async fn a_secret_that_cannot_be_read_starts_nothing() {
    let rig = Rig::new();
    let source = SecretSource::File("/no/such/file".into());
    let env = vec![Variable { name: "TOKEN".to_owned(), source }];
    let error = rig.start(&connector(CommandSpec { env, ..script(ANSWERS) })).await.err().unwrap();
    assert!(error.text.starts_with("`env.TOKEN`: /no/such/file: "), "{error}");
}

#[tokio::test]
async fn starts_leave_no_zombies() {
    let rig = Rig::new();
    let connector = connector(script(ANSWERS));
    for _ in 0..20 {
        let run = rig.start(&connector).await.unwrap();
        run.ping().await;
        run.end().await;
    }
    let zombies = || {
        let us = std::process::id().to_string();
        let stats = fs::read_dir("/proc").unwrap().flatten();
        let stats = stats.filter_map(|entry| fs::read_to_string(entry.path().join("stat")).ok());
        stats
            .filter(|stat| stat.rsplit_once(')').unwrap().1.starts_with(&format!(" Z {us} ")))
            .count()
    };
    // Those of other tests are waited for as well.
    until("the zombies", || zombies() == 0).await;
}

/// All requests of one connection that everybody shares go to one process.
#[tokio::test]
async fn a_shared_server_is_one_process_for_everybody() {
    let rig = Rig::new();
    let starts = rig.path("starts");
    let text = format!("echo >> {}; {ANSWERS}", starts.display());
    let shared = connector(CommandSpec { shared: true, ..script(&text) });
    let others = shared.clone();
    let common = shared.common().unwrap();
    common.open(&shared, &rig.gate).await.unwrap();
    let other = Rig::new();
    let again = others.common().unwrap().open(&others, &other.gate).await.unwrap();
    until("the start", || starts.exists()).await;
    again.upstream.close(Duration::ZERO).await;
    common.end().await;
    assert_eq!(fs::read_to_string(&starts).unwrap(), "\n");
    assert!(connector(script(ANSWERS)).common().is_none());
}
