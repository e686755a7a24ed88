//! `server`.

use clap::{Args, Subcommand};

use super::{PlaceArgs, TEMPLATE};

/// The servers that grants can name. Those of the config file are changed there.
#[derive(Debug, Args)]
#[command(
    help_template = TEMPLATE,
    before_help = "\
Examples:
  toolgate server add shop -- npx -y my-mcp
  toolgate server add web --url https://mcp.example.com/mcp --header Authorization=env:WEB_TOKEN
  toolgate server list
"
)]
pub(crate) struct ServerArgs {
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    #[command(subcommand)]
    pub(crate) command: ServerCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ServerCommand {
    /// Registers a server, or changes one
    #[command(help_template = TEMPLATE)]
    Add(AddServerArgs),
    /// Lists all servers
    #[command(help_template = TEMPLATE)]
    List,
    /// Lets a person log in where the server wants one: shows the address to open in a browser
    #[command(help_template = TEMPLATE)]
    Login(ServerName),
    /// Forgets what was kept of a login
    #[command(help_template = TEMPLATE)]
    Logout(ServerName),
    /// Removes a server and what was kept of its login; who uses it is cut off
    #[command(help_template = TEMPLATE)]
    Remove(ServerName),
    /// Seals all kept secrets under a new key
    #[command(help_template = TEMPLATE)]
    RotateKey,
    /// Prints a server's settings, without secrets
    #[command(help_template = TEMPLATE)]
    Show(ServerName),
    /// Connects to a server as the gateway would, and prints what it offers; exit code 4 if that
    /// cannot be
    #[command(help_template = TEMPLATE)]
    Test(ServerName),
}

#[derive(Debug, Args)]
pub(crate) struct AddServerArgs {
    /// Lower-case letters, digits and `-`: it stands in the path /mcp/NAME
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// The server's address, if it is not started as a command
    #[arg(long, value_name = "URL", conflicts_with = "command")]
    pub(crate) url: Option<String>,
    /// How the server at --url speaks: http (streamable), or sse (MCP 2024-11-05)
    #[arg(long, value_name = "KIND", requires = "url")]
    pub(crate) transport: Option<String>,
    /// A header for the server: NAME=env:VARIABLE or NAME=file:PATH, never the secret itself
    #[arg(long = "header", value_name = "NAME=SOURCE", requires = "url")]
    pub(crate) headers: Vec<String>,
    /// A variable for the command: NAME=env:VARIABLE or NAME=file:PATH
    #[arg(long = "env", value_name = "NAME=SOURCE", conflicts_with = "url")]
    pub(crate) env: Vec<String>,
    /// What happens to tools whose definition changes: `block`, `allow_narrowing` or `allow`
    #[arg(long, value_name = "MODE")]
    pub(crate) tools_changed: Option<String>,
    /// The server's command and its arguments
    #[arg(last = true, value_name = "COMMAND", required_unless_present = "url")]
    pub(crate) command: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ServerName {
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
}
