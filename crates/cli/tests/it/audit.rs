//! `toolgate audit` on the log of a real session.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use toolgate_json::Value;

use crate::session::{answers_on, call, parse, play, play_on};
use crate::toolgate::{BINARY, Toolgate, run};

/// Three are let through, one is over a limit, two are denied.
const CALLS: [(&str, &str); 6] = [
    ("list_customers", "{}"),
    ("list_customers", "{}"),
    ("list_customers", "{}"),
    ("refund", r#"{"customer":"c-1","amount":20}"#),
    ("refund", r#"{"customer":"c-1","amount":200}"#),
    ("run_command", r#"{"command":"ls"}"#),
];

fn audit(toolgate: Toolgate, line: &str) -> Toolgate {
    toolgate.line(&format!("audit --state state {line}"))
}

/// What each line of `tail` says of one column.
fn column(text: &str, index: usize) -> Vec<&str> {
    text.lines().filter_map(|line| line.split_whitespace().nth(index)).collect()
}

#[test]
fn tail_has_an_aligned_line_per_decision() {
    let ran = audit(play(&CALLS), "tail").run();
    ran.exits(0);
    let mut words = column(&ran.stdout, 2);
    words.sort_unstable();
    assert_eq!(words, ["allow", "allow", "allow", "deny", "deny", "limit"], "{}", ran.stdout);
    let places: Vec<_> = ran.stdout.lines().map(|line| line.find("shop/").unwrap()).collect();
    assert!(places.windows(2).all(|pair| pair[0] == pair[1]), "{}", ran.stdout);
    ran.says("answered in ").says("condition_not_met at /tools/refund/").says("default_deny");
    ran.says("limit at /tools/list_customers/limits/0, again in ");
}

#[test]
fn tail_shows_what_the_filters_leave() {
    let mut toolgate = play(&CALLS);
    for (filters, expected) in [
        ("--tool refund", 2),
        ("--tool r*", 3),
        ("--tool *customer*", 3),
        ("--decision limit", 1),
        ("--decision deny --decision allow", 5),
        ("--tool refund --decision deny", 1),
        ("--deny", 3),
        ("--effect limit", 1),
        ("--deny --tool refund", 1),
        ("--tool shop/r*", 3),
        ("--tool web/r*", 0),
        ("--server shop", 6),
        ("--server s*p --deny", 3),
        ("--server web", 0),
        ("--grant local", 6),
        ("--grant ann", 0),
        ("--code limit", 1),
        ("--code *_deny", 1),
        ("-n 2", 2),
        ("-n 2 --since 1h", 2),
        ("-n 0", 0),
        ("--since 1h", 6),
        ("--until 1h", 0),
        ("--since 2000-01-01T00:00:00Z --until 2000-01-02T00:00:00Z", 0),
    ] {
        toolgate = audit(toolgate, &format!("tail {filters}"));
        let ran = toolgate.run();
        assert_eq!(ran.exits(0).stdout.lines().count(), expected, "{filters}\n{}", ran.stdout);
    }
    let ran = audit(toolgate, "tail --since yesterday").run();
    ran.fails_in_one_line(2, "`--since`: `yesterday` is not a time");
}

#[test]
fn show_tells_everything_about_one_decision() {
    let toolgate = audit(play(&CALLS), "tail --tool refund --decision allow");
    let allowed = column(&toolgate.run().stdout, 3)[0].to_owned();
    let toolgate = audit(toolgate, &format!("show {allowed}"));
    let shown = toolgate.run();
    shown.exits(0).says(&allowed).says("allowed").says("amount, customer").says("test (as it");
    shown.says("0 + 20 = 20 of 150 in 24 h, at /tools/refund/limits/0").says("answered in ");
    let toolgate = audit(toolgate, &format!("show {allowed} --json"));
    let shown = toolgate.run();
    let envelope = parse(&shown.exits(0).stdout);
    let member = |part, name| envelope.root().get(part).and_then(|part| part.get(name));
    assert!(member("decision", "kind").is_some_and(|kind| kind.is("opened")));
    assert!(member("outcome", "outcome").is_some_and(|outcome| outcome.is("answered")));

    let toolgate = audit(toolgate, "tail --decision limit");
    let limited = column(&toolgate.run().stdout, 3)[0].to_owned();
    let toolgate = audit(toolgate, &format!("show {limited}"));
    toolgate.run().exits(0).says("2 + 1 is more than 2 in 60 s").says("would pass in ");

    let ran = audit(toolgate, "show dec_00000000_1").run();
    ran.fails_in_one_line(2, "no decision `dec_00000000_1`");
}

/// The id that an agent is told is the id of the record.
#[test]
fn show_knows_the_id_that_the_agent_heard() {
    let toolgate = Toolgate::new().file("p.yaml", crate::session::POLICY);
    let (toolgate, ran) = answers_on(toolgate, &[("run_command", "{}")]);
    let (_, behind) = ran.stdout.split_once("(ref ").unwrap();
    let (id, _) = behind.split_once(')').unwrap();
    audit(toolgate, &format!("show {id}")).run().exits(0).says("run_command").says("default_deny");
}

#[test]
fn export_has_every_entry_and_filters_keep_outcomes() {
    let toolgate = audit(play(&CALLS), "export --jsonl");
    let all = toolgate.run();
    let entries: Vec<_> = all.exits(0).stdout.lines().map(parse).collect();
    let kinds = |kind: &str| {
        let is = |entry: &&_| toolgate_json::Document::root(entry).get("kind").unwrap().is(kind);
        entries.iter().filter(is).count()
    };
    assert_eq!((kinds("opened"), kinds("closed"), kinds("denied")), (3, 3, 3));
    let seqs: Vec<_> = entries.iter().filter_map(|e| e.root().get("seq")?.as_number()).collect();
    let expected: Vec<_> = (1..=entries.len()).map(|seq| seq.to_string()).collect();
    assert_eq!(seqs, expected);
    let ran = audit(toolgate, "export --jsonl --tool refund --decision allow").run();
    let lines: Vec<_> = ran.exits(0).stdout.lines().collect();
    assert_eq!(lines.len(), 2, "{}", ran.stdout);
    assert!(lines[0].contains(r#""kind":"opened""#) && lines[1].contains(r#""kind":"closed""#));
}

#[test]
fn verify_finds_nothing_in_a_log_that_was_left_alone() {
    let toolgate = audit(play(&CALLS), "verify");
    let ran = toolgate.run();
    ran.exits(0).says("intact");
    let head = ran.stdout.lines().find_map(|line| line.strip_prefix("head ")).unwrap().to_owned();
    let toolgate = audit(toolgate, &format!("verify --head {head}"));
    toolgate.run().exits(0).says("is as it was when that head was taken");
    let kept = format!("head 1:{}\nhead {head}\n\n", "0".repeat(64));
    let toolgate = audit(toolgate.file("kept", kept), "verify --head kept --json");
    toolgate.run().exits(0).says(r#""holds":true"#).says(r#""given_head":"holds""#);
    let ran = audit(toolgate, "verify --head nonsense").run();
    ran.fails_in_one_line(2, "`--head nonsense` is neither `SEQ:HASH` nor a file");
}

#[test]
fn verify_finds_a_changed_record() {
    let toolgate = play(&CALLS);
    let path = toolgate.path("state/audit.db");
    let mut bytes = fs::read(&path).unwrap();
    // Pages hold copies of what was moved.
    let places = bytes.windows(11).enumerate().filter(|(_, window)| window == b"run_command");
    let places: Vec<_> = places.map(|(at, _)| at).collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at] = b'R';
    }
    fs::write(&path, bytes).unwrap();
    let toolgate = audit(toolgate, "verify");
    let ran = toolgate.run();
    ran.exits(8).says("TAMPERED WITH").warns("does not match its hash");
    assert_eq!(ran.stderr.lines().count(), 1);
    let ran = audit(toolgate, "verify --json").run();
    ran.exits(8).says(r#""holds":false"#).says("does not match its hash");
}

/// Whoever owns the files can put back an old copy of all of them: only a head that was kept
/// elsewhere tells.
#[test]
fn verify_finds_a_log_that_was_cut_off() {
    let toolgate = play(&CALLS);
    let (state, old) = (toolgate.path("state"), toolgate.path("old"));
    copy(&state, &old);
    let toolgate = audit(play_on(toolgate, &CALLS), "verify");
    let head = toolgate.run().stdout;
    let head = head.lines().find_map(|line| line.strip_prefix("head ")).unwrap().to_owned();
    fs::copy(old.join("audit.db"), state.join("audit.db")).unwrap();
    toolgate.run().exits(8).warns("the log was cut off");
    fs::copy(old.join("head"), state.join("head")).unwrap();
    toolgate.run().exits(0);
    audit(toolgate, &format!("verify --head {head}")).run().exits(8).warns("kept elsewhere");
}

/// Killed between sending a call and hearing of it: the record says that nobody knows.
#[test]
fn a_call_that_was_cut_off_has_an_unknown_outcome() {
    let toolgate = Toolgate::new().file("p.yaml", crate::session::POLICY);
    let fifo = toolgate.path("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    // The shell keeps its standard output: a server that closes it has ended.
    let cat = format!("cat > {}; true", fifo.display());
    let run = ["run", "--policy", "p.yaml", "--state", "state", "--", "sh", "-c", &cat];
    let toolgate = toolgate.args(&run);
    let mut gate = toolgate.command();
    let mut gate = gate.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let line = call(1, "refund", r#"{"customer":"c-1","amount":20}"#);
    gate.stdin.as_mut().unwrap().write_all(line.as_bytes()).unwrap();
    let mut arrived = String::new();
    let mut server = BufReader::new(fs::File::open(&fifo).unwrap());
    server.read_line(&mut arrived).unwrap();
    assert_eq!(arrived, line);
    gate.kill().unwrap();
    assert_eq!(gate.wait().unwrap().signal(), Some(9));
    drop(server);
    let toolgate = audit(toolgate, "verify");
    let verified = toolgate.run();
    verified.exits(0).says("outcome unknown of 1: dec_");
    let (_, id) = verified.stdout.split_once("of 1: ").unwrap();
    let id = id.lines().next().unwrap().to_owned();
    audit(toolgate, &format!("show {id}")).run().exits(0).says("unknown: it may have reached");
}

#[test]
fn tail_follows_and_ends_with_its_reader() {
    let toolgate = play(&CALLS[..1]);
    let mut tail = Command::new(BINARY);
    tail.args(["audit", "--state", "state", "tail", "-f", "-n", "1", "--json"]);
    let mut tail = tail
        .current_dir(toolgate.place())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(tail.stdout.take().unwrap());
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    assert!(line.contains("list_customers"), "{line}");
    line.clear();
    let toolgate = play_on(toolgate, &[("run_command", "{}")]);
    lines.read_line(&mut line).unwrap();
    let envelope = parse(&line);
    let decision = envelope.root().get("decision").unwrap();
    assert!(decision.get("tool").is_some_and(|tool| tool.is("run_command")), "{line}");
    assert!(envelope.root().get("outcome").is_some_and(Value::is_null));
    drop(lines);
    drop(play_on(toolgate, &[("run_command", "{}")]));
    let ended = tail.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), &ended.stderr[..]), (Some(0), &b""[..]));
}

/// A child that follows, and what it prints.
struct Tail {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Tail {
    fn start(toolgate: &Toolgate, words: &[&str]) -> Tail {
        let mut command = Command::new(BINARY);
        command.args(["audit", "--state", "state", "tail", "-f"]).args(words);
        command.current_dir(toolgate.place()).env("TZ", "UTC");
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Tail { child, lines }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        line
    }

    fn interrupt(self) -> (std::process::ExitStatus, String) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
        let ended = self.child.wait_with_output().unwrap();
        (ended.status, String::from_utf8(ended.stderr).unwrap())
    }
}

/// What a person does stands among the decisions: they are others from then on.
#[test]
fn tail_follows_what_people_do_and_ends_quietly_when_interrupted() {
    let toolgate = play(&CALLS[..1]);
    let mut all = Tail::start(&toolgate, &["-n", "1"]);
    let mut denied = Tail::start(&toolgate, &["-n", "0", "--deny", "--color", "always"]);
    assert!(all.line().contains("list_customers"));
    let toolgate = toolgate.line("freeze --state state --server shop --reason stop");
    toolgate.run().exits(0);
    let line = all.line();
    assert!(line.contains("  change   ") && line.contains("server_frozen: stop, by os:"), "{line}");
    let toolgate = play_on(toolgate, &CALLS[..1]);
    assert!(all.line().contains("frozen, again in 60 s"));
    let line = denied.line();
    assert!(line.contains("\u{1b}[31mdeny   \u{1b}[0m"), "{line:?}");
    for tail in [all, denied] {
        let (status, said) = tail.interrupt();
        assert_eq!((status.signal(), &*said), (Some(2), ""));
    }
    let toolgate =
        toolgate.line("audit tail --state state -n 1 --color always").env("NO_COLOR", "1");
    toolgate.run().exits(0).says("\u{1b}[31m");
    let toolgate = toolgate.line("audit tail --state state -n 1");
    assert!(!toolgate.run().stdout.contains('\u{1b}'));
}

/// Nothing has to happen for it to notice.
#[test]
fn tail_ends_when_nobody_reads_it_any_more() {
    let toolgate = play(&CALLS[..1]);
    let mut tail = Tail::start(&toolgate, &["-n", "1"]);
    tail.line();
    drop(tail.lines);
    let ended = tail.child.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), &ended.stderr[..]), (Some(0), &b""[..]));
}

/// Whoever moves the log away, or puts back a copy, does not have to start the tail again.
#[test]
fn tail_follows_whatever_log_takes_the_place_of_the_old_one() {
    let toolgate = play(&CALLS[..1]);
    let (state, kept) = (toolgate.path("state"), toolgate.path("kept"));
    let mut tail = Tail::start(&toolgate, &["-n", "1"]);
    assert!(tail.line().contains("list_customers"));
    fs::rename(&state, &kept).unwrap();
    let toolgate = play_on(toolgate, &[("run_command", "{}")]);
    assert!(tail.line().contains("run_command"), "a log made anew is shown whole");
    fs::rename(&state, toolgate.path("second")).unwrap();
    fs::rename(&kept, &state).unwrap();
    assert!(tail.line().contains("list_customers"), "the first again, from its beginning");
    let toolgate = play_on(toolgate, &[("refund", r#"{"customer":"c-1","amount":20}"#)]);
    assert!(tail.line().contains("refund"));
    let (_, said) = tail.interrupt();
    assert!(said.contains("another log has taken its place"), "{said}");
    drop(toolgate);
}

#[test]
fn what_holds_no_log_is_told_in_one_line() {
    let ran = audit(Toolgate::new(), "tail").run();
    ran.fails_in_one_line(7, "`state` is no state directory");
    let toolgate = play(&CALLS[..1]).file("state/audit.db", "not a database");
    let toolgate = audit(toolgate, "tail");
    toolgate.run().fails_in_one_line(7, "is damaged");
    audit(toolgate, "verify").run().fails_in_one_line(8, "is damaged");
}

#[test]
fn the_state_directory_has_a_default() {
    let toolgate = play(&CALLS[..1]);
    let state = toolgate.path("state");
    let toolgate = toolgate.line("audit tail").env("TOOLGATE_STATE", &state);
    toolgate.run().exits(0).says("list_customers");
    let home = toolgate.path(".local/state");
    fs::create_dir_all(&home).unwrap();
    fs::rename(&state, home.join("toolgate")).unwrap();
    let mut command = toolgate.command();
    command.env_remove("TOOLGATE_STATE");
    run(command, b"").exits(0).says("list_customers");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}
