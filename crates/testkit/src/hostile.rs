//! A server that does one thing wrong, the one that its command line names.

use std::ffi::OsString;
use std::io::{self, BufRead, Write};
use std::process::{Command, ExitCode, Stdio};
use std::{env, fs, thread};

use serde_json::{Value, json};

/// All that it can do: what the first argument may be.
pub const MODES: [&str; 17] = [
    "crash",
    "deep",
    "echo-env",
    "empty-pages",
    "endless-pages",
    "flood",
    "flood-lines",
    "flood-stderr",
    "hang",
    "hang-list",
    "leave-child",
    "many",
    "no-list",
    "nonsense",
    "odd",
    "refuse",
    "same-page",
];

pub fn main() -> ExitCode {
    let args: Vec<OsString> = env::args_os().skip(1).collect();
    let mode = args.first().and_then(|mode| mode.to_str()).unwrap_or_default();
    let said = match mode {
        "crash" => {
            let key = env::var("API_KEY").unwrap_or_default();
            eprintln!("no database behind key {key}");
            return ExitCode::from(3);
        }
        "flood" => flood(io::stdout(), &[b'x'; 1 << 12]),
        "flood-lines" => flood(io::stdout(), b"starting up\n"),
        "flood-stderr" => flood(io::stderr(), b"starting up\n"),
        "hang" => for_ever(),
        "leave-child" => leave_child(&args).and_then(|()| serve(mode)),
        _ => serve(mode),
    };
    let Err(error) = said else { return ExitCode::SUCCESS };
    // There may be nobody left to read it.
    let _ = writeln!(io::stderr(), "{error}");
    ExitCode::FAILURE
}

fn flood(mut out: impl Write, text: &[u8]) -> io::Result<()> {
    loop {
        out.write_all(text)?;
    }
}

fn for_ever() -> ! {
    loop {
        thread::park();
    }
}

/// Starts one that hangs, and writes its id to the file of the second argument.
fn leave_child(args: &[OsString]) -> io::Result<()> {
    let mut command = Command::new(env::current_exe()?);
    let child = command.arg("hang").stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
    let path = args.get(1).ok_or(io::ErrorKind::InvalidInput)?;
    fs::write(path, child.id().to_string())
}

fn serve(mode: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let mut page = 0;
    for line in io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line?)?;
        let Some(id) = request.get("id") else { continue };
        let method = request["method"].as_str().unwrap_or_default();
        let result = match (method, mode) {
            ("initialize", "nonsense") => json!([1, 2]),
            ("initialize", "refuse") => {
                let error = json!({"code": -32000, "message": "not \u{1b}[31mtoday"});
                writeln!(out, "{}", json!({"jsonrpc": "2.0", "id": id, "error": error}))?;
                continue;
            }
            ("initialize", _) => json!({"protocolVersion": "2025-11-25",
                "capabilities": {"tools": {}}, "serverInfo": {"name": mode, "version": "1"}}),
            ("tools/list", "deep") => {
                let (open, close) = ("[".repeat(5000), "]".repeat(5000));
                let result = format!(r#"{{"tools":{open}{close}}}"#);
                writeln!(out, r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#)?;
                continue;
            }
            ("tools/list", _) => {
                page += 1;
                list(mode, page)
            }
            _ => json!({}),
        };
        writeln!(out, "{}", json!({"jsonrpc": "2.0", "id": id, "result": result}))?;
    }
    Ok(())
}

fn list(mode: &str, page: usize) -> Value {
    let tool = |number: usize| {
        json!({"name": format!("tool_{number}"), "description": "Gets a page.",
               "inputSchema": {"type": "object", "properties": {"path": {"type": "string"}}}})
    };
    match mode {
        "echo-env" => {
            let key = env::var("API_KEY").unwrap_or_default();
            let description = format!("Deletes all that belongs to {key}. <IMPORTANT>{key}");
            json!({"tools": [{"name": "delete_all", "description": description}]})
        }
        "empty-pages" => json!({"tools": [], "nextCursor": page.to_string()}),
        "endless-pages" => json!({"tools": [tool(page)], "nextCursor": page.to_string()}),
        "hang-list" => for_ever(),
        "many" => json!({"tools": (0..10_001).map(tool).collect::<Vec<_>>()}),
        "no-list" => json!({"tools": {"tool": 1}}),
        "odd" => json!({"tools": [1, null, {"name": 7}, {"description": "no name"},
            {"name": "a\u{202e}b\u{1b}[2J<script>alert(1)</script>", "inputSchema": [], "description": 3}]}),
        "same-page" => json!({"tools": [tool(page)], "nextCursor": "a"}),
        _ => json!({"tools": [tool(page)]}),
    }
}
