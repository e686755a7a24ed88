//! From settings to what the gateway takes.

use std::path::PathBuf;

use toolgate_gateway::{Header, SecretSource, ServeOptions, ServerSpec, UpstreamSpec};

use crate::config::listen::Listen;
use crate::config::secret::Secret;
use crate::config::server::{Reach, Server, ToolsChanged};
use crate::config::{self, Config};
use crate::exit::{Exit, Failure};

/// `remarks` are told once the gateway listens.
pub(crate) fn serve(
    config: Config,
    state: PathBuf,
    remarks: String,
) -> Result<ServeOptions, Failure> {
    let Listen::Tcp(listen) = config.listen else {
        return Err(Failure::new(Exit::Usage, "unix sockets are not served yet; use an address"));
    };
    let servers = config.servers.iter().map(|(name, server)| (name.clone(), server.to_json()));
    let size = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
    Ok(ServeOptions {
        listen,
        state,
        durability: config.durability,
        hosts: config.hosts,
        origins: config.origins,
        servers: servers.collect(),
        read_server,
        message_bytes_max: size(config.limits.message_bytes),
        sessions_max: size(config.limits.sessions_per_grant),
        remarks,
    })
}

/// A server's settings as they are stored.
pub(crate) fn read_server(text: &str) -> Result<ServerSpec, String> {
    let server = config::server_from_json(text)?;
    let tools_changed = match server.tools_changed {
        ToolsChanged::Allow => toolgate_gateway::ToolsChanged::Allow,
        ToolsChanged::AllowNarrowing => toolgate_gateway::ToolsChanged::AllowNarrowing,
        ToolsChanged::Block => toolgate_gateway::ToolsChanged::Block,
    };
    Ok(ServerSpec { upstream: upstream(server), tools_changed })
}

fn upstream(server: Server) -> UpstreamSpec {
    match server.reach {
        Reach::Command(command) => UpstreamSpec::Command {
            program: command.program.into(),
            args: command.args.into_iter().map(Into::into).collect(),
        },
        Reach::Url(remote) => {
            let headers = remote.headers.into_iter();
            let headers =
                headers.map(|header| Header { name: header.name, source: source(header.value) });
            UpstreamSpec::Url { url: remote.url, headers: headers.collect() }
        }
    }
}

fn source(secret: Secret) -> SecretSource {
    match secret {
        Secret::Env(variable) => SecretSource::Env(variable),
        Secret::File(path) => SecretSource::File(path),
        Secret::Plain(text) => SecretSource::Plain(text),
    }
}
