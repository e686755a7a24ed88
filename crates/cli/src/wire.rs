//! From settings to what the gateway takes.

use std::path::PathBuf;

use toolgate_gateway::{
    AuthFlow, AuthSpec, CommandSpec, Header, Resources, Sandbox, SecretSource, ServeOptions,
    ServerSpec, Transport, UpstreamSpec, UrlSpec, Variable,
};

use crate::config::listen::Listen;
use crate::config::secret::Secret;
use crate::config::server::oauth::{OAuth, OAuthKind};
use crate::config::server::{Reach, Server, ToolsChanged, command, remote};
use crate::config::{self, Config};
use crate::exit::{Exit, Failure};
use crate::policy_text;

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
        organization: config.organization_policy.as_deref().map(policy_text::read).transpose()?,
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
        Reach::Command(settings) => UpstreamSpec::Command(command(settings)),
        Reach::Url(remote) => UpstreamSpec::Url(url(remote)),
    }
}

fn url(remote: remote::Remote) -> UrlSpec {
    let headers = remote.headers.into_iter();
    let headers = headers.map(|header| Header { name: header.name, source: source(header.value) });
    UrlSpec {
        url: remote.url,
        headers: headers.collect(),
        auth: remote.auth.map(auth),
        transport: match remote.transport {
            remote::Transport::Http => Transport::Http,
            remote::Transport::Sse => Transport::Sse,
        },
    }
}

fn auth(oauth: OAuth) -> AuthSpec {
    AuthSpec {
        flow: match oauth.kind {
            OAuthKind::AuthorizationCode => AuthFlow::AuthorizationCode,
            OAuthKind::ClientCredentials => AuthFlow::ClientCredentials,
        },
        client_id: oauth.client_id,
        client_secret: oauth.client_secret.map(source),
        scope: oauth.scope,
        issuer: oauth.issuer,
        token_url: oauth.token_url,
    }
}

fn command(settings: command::Command) -> CommandSpec {
    let args = settings.args.into_iter().map(Into::into).collect();
    let env = settings.env.into_iter();
    let command::Resources { memory_bytes, open_files, processes, cpu } = settings.resources;
    CommandSpec {
        env: env.map(|(name, value)| Variable { name, source: source(value) }).collect(),
        cwd: settings.cwd,
        inherit_env: settings.inherit_env,
        sandbox: settings.sandbox.map(|sandbox| Sandbox {
            network: sandbox.network,
            read: sandbox.read,
            write: sandbox.write,
        }),
        resources: Resources {
            memory_bytes_max: memory_bytes,
            open_files_max: open_files,
            processes_max: processes,
            cpu_s_max: cpu.map(|cpu| cpu.as_secs()),
        },
        start_timeout: Some(settings.start_timeout),
        idle_timeout: Some(settings.idle_timeout),
        shared: settings.shared,
        ..CommandSpec::supervised(settings.program.into(), args)
    }
}

fn source(secret: Secret) -> SecretSource {
    match secret {
        Secret::Env(variable) => SecretSource::Env(variable),
        Secret::File(path) => SecretSource::File(path),
        Secret::Plain(text) => SecretSource::Plain(text),
    }
}
