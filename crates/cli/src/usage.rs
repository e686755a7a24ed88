//! From the command line to a command, or to one line about what is wrong with it.

use std::ffi::OsString;

use clap::Parser;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::args::Cli;
use crate::exit::{Exit, Failure};
use crate::output;

/// Nothing to do if help or the version was asked for: that is printed here.
pub(crate) fn read(typed: &[OsString]) -> Result<Option<Cli>, (Failure, bool)> {
    let json = typed.iter().take_while(|arg| *arg != "--").any(|arg| arg == "--json");
    match Cli::try_parse_from(typed) {
        Ok(cli) => Ok(Some(cli)),
        Err(help) if !help.use_stderr() => {
            output::print(&help.render().to_string()).map_err(|failure| (failure, json))?;
            Ok(None)
        }
        Err(error) => Err((Failure::new(Exit::Usage, one_line(&error, typed)), json)),
    }
}

/// clap's message without its paragraphs: what, where, and how to mend.
fn one_line(error: &clap::Error, typed: &[OsString]) -> String {
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return format!("no command given; see `{}`", help(typed));
    }
    let rendered = error.render().to_string();
    let mut text = String::new();
    for line in rendered.lines().take_while(|line| !line.starts_with("Usage:")) {
        let line = line.trim();
        let line = line.strip_prefix("error: ").unwrap_or(line);
        if line.is_empty() || line.starts_with("For more information") {
            continue;
        }
        let (separator, line) = match line.strip_prefix("tip: ") {
            Some(tip) => ("; ", tip),
            None => (" ", line),
        };
        text.push_str(if text.is_empty() { "" } else { separator });
        text.push_str(line);
    }
    let hint = without_dashes(error, typed).unwrap_or_default();
    format!("{}{hint}; see `{}`", text.replace('\'', "`"), help(typed))
}

/// `scan npx x`: where the command begins is to be said.
fn without_dashes(error: &clap::Error, typed: &[OsString]) -> Option<String> {
    let command = typed.get(1)?.to_str().filter(|name| matches!(*name, "run" | "scan"))?;
    let ContextValue::String(word) = error.get(ContextKind::InvalidArg)? else { return None };
    let is_word = error.kind() == ErrorKind::UnknownArgument && !word.starts_with('-');
    let said = typed.iter().any(|arg| arg == "--");
    (is_word && !said).then(|| {
        let word = output::visible(word);
        format!("; a server's command stands behind `--`: `toolgate {command} -- {word} …`")
    })
}

/// The nearest help: of the command that was typed, if there is one of that name.
fn help(typed: &[OsString]) -> String {
    use clap::CommandFactory;
    let mut command = Cli::command();
    let mut path = "toolgate".to_owned();
    for word in typed.iter().skip(1).filter_map(|word| word.to_str()) {
        let Some(inner) = command.find_subcommand(word) else { break };
        path.push(' ');
        path.push_str(word);
        command = inner.clone();
    }
    format!("{path} --help")
}
