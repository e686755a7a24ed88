//! What a person sees first.

use crate::toolgate::Toolgate;

const COMMANDS: [&str; 23] = [
    "account",
    "approvals",
    "attacks",
    "audit",
    "catalog",
    "check",
    "completions",
    "console",
    "demo",
    "explain",
    "freeze",
    "grant",
    "policy",
    "replay",
    "report",
    "run",
    "scan",
    "serve",
    "server",
    "test",
    "thaw",
    "tools",
    "top",
];

#[test]
fn help_begins_with_examples() {
    let help = Toolgate::new().line("--help").run();
    help.exits(0);
    let examples = help.stdout.find("Examples:").unwrap();
    assert!(examples < help.stdout.find("Usage:").unwrap(), "{}", help.stdout);
    let commands: Vec<_> = help
        .stdout
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(commands, [&COMMANDS[..], &["help"]].concat());
    for command in COMMANDS {
        let help = Toolgate::new().line(&format!("{command} --help")).run();
        help.exits(0).says("Usage: toolgate").says("Examples:");
    }
}

/// Every example of every help text is taken by the reader of the command line.
#[test]
fn examples_can_be_typed() {
    let mut count = 0;
    for command in [""].into_iter().chain(COMMANDS) {
        let help = Toolgate::new().line(&format!("{command} --help")).run();
        let lines = help.stdout.replace("\\\n", " ");
        for line in lines.lines().filter_map(|line| line.trim().strip_prefix("toolgate ")) {
            let typed = line.split("  ").next().unwrap().split(" >").next().unwrap();
            let nonsense = format!("{typed} --nonsense");
            let ran = Toolgate::new().line(&nonsense.replace(" -- ", " --nonsense -- ")).run();
            ran.exits(2).warns("--nonsense");
            count += 1;
        }
    }
    assert!(count >= 15, "{count}");
}

#[test]
fn the_version_is_printed() {
    let version = concat!("toolgate ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(Toolgate::new().line("--version").run().exits(0).stdout, version);
}

#[test]
fn completions_know_the_commands() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ran = Toolgate::new().line(&format!("completions {shell}")).run();
        ran.exits(0).says("verify").says("message-bytes-max");
    }
}

#[test]
fn a_typing_mistake_gets_a_suggestion_in_one_line() {
    let chek = Toolgate::new().line("chek").run();
    chek.fails_in_one_line(2, "`check`");
    assert_eq!(chek.stderr.lines().count(), 1);
    Toolgate::new().line("run --polcy x").run().fails_in_one_line(2, "`--policy`");
    Toolgate::new().line("run").run().fails_in_one_line(2, "see `toolgate run --help`");
    let json = Toolgate::new().line("audit tial --json").run();
    json.exits(2).warns(r#"{"version":1,"error":{"exit":2,"kind":"usage","text":""#);
}
