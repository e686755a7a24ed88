//! `cargo xtask site`: the exported catalogue in a real browser.
//!
//! Servers are scanned, a hostile one among them; the catalogue is exported and its pages are
//! opened from their files at four widths and schemes: no console message, no request that leaves
//! the folder, nothing wider than the window, no text of poor contrast, and the search works.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use crate::Result;
use crate::clients::install;
use crate::clients::place::{Place, tests};
use crate::command::{output, run as run_command, works};

#[derive(Args)]
pub struct Options {
    /// Only some pages of each kind
    #[arg(long, conflicts_with = "all")]
    short: bool,
    /// Every page, those of the 2,500 servers of the index too: about an hour
    #[arg(long)]
    all: bool,
}

/// What Chromium and its kin are called; `TOOLGATE_BROWSER` names another one.
const BROWSERS: [&str; 4] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
pub(crate) const SKIPPED: &str = concat!(
    "skipped: no browser is installed and none could be downloaded; install Chromium ",
    "(`apt install chromium`), or name one with TOOLGATE_BROWSER"
);
/// Of the pages that only the index knows.
const INDEXED_SHOWN: usize = 40;
const SHORT_STEP: usize = 6;

pub fn run(options: &Options) -> Result {
    let place = Place::find()?;
    install::browser(&place)?;
    let Some(browser) = browser(&place) else {
        println!("{SKIPPED}");
        return Ok(());
    };
    install::gate(&place)?;
    let folder = place.work("site")?;
    let site = folder.join("site");
    export(&place, &folder, &site)?;
    let pages = pages(&site, options)?;
    println!("site: {} pages, four views each", pages.len());
    let mut python = python(&place);
    python.arg(tests().join("site/browse.py")).arg(browser).arg(&site).arg(folder.join("shots"));
    let said = output(python.args(&pages))?;
    judge(&String::from_utf8_lossy(&said), &folder.join("shots"))
}

fn judge(said: &str, shots: &Path) -> Result {
    let problems: Vec<&str> = said.lines().filter(|line| line.contains("\"problem\":")).collect();
    for problem in &problems {
        println!("FAILED {problem}");
    }
    if !said.contains("\"opened\":") {
        return Err(format!("the browser did not get to the end; it said: {said}").into());
    }
    println!("site: pictures are in {}", shots.display());
    if problems.is_empty() {
        Ok(())
    } else {
        Err(format!("site: {} problems", problems.len()).into())
    }
}

/// The installed one, else one that Playwright downloads; an empty path is Playwright's own.
pub(crate) fn browser(place: &Place) -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("TOOLGATE_BROWSER") {
        return Some(PathBuf::from(named));
    }
    let installed = BROWSERS.iter().find(|name| works(Command::new(name).arg("--version")));
    if let Some(name) = installed {
        let found = output(Command::new("sh").args(["-c", "command -v \"$0\"", name])).ok()?;
        return Some(PathBuf::from(String::from_utf8_lossy(&found).trim()));
    }
    eprintln!("no Chromium here: asking Playwright for one (about 150 MB)");
    works(python(place).args(["-m", "playwright", "install", "chromium-headless-shell"]))
        .then(PathBuf::new)
}

pub(crate) fn python(place: &Place) -> Command {
    let mut python = Command::new(place.path("python-site/bin/python"));
    python.env("PLAYWRIGHT_BROWSERS_PATH", place.path("browsers"));
    python
}

/// Three servers: the shop of the demo, which changes on the way, and a hostile one.
fn export(place: &Place, folder: &Path, site: &Path) -> Result {
    let state = folder.join("state");
    let toolgate = || {
        let mut toolgate = Command::new(place.binary("toolgate"));
        toolgate.env_remove("TOOLGATE_STATE");
        toolgate
    };
    let scan = |name: &str| {
        let mut scan = toolgate();
        scan.args(["scan", "--json", "--server", name, "--state"]).arg(&state);
        scan
    };
    let before = folder.join("before.json");
    fs::write(&before, r#"[{"name":"refund","description":"Shows a refund."}]"#)?;
    output(scan("shop").arg("--tools").arg(&before))?;
    output(scan("shop").arg("--").arg(place.binary("toolgate")).arg("demo-shop"))?;
    output(scan("hostile").arg("--tools").arg(tests().join("site/hostile.json")))?;
    run_command(
        toolgate().args(["catalog", "export", "--html"]).arg(site).arg("--state").arg(&state),
    )
}

/// From the start of the site, in the order of their names.
fn pages(site: &Path, options: &Options) -> Result<Vec<String>> {
    let mut all = Vec::new();
    collect(site, "", &mut all)?;
    all.sort();
    let is_indexed = |page: &String| {
        let scanned = ["servers/hostile.html", "servers/index.html", "servers/shop.html"];
        page.starts_with("servers/") && !scanned.contains(&page.as_str())
    };
    let (indexed, own): (Vec<_>, Vec<_>) = all.into_iter().partition(is_indexed);
    let every = |pages: Vec<String>, step: usize| pages.into_iter().step_by(step.max(1));
    if options.all {
        return Ok(own.into_iter().chain(indexed).collect());
    }
    if options.short {
        let (attacks, rest): (Vec<_>, Vec<_>) =
            own.into_iter().partition(|page| page.starts_with("attacks/"));
        let step = indexed.len() / SHORT_STEP;
        return Ok(rest
            .into_iter()
            .chain(every(attacks, SHORT_STEP))
            .chain(every(indexed, step))
            .collect());
    }
    let step = indexed.len() / INDEXED_SHOWN;
    Ok(own.into_iter().chain(every(indexed, step)).collect())
}

fn collect(folder: &Path, within: &str, pages: &mut Vec<String>) -> Result {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{within}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{name}/"), pages)?;
        } else if Path::new(&name).extension().is_some_and(|end| end == "html") {
            pages.push(name);
        }
    }
    Ok(())
}
