//! How fast the console's pages answer over a log of a million records.
//!
//! `cargo bench -p xtask --bench console -- --calls 600000`

#![expect(clippy::print_stdout, reason = "the figures go to stdout")]

mod browser;
#[path = "../replay/generate.rs"]
mod generate;

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use browser::Browser;
use clap::Parser;
use toolgate_json::{Document, Reading};
use xtask::Result;
use xtask::command::{cargo, output, run, target_directory};

#[derive(Parser)]
struct Options {
    /// Each is about one and a half records
    #[arg(long, default_value_t = 700_000)]
    calls: u64,
    /// The program to measure, instead of building it
    #[arg(long, value_name = "FILE")]
    toolgate: Option<PathBuf>,
    /// A state directory with a log, made if there is none
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// What `cargo bench` says to every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

const TIMES: usize = 20;
const PAGE_MAX: Duration = Duration::from_millis(100);
const SEARCH_MAX: Duration = Duration::from_millis(300);

struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn main() -> Result {
    let options = Options::parse();
    let program = if let Some(program) = options.toolgate {
        program
    } else {
        run(cargo().args(["build", "--release", "--locked", "--package=toolgate"]))?;
        target_directory()?.join("release/toolgate")
    };
    let place = tempfile::tempdir()?;
    let state = options.state.unwrap_or_else(|| place.path().join("state"));
    if !state.exists() {
        let began = Instant::now();
        let now_ns = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos())?;
        generate::log(&state, options.calls, now_ns - options.calls * generate::STEP_NS)?;
        println!("{} calls recorded in {:.1} s", options.calls, began.elapsed().as_secs_f64());
    }
    let token = token(&program, &state)?;
    let (_serving, address) = serve(&program, &state)?;
    let mut browser = Browser::new(&address);
    browser.sign_in(&token)?;
    let began = Instant::now();
    let first = browser.page("/?range=30d")?;
    println!("first page, nothing counted yet: {} ms", began.elapsed().as_millis());
    drop(first);
    while browser.page("/?range=30d")?.contains("Still counting") {
        std::thread::sleep(Duration::from_millis(100));
    }
    println!("a month counted in the background in {:.1} s", began.elapsed().as_secs_f64());
    let mut slow = Vec::new();
    for (path, most) in paths(&browser)? {
        let (median, longest) = measure(&browser, &path)?;
        println!("{:>7.1} ms, longest {:>7.1} ms  {path}", ms(median), ms(longest));
        if median > most {
            slow.push(path);
        }
    }
    if slow.is_empty() { Ok(()) } else { Err(format!("too slow: {}", slow.join(" ")).into()) }
}

fn token(program: &Path, state: &Path) -> Result<String> {
    let name = format!("bench{}", std::process::id());
    let mut command = Command::new(program);
    command.args(["account", "add", &name, "--role", "viewer", "--json", "--state"]).arg(state);
    let told = output(&mut command)?;
    let told = Document::parse(told.into(), Reading::Plain).map_err(|e| format!("{e:?}"))?;
    let token = told.root().get("token").and_then(|token| Some(token.as_str()?.into_owned()));
    token.ok_or_else(|| "no token".into())
}

fn serve(program: &Path, state: &Path) -> Result<(Serving, String)> {
    let mut command = Command::new(program);
    command.args(["console", "--listen", "127.0.0.1:0", "--state"]).arg(state);
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let said = child.stdout.take().ok_or("no output")?;
    let serving = Serving(child);
    let mut line = String::new();
    BufReader::new(said).read_line(&mut line)?;
    let address = line.trim().strip_prefix("listening on http://").ok_or("no address")?;
    Ok((serving, address.to_owned()))
}

/// What is asked, and how long the server may take for it.
fn paths(browser: &Browser) -> Result<Vec<(String, Duration)>> {
    let page = browser.page("/log")?;
    let id = |page: &str| {
        let (_, rest) = page.split_once("href=\"/log/dec_").ok_or("no decision")?;
        Ok::<_, String>(format!("/log/dec_{}", rest.split('"').next().unwrap_or_default()))
    };
    let old = browser.page("/log?before=1000")?;
    let pages = [
        "/?range=1h",
        "/?range=24h",
        "/?range=7d",
        "/?range=30d",
        "/log",
        "/log?before=500000",
        "/log?effect=deny",
        "/log?effect=limit&tool=pay",
        "/log?grant=g7&server=s2&tool=send&effect=limit",
        "/log?tool=nowhere",
        "/log?code=default_deny&from=7d",
    ];
    let searches = [
        "/log?text=news&from=24h",
        "/log?text=a98%40example&from=24h",
        "/log?text=no+such+words&from=24h",
    ];
    let mut all: Vec<_> = pages.iter().map(|path| ((*path).to_owned(), PAGE_MAX)).collect();
    all.extend([id(&page)?, id(&old)?].map(|path| (path, PAGE_MAX)));
    all.extend(searches.iter().map(|path| ((*path).to_owned(), SEARCH_MAX)));
    // Over the whole log, a search gives what it has after a while.
    all.push(("/log?text=no+such+words".to_owned(), SEARCH_MAX));
    Ok(all)
}

fn measure(browser: &Browser, path: &str) -> Result<(Duration, Duration)> {
    let mut times = Vec::new();
    for _ in 0..TIMES {
        let began = Instant::now();
        browser.page(path)?;
        times.push(began.elapsed());
    }
    times.sort_unstable();
    let median = times.get(TIMES / 2).copied().unwrap_or_default();
    Ok((median, times.last().copied().unwrap_or_default()))
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
