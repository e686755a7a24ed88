//! From options to a running gate, and to its end.

pub(crate) mod reload;

use std::sync::Arc;

use tokio::sync::watch;
use toolgate_policy::{Caller, Principal};
use toolgate_store::{self as store, DirectoryReader, Store};

use crate::approval::{Approvals, Hub};
use crate::downstream::{http, stdio};
use crate::freeze;
use crate::gate::Gate;
use crate::listing::Lists;
use crate::options::{Options, RunError, RunErrorKind};
use crate::otlp::Exporter;
use crate::quota::ProcessCaps;
use crate::random;
use crate::report::{report, report_text};
use crate::snapshot::{Snapshot, Unread};
use crate::upstream::Connector;
use crate::upstream::auth::Vault;
use crate::ways::Ways;

/// Runs one gate until its client leaves, its server ends, or a signal comes. Gives the exit
/// code: the server's own where it had one.
pub fn run(options: Options) -> Result<i32, RunError> {
    let unexpected = |e: std::io::Error| RunError::new(RunErrorKind::Unexpected, e.to_string());
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().build().map_err(unexpected)?;
    let result = runtime.block_on(serve(options));
    // A thread may still wait for standard input.
    runtime.shutdown_background();
    result
}

async fn serve(options: Options) -> Result<i32, RunError> {
    let snapshot = first_snapshot(&options)?;
    let store = open(&options)?;
    let (publish, current) = watch::channel(Arc::new(snapshot));
    let freezes = freezes(&options)?;
    let hub = Hub::new(&options.state);
    let gate = Arc::new(Gate {
        store: store.clone(),
        caller: Arc::new(caller(&options)),
        message_bytes_max: options.message_bytes_max,
        current,
        freezes,
        own_id_prefix: format!("toolgate-{}", random::hex::<8>()?),
        request_timeout: None,
        meter: Arc::default(),
        processes: ProcessCaps::unbounded(),
        exporter: Exporter::default(),
        lists: Lists::default(),
        // On one machine, who sits at the client is the operator.
        approvals: Approvals::new(Arc::clone(&hub), true),
        ways: Arc::new(Ways::new(&options.state, options.approval_url.as_deref())),
        stopping: watch::channel(false).1,
    });
    let vault = Vault::new(&options.state, None);
    let connector = Connector::new(&options.server, &options.upstream, &vault)?;
    tokio::spawn(reload::follow(options.policy.clone(), store.clone(), publish));
    let code = match options.listen {
        None => stdio::serve(&gate, &connector).await?,
        Some(address) => http::serve(gate, connector, address).await?,
    };
    hub.webhooks.finish().await;
    if let Err(error) = store.finish().await {
        report(&format!("the last entries of the audit log may be missing: {error}"));
    }
    Ok(code)
}

fn first_snapshot(options: &Options) -> Result<Snapshot, RunError> {
    let path = options.policy.display();
    match Snapshot::read(&options.policy) {
        Ok((snapshot, warnings)) => {
            report_text(&warnings);
            Ok(snapshot)
        }
        Err(Unread::Invalid(errors)) => {
            report_text(&errors);
            let text = format!("the policy {path} has errors; mend them and try again");
            Err(RunError::new(RunErrorKind::Policy, text))
        }
        Err(Unread::Unreadable(error)) => {
            let text = format!("cannot read the policy {path}: {error}; check `--policy`");
            Err(RunError::new(RunErrorKind::Policy, text))
        }
    }
}

/// Known before anything passes, and followed from then on.
fn freezes(options: &Options) -> Result<freeze::Known, RunError> {
    let reader = DirectoryReader::open(&options.state).map_err(|error| state(&error))?;
    let frozen = reader.freezes().map_err(|error| state(&error))?;
    freeze::report_all(&frozen);
    let (publish, known) = watch::channel(Arc::new(frozen));
    tokio::spawn(freeze::follow(reader, publish));
    Ok(known)
}

fn open(options: &Options) -> Result<Store, RunError> {
    let settings = store::Options { durability: options.durability };
    Store::open(&options.state, settings).map_err(|error| state(&error))
}

fn state(error: &dyn std::fmt::Display) -> RunError {
    RunError::new(RunErrorKind::Audit, error.to_string())
}

/// On one machine the principal is the grant.
fn caller(options: &Options) -> Caller {
    let principal = Principal { issuer: "local".to_owned(), subject: options.grant.clone() };
    Caller { principal, grant: options.grant.clone(), server: options.server.clone() }
}
