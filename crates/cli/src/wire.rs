//! From settings to what the gateway takes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use toolgate_gateway::{
    AuthFlow, AuthSpec, ClaimGrant, ClaimTest, CommandSpec, Configured, Header, JwtIssuer, Limits,
    Listen, ReadServer, Reload, Resources, Sandbox, SecretSource, ServeOptions, ServerSpec,
    Telemetry, TlsFiles, Transport, UpstreamSpec, UrlSpec, Variable,
};

use crate::config::secret::Secret;
use crate::config::server::oauth::{OAuth, OAuthKind};
use crate::config::server::{Reach, Server, ToolsChanged, command, remote};
use crate::config::{self, Config, auth, listen, tls};
use crate::exit::Failure;
use crate::{policy_text, sealed};

/// `remarks` are told once the gateway listens; `reload` reads the configuration again.
pub(crate) fn serve(
    config: Config,
    state: PathBuf,
    remarks: String,
    reload: Option<Reload>,
) -> Result<ServeOptions, Failure> {
    let configured = configured(&config)?;
    let keeper = state.clone();
    Ok(ServeOptions {
        listen: match config.listen {
            listen::Listen::Tcp(address) => Listen::Tcp(address),
            listen::Listen::Unix(path) => Listen::Unix(path),
        },
        tls: config.tls.map(|tls::Tls { cert, key, client_ca }| TlsFiles { cert, key, client_ca }),
        state,
        durability: config.durability,
        hosts: config.hosts,
        origins: config.origins,
        jwt: config.auth.into_iter().map(issuer).collect(),
        configured,
        read_server: ReadServer(Arc::new(move |text| read_server(&keeper, text))),
        limits: limits(&config.limits),
        telemetry: Telemetry {
            otlp: config.telemetry.otlp,
            headers: config.telemetry.headers.into_iter().map(header).collect(),
            metrics: config.telemetry.metrics,
        },
        approval_url: None,
        reload,
        remarks,
        beside: None,
    })
}

/// What is kept in the state directory, where it belongs to the config file.
pub(crate) fn configured(config: &Config) -> Result<Configured, Failure> {
    let servers = config.servers.iter().map(|(name, server)| (name.clone(), server.to_json()));
    let organization = config.organization_policy.as_deref().map(policy_text::read).transpose()?;
    Ok(Configured { servers: servers.collect(), organization })
}

fn limits(limits: &config::limits::Limits) -> Limits {
    let count = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    Limits {
        message_bytes: count(limits.message_bytes),
        headers_bytes: count(limits.headers_bytes),
        in_flight_per_grant: count(limits.in_flight_per_grant),
        in_flight_per_principal: count(limits.in_flight_per_principal),
        sessions: count(limits.sessions),
        sessions_per_grant: count(limits.sessions_per_grant),
        sessions_per_principal: count(limits.sessions_per_principal),
        processes: count(limits.processes),
        processes_per_principal: count(limits.processes_per_principal),
        session_idle: limits.session_idle,
        connections: count(limits.connections),
        request_timeout: limits.request_timeout,
        write_timeout: limits.write_timeout,
        drain: limits.drain,
    }
}

fn issuer(jwt: auth::Jwt) -> JwtIssuer {
    JwtIssuer {
        issuer: jwt.issuer,
        audience: jwt.audience,
        jwks_url: jwt.jwks_url,
        algorithms: jwt.algorithms.into_iter().map(str::to_owned).collect(),
        grants: jwt.grants.into_iter().map(mapping).collect(),
    }
}

fn mapping(mapping: auth::Mapping) -> ClaimGrant {
    let test = match mapping.test {
        auth::ClaimTest::Contains(text) => ClaimTest::Contains(text),
        auth::ClaimTest::Equals(text) => ClaimTest::Equals(text),
    };
    ClaimGrant { claim: mapping.claim, test, grant: mapping.grant }
}

/// A server's settings as they are stored, with what is kept sealed in `state`.
pub(crate) fn read_server(state: &Path, text: &str) -> Result<ServerSpec, String> {
    let mut server = config::server_from_json(text)?;
    sealed::unseal(state, &mut server)?;
    let tools_changed = match server.tools_changed {
        ToolsChanged::Allow => toolgate_gateway::ToolsChanged::Allow,
        ToolsChanged::AllowNarrowing => toolgate_gateway::ToolsChanged::AllowNarrowing,
        ToolsChanged::Block => toolgate_gateway::ToolsChanged::Block,
    };
    Ok(ServerSpec { upstream: upstream(server), tools_changed })
}

pub(crate) fn upstream(server: Server) -> UpstreamSpec {
    match server.reach {
        Reach::Command(settings) => UpstreamSpec::Command(command(settings)),
        Reach::Url(remote) => UpstreamSpec::Url(url(remote)),
    }
}

fn url(remote: remote::Remote) -> UrlSpec {
    UrlSpec {
        url: remote.url,
        headers: remote.headers.into_iter().map(header).collect(),
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

/// The secret that `env:NAME` or `file:/path` names.
pub(crate) fn read_secret(named: &str) -> Result<Vec<u8>, String> {
    toolgate_gateway::read_secret(named)
}

fn header(header: remote::Header) -> Header {
    Header { name: header.name, source: source(header.value) }
}

fn source(secret: Secret) -> SecretSource {
    match secret {
        Secret::Env(variable) => SecretSource::Env(variable),
        Secret::File(path) => SecretSource::File(path),
        Secret::Plain(text) => SecretSource::Plain(text),
        // Nobody unsealed it: there is no such file, and the server is not set up.
        Secret::Sealed(name) => SecretSource::File(PathBuf::from(format!("sealed:{name}"))),
    }
}
