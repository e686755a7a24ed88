//! The single steps of a call: their time, and their instructions, which no neighbour disturbs.

use std::path::PathBuf;
use std::process::Command;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::figures::Spread;
use crate::Result;
use crate::command::{cargo, output, works};

/// What `benches/steps` prints for one step.
#[derive(Serialize, Deserialize)]
pub struct Timed {
    pub step: String,
    /// CPU time of one run, several times over.
    pub ns: Vec<f64>,
}

#[derive(Serialize)]
pub(crate) struct Micro {
    step: String,
    ns: Spread,
    /// Nothing without valgrind.
    instructions: Option<u64>,
}

/// Times and counts every step and prints both.
pub(crate) fn run() -> Result<Vec<Micro>> {
    let program = build()?;
    let counts = works(Command::new("valgrind").arg("--version"));
    if !counts {
        println!("instructions are not counted: valgrind is not installed");
    }
    println!("\n{:<36}{:>26}{:>14}", "one step alone", "CPU ns", "instructions");
    let text = String::from_utf8(output(Command::new(&program).arg("time"))?)?;
    text.lines().map(|line| told(&program, serde_json::from_str(line)?, counts)).collect()
}

fn told(program: &PathBuf, timed: Timed, counts: bool) -> Result<Micro> {
    let ns = Spread::of(timed.ns).ok_or("a step without times")?;
    let instructions = counts.then(|| instructions(program, &timed.step)).transpose()?;
    let shown = instructions.map_or_else(|| "-".to_owned(), |count| count.to_string());
    println!("{:<36}{ns:>26}{shown:>14}", timed.step);
    Ok(Micro { step: timed.step, ns, instructions })
}

/// Builds the benchmark and returns its path, which only cargo knows.
fn build() -> Result<PathBuf> {
    let messages = output(cargo().args([
        "bench",
        "--package=xtask",
        "--bench=steps",
        "--no-run",
        "--locked",
        "--message-format=json-render-diagnostics",
    ]))?;
    for line in String::from_utf8(messages)?.lines() {
        let message: Value = serde_json::from_str(line)?;
        // It builds the programs of the package as well.
        if let (Some("steps"), Some(path)) =
            (message["target"]["name"].as_str(), message["executable"].as_str())
        {
            return Ok(path.into());
        }
    }
    Err("cargo built no benchmark".into())
}

/// Of one run of the step: the difference between many runs and twice as many, so that start and
/// preparation cancel out.
fn instructions(program: &PathBuf, step: &str) -> Result<u64> {
    const TIMES: u32 = 200;
    let (once, twice) = (counted(program, step, TIMES)?, counted(program, step, 2 * TIMES)?);
    Ok(twice.saturating_sub(once) / u64::from(TIMES))
}

/// All instructions of one process that runs the step so many times.
fn counted(program: &PathBuf, step: &str, times: u32) -> Result<u64> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    valgrind.arg(program).args(["run", step, &times.to_string()]);
    let told = valgrind.output()?;
    let text = String::from_utf8_lossy(&told.stderr);
    let count = text.lines().find_map(|line| line.split_once("Collected : "));
    match count {
        Some((_, count)) if told.status.success() => Ok(count.trim().parse()?),
        Some(_) | None => Err(format!("valgrind counted nothing: {text}").into()),
    }
}
