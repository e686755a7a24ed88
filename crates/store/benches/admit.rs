//! How long an admission takes: alone, with 32 in flight, with four processes on one directory.
//!
//! `cargo bench -p toolgate-store`. Figures depend on the disk: its sync time is printed too.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark")]

use std::io::Write;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};
use toolgate_policy::{
    Align, Amount, Bound, Caller, Charge, Counter, Principal, Refund, Scope, Unit, Window,
};
use toolgate_store::{
    Admission, Arguments, Durability, Facts, Intent, Log, Options, Outcome, Store,
};

const TIME_PER_LINE: Duration = Duration::from_secs(2);

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    if arguments.next().as_deref() == Some("child") {
        let path = PathBuf::from(arguments.next().unwrap());
        let durability = durability(&arguments.next().unwrap());
        let in_flight = arguments.next().unwrap().parse().unwrap();
        let runtime = single();
        print!("{}", run(&runtime, &path, durability, in_flight).to_line());
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    println!("one fdatasync: {:.0} µs (median)", sync_us(dir.path()));
    println!("{:<44} {:>9} {:>8} {:>8} {:>9}", "", "per s", "p50 µs", "p99 µs", "max µs");
    for durability in [Durability::Normal, Durability::Full] {
        for (name, runtime) in [("one thread", single()), ("two threads", double())] {
            for in_flight in [1, 32, 256] {
                let path = dir.path().join(format!("{durability:?} {name} {in_flight}"));
                let result = run(&runtime, &path, durability, in_flight);
                let what = format!("{durability:?}, {name}, {in_flight} in flight");
                println!("{}", result.row(&what));
            }
        }
        for in_flight in [1, 32] {
            let path = dir.path().join(format!("{durability:?} shared {in_flight}"));
            four_processes(&path, durability, in_flight);
        }
    }
    start(dir.path());
}

/// A call as it is usual: two limits, a few argument names, closed at once.
async fn call(store: &Store, intent: Intent) -> Duration {
    let start = Instant::now();
    let Admission::Admitted(opened) = store.admit(intent).await.unwrap() else {
        return Duration::ZERO;
    };
    let took = start.elapsed();
    store.close(&opened, Outcome::Answered, 1234, false).await.unwrap();
    took
}

fn intent(caller: &Arc<Caller>, revision: &Arc<str>) -> Intent {
    let bound = |length_s, max: u64| Bound {
        scope: Scope::Grant,
        window: Window { length_s: NonZeroU64::new(length_s).unwrap(), align: Align::Sliding },
        max: Amount::from_units(u128::from(max) * Amount::ONE.units()),
        pointer: "/tools/create_payment/rules/0/rate_limit".into(),
        layer: 0,
        on_deny: None,
        refund: Refund::NotSent,
    };
    let counter = Counter { name: "create_payment._rate_minute".into(), unit: Unit::Calls };
    let bounds = vec![bound(60, 1_000_000_000), bound(86_400, 1_000_000_000)];
    let arguments = Arguments {
        digest: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
        keys: ["amount", "currency", "recipient"].map(str::to_owned).to_vec(),
        raw: None,
    };
    let facts = Facts {
        caller: Arc::clone(caller),
        client: Some("claude-code".to_owned()),
        trace: None,
        method: "tools/call".to_owned(),
        tool: Some("create_payment".to_owned()),
        arguments: Some(arguments),
        revision: Arc::clone(revision),
        directory: None,
        approval: None,
    };
    let charges = vec![Charge { counter, amount: Amount::ONE, bounds }];
    Intent { facts, charges, approval: None, shadow: None }
}

fn run(runtime: &Runtime, path: &Path, durability: Durability, in_flight: usize) -> Figures {
    let store = Store::open(path, Options { durability }).unwrap();
    let end = Instant::now() + TIME_PER_LINE;
    let times = runtime.block_on(async {
        let one = |store: Store| async move {
            let principal = Principal { issuer: "local".to_owned(), subject: "ann".to_owned() };
            let (grant, server) = ("g-0001".to_owned(), "bank".to_owned());
            let caller = Arc::new(Caller { principal, grant, server });
            let revision: Arc<str> = "4d967a30111bf29f0eba01c448b375c1".into();
            let mut times = Vec::new();
            while Instant::now() < end {
                times.push(call(&store, intent(&caller, &revision)).await);
            }
            times
        };
        let tasks: Vec<_> = (0..in_flight).map(|_| tokio::spawn(one(store.clone()))).collect();
        let mut times = Vec::new();
        for task in tasks {
            times.append(&mut task.await.unwrap());
        }
        times
    });
    runtime.block_on(store.finish()).unwrap();
    Figures::new(times)
}

fn four_processes(path: &Path, durability: Durability, in_flight: usize) {
    let child = || {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["child"]).arg(path);
        command.args([format!("{durability:?}"), in_flight.to_string()]);
        command.stdout(Stdio::piped()).spawn().unwrap()
    };
    let children: Vec<_> = (0..4).map(|_| child()).collect();
    for (i, child) in children.into_iter().enumerate() {
        let output = child.wait_with_output().unwrap();
        let line = String::from_utf8(output.stdout).unwrap();
        let what = format!("{durability:?}, process {} of 4, {in_flight} in flight", i + 1);
        println!("{}", Figures::from_line(&line).row(&what));
    }
    assert!(Log::open(path).unwrap().verify(None).holds());
}

/// Opening a directory with a long log.
fn start(dir: &Path) {
    let path = dir.join("Normal one thread 256");
    let log = Log::open(&path).unwrap();
    let begin = Instant::now();
    let report = log.verify(None);
    let verify = begin.elapsed();
    assert!(report.holds());
    let begin = Instant::now();
    let store = Store::open(&path, Options { durability: Durability::Normal }).unwrap();
    let open = begin.elapsed();
    drop(store);
    println!(
        "a log of {} entries: opened in {:.1} ms, verified in {:.2} s ({:.0} entries/s)",
        report.entries,
        open.as_secs_f64() * 1e3,
        verify.as_secs_f64(),
        entries_per_s(report.entries, verify),
    );
}

#[expect(clippy::cast_precision_loss, reason = "a figure to print")]
fn entries_per_s(entries: u64, took: Duration) -> f64 {
    entries as f64 / took.as_secs_f64()
}

struct Figures {
    per_s: u64,
    p50_ns: u64,
    p99_ns: u64,
    max_ns: u64,
}

impl Figures {
    fn new(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let at = |share: usize| {
            let at = (times.len() * share / 100).min(times.len() - 1);
            u64::try_from(times[at].as_nanos()).unwrap()
        };
        let per_s = u64::try_from(times.len()).unwrap() * 1000
            / u64::try_from(TIME_PER_LINE.as_millis()).unwrap();
        Self { per_s, p50_ns: at(50), p99_ns: at(99), max_ns: at(100) }
    }

    fn to_line(&self) -> String {
        format!("{} {} {} {}", self.per_s, self.p50_ns, self.p99_ns, self.max_ns)
    }

    fn from_line(line: &str) -> Self {
        let mut parts = line.split(' ').map(|part| part.parse().unwrap());
        let mut next = || parts.next().unwrap();
        Self { per_s: next(), p50_ns: next(), p99_ns: next(), max_ns: next() }
    }

    fn row(&self, what: &str) -> String {
        let us = |ns: u64| format!("{}.{}", ns / 1000, ns % 1000 / 100);
        let (p50, p99, max) = (us(self.p50_ns), us(self.p99_ns), us(self.max_ns));
        format!("{what:<44} {:>9} {p50:>8} {p99:>8} {max:>9}", self.per_s)
    }
}

fn sync_us(dir: &Path) -> f64 {
    let mut file = std::fs::File::create(dir.join("sync")).unwrap();
    let mut times: Vec<Duration> = (0..200)
        .map(|_| {
            file.write_all(&[0; 600]).unwrap();
            let start = Instant::now();
            file.sync_data().unwrap();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[100].as_secs_f64() * 1e6
}

fn durability(name: &str) -> Durability {
    if name == "Full" { Durability::Full } else { Durability::Normal }
}

fn single() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn double() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}
