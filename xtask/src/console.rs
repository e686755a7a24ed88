//! `cargo xtask console`: the console in a real browser, before a real gateway, with real clients.
//!
//! People's way through it, every kind of page in light and dark at two widths with a picture of
//! each, a checker of accessibility (axe-core), and 300 texts that would like to run; then its API
//! by its own document, with schemathesis.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use crate::Result;
use crate::clients::install;
use crate::clients::place::{Place, tests};
use crate::clients::process::Running;
use crate::command::{output, root, run as run_command};
use crate::site;

#[derive(Args)]
pub struct Options {
    /// Fewer of what would run, and of what the API is asked
    #[arg(long)]
    short: bool,
}

/// A gateway with a console, and where it is.
struct Serving {
    folder: PathBuf,
    gateway: String,
    console: String,
    running: Running,
}

const WAIT: Duration = Duration::from_secs(30);
const EXAMPLES: &str = "60";
const EXAMPLES_SHORT: &str = "12";
/// No pages: a stream, which has no end, and what is kept as a file.
const UNREACHED: [&str; 2] = ["/log/events", "/log/export"];
/// What pages may run.
const SCRIPTS: &str = "crates/console/site";

pub fn run(options: &Options) -> Result {
    let place = Place::find()?;
    install::console(&place)?;
    let Some(browser) = site::browser(&place) else {
        println!("{}", site::SKIPPED);
        return Ok(());
    };
    install::gate(&place)?;
    let serving = Serving::start(&place, "console")?;
    let plan = plan(&place, &serving, &browser, options)?;
    let mut python = site::python(&place);
    let said = output(python.arg("-B").arg(tests().join("console/suite.py")).arg(plan));
    let judged = judge(&String::from_utf8_lossy(&said?), &serving.folder.join("shots"));
    serving.running.end(WAIT)?;
    let serving = Serving::start(&place, "console-api")?;
    let asked = ask_everything(&place, &serving, options);
    serving.running.end(WAIT)?;
    judged.and(asked)
}

impl Serving {
    fn start(place: &Place, name: &str) -> Result<Self> {
        let folder = place.work(name)?;
        let config = folder.join("toolgate.yaml");
        let toolgate = place.binary("toolgate");
        let hostile = tests().join("console/hostile_server.py");
        // Every reader of YAML takes JSON.
        let settings = json!({
            "listen": "127.0.0.1:0",
            "console": {"listen": "127.0.0.1:0"},
            "servers": {
                "shop": {"command": [toolgate, "demo-shop"]},
                "hostile": {"command": ["python3", "-B", hostile]},
            },
        });
        fs::write(&config, settings.to_string())?;
        let mut serve = Command::new(&toolgate);
        serve.arg("serve").arg("--config").arg(&config).arg("--state").arg(folder.join("state"));
        let stderr = folder.join("stderr");
        let mut running = Running::announced(&mut serve, &folder)?;
        let gateway = running.url()? + "/mcp";
        let console = running.said_in(&stderr, "the console is at ", WAIT)?;
        Ok(Self { folder, gateway, console, running })
    }
}

fn plan(place: &Place, serving: &Serving, browser: &Path, options: &Options) -> Result<PathBuf> {
    let scripts = fs::read_dir(root().join(SCRIPTS))?.filter_map(|entry| {
        let path = entry.ok()?.path();
        let is_script = path.extension().is_some_and(|end| end == "js");
        is_script.then(|| format!("/{}", path.file_name().unwrap_or_default().to_string_lossy()))
    });
    let plan = json!({
        "browser": browser,
        "toolgate": place.binary("toolgate"),
        "state": serving.folder.join("state"),
        "folder": serving.folder,
        "shots": serving.folder.join("shots"),
        "gateway": serving.gateway,
        "console": serving.console,
        "axe": place.path("console/node_modules/axe-core/axe.min.js"),
        "python_sdk": place.python(1),
        "agent": tests().join("console/agent.py"),
        "hostile_server": tests().join("console/hostile_server.py"),
        "rows": root().join("crates/console/rows.txt"),
        "unreached": UNREACHED,
        "scripts": scripts.collect::<Vec<_>>(),
        "short": options.short,
    });
    let path = serving.folder.join("plan.json");
    fs::write(&path, plan.to_string())?;
    Ok(path)
}

fn judge(said: &str, shots: &Path) -> Result {
    let problems: Vec<&str> = said.lines().filter(|line| line.contains("\"problem\":")).collect();
    for problem in &problems {
        println!("FAILED {problem}");
    }
    let Some(done) = said.lines().find(|line| line.contains("\"done\":")) else {
        return Err(format!("the browser did not get to the end; it said: {said}").into());
    };
    println!("console: {done}; pictures are in {}", shots.display());
    if problems.is_empty() {
        Ok(())
    } else {
        Err(format!("console: {} problems", problems.len()).into())
    }
}

/// Every operation of the document with what it takes, and with what it does not: each answer is
/// one that the document tells of.
fn ask_everything(place: &Place, serving: &Serving, options: &Options) -> Result {
    let mut account = Command::new(place.binary("toolgate"));
    account.args(["account", "add", "program", "--role", "admin", "--json", "--state"]);
    let told: Value = serde_json::from_slice(&output(account.arg(serving.folder.join("state")))?)?;
    let token = told["token"].as_str().ok_or("`account add` gave no token")?;
    let examples = if options.short { EXAMPLES_SHORT } else { EXAMPLES };
    let mut asked = Command::new(place.path("python-openapi/bin/schemathesis"));
    asked.args(["run", &format!("{}/api/v1/openapi.json", serving.console)]);
    asked.args(["--header", &format!("Authorization: Bearer {token}")]);
    asked.args(["--max-examples", examples, "--seed", "1", "--no-color", "--checks"]);
    asked.arg(
        "not_a_server_error,status_code_conformance,content_type_conformance,\
         response_headers_conformance,response_schema_conformance",
    );
    run_command(asked.current_dir(&serving.folder))
}
