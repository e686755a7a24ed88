//! Five servers that people use, and what is asked of them.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value, json};

use crate::Result;
use crate::clients::place::Place;
use crate::clients::server::Eras;
use crate::command;

#[derive(Debug)]
pub(super) struct Real {
    pub(super) name: &'static str,
    pub(super) eras: Eras,
    program: Program,
}

#[derive(Clone, Copy, Debug)]
enum Program {
    /// `@modelcontextprotocol/<name>`, by its script.
    Node(&'static str),
    /// A script of the newer Python environment.
    Python(&'static str),
}

pub(super) const REAL: &[Real] = &[
    Real {
        name: "everything",
        eras: Eras::Legacy,
        program: Program::Node("server-everything/dist/index.js"),
    },
    Real {
        name: "filesystem",
        eras: Eras::Legacy,
        program: Program::Node("server-filesystem/dist/index.js"),
    },
    Real { name: "git", eras: Eras::Both, program: Program::Python("mcp-server-git") },
    Real {
        name: "memory",
        eras: Eras::Legacy,
        program: Program::Node("server-memory/dist/index.js"),
    },
    Real { name: "time", eras: Eras::Both, program: Program::Python("mcp-server-time") },
];

/// The policy of the visitors: all is allowed but this.
pub(super) const DENIED: &str = "get-env";
pub(super) const HIDDEN: &str = "move_file";
pub(super) const POLICY: &str = "\
version: \"1\"
default: allow
hide: [move_file]
tools:
  get-env:
    rules:
      - action: deny
";

/// What the servers work on.
pub(super) struct Data {
    files: PathBuf,
    memory: PathBuf,
    repository: PathBuf,
}

impl Data {
    pub(super) fn lay(folder: &Path) -> Result<Self> {
        let files = folder.join("files");
        fs::create_dir_all(files.join("more"))?;
        fs::write(files.join("hello.txt"), "Hello, wörld.\nTwo lines.\n")?;
        fs::write(files.join("more/notes.md"), "# Notes\n")?;
        let memory = folder.join("memory.jsonl");
        let ann = json!({"type": "entity", "name": "Ann", "entityType": "person",
                         "observations": ["likes tea"]});
        fs::write(&memory, format!("{ann}\n"))?;
        let repository = folder.join("repository");
        fs::create_dir_all(&repository)?;
        fs::write(repository.join("a.txt"), "one\n")?;
        git(&repository, &["init", "--quiet"])?;
        git(&repository, &["add", "."])?;
        git(&repository, &["commit", "--quiet", "--message=First"])?;
        fs::write(repository.join("a.txt"), "one\ntwo\n")?;
        Ok(Self { files, memory, repository })
    }
}

fn git(folder: &Path, args: &[&str]) -> Result {
    let person = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com"];
    command::run(Command::new("git").current_dir(folder).args(person).args(args))
}

/// The servers as the config file has them.
pub(super) fn settings(place: &Place, data: &Data) -> Map<String, Value> {
    REAL.iter()
        .map(|server| (server.name.to_owned(), json!({"command": server.text_words(place, data)})))
        .collect()
}

impl Real {
    pub(super) fn is_dual(&self) -> bool {
        self.eras == Eras::Both
    }

    /// The command as an operator writes it.
    fn words(&self, place: &Place, data: &Data) -> Vec<OsString> {
        let mut words: Vec<OsString> = match self.program {
            Program::Node(script) => {
                let packages = place.path("node/node_modules/@modelcontextprotocol");
                vec!["node".into(), packages.join(script).into()]
            }
            Program::Python(script) => vec![place.path("python-2/bin").join(script).into()],
        };
        match self.name {
            "filesystem" => words.push(data.files.clone().into()),
            "memory" => {
                let file = format!("MEMORY_FILE_PATH={}", data.memory.display());
                words.splice(0..0, ["env".into(), file.into()]);
            }
            _ => {}
        }
        words
    }

    pub(super) fn text_words(&self, place: &Place, data: &Data) -> Vec<String> {
        let words = self.words(place, data);
        words.iter().map(|word| word.to_string_lossy().into_owned()).collect()
    }

    /// The entry in a client's configuration, as the server's own documentation has it.
    pub(super) fn client_entry(&self, place: &Place, data: &Data) -> Value {
        match self.program {
            Program::Node(_) => {
                let mut args = vec![format!("mcp-server-{}", self.name)];
                if self.name == "filesystem" {
                    args.push(data.files.to_string_lossy().into_owned());
                }
                json!({"command": "npx", "args": args, "cwd": place.path("node"),
                       "env": {"MEMORY_FILE_PATH": data.memory}})
            }
            Program::Python(_) => {
                let words = self.text_words(place, data);
                json!({"command": words[0], "args": words[1..]})
            }
        }
    }

    /// Calls that change nothing and say the same each time.
    pub(super) fn calls(&self, data: &Data) -> Vec<(&'static str, Value)> {
        let repository = data.repository.to_string_lossy();
        let files = data.files.to_string_lossy();
        match self.name {
            "everything" => vec![
                ("echo", json!({"message": "hello"})),
                ("get-structured-content", json!({"location": "Chicago"})),
                ("get-sum", json!({"a": 1, "b": "no number"})),
            ],
            "filesystem" => vec![
                ("read_text_file", json!({"path": data.files.join("hello.txt")})),
                ("directory_tree", json!({"path": files})),
                ("read_text_file", json!({"path": "/etc/hostname"})),
            ],
            "git" => vec![
                ("git_log", json!({"repo_path": repository})),
                ("git_diff_unstaged", json!({"repo_path": repository})),
            ],
            "memory" => {
                vec![("read_graph", json!({})), ("search_nodes", json!({"query": "tea"}))]
            }
            _ => {
                let noon = json!({"source_timezone": "UTC", "time": "12:00",
                                  "target_timezone": "Asia/Tokyo"});
                vec![("convert_time", noon)]
            }
        }
    }

    /// A call that the policy denies, or hides.
    pub(super) fn forbidden(&self) -> Option<(&'static str, Value)> {
        match self.name {
            "everything" => Some((DENIED, json!({}))),
            "filesystem" => Some((HIDDEN, json!({"source": "/a", "destination": "/b"}))),
            _ => None,
        }
    }
}
