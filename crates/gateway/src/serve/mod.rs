//! Many servers, principals and grants behind one address.

mod connectors;
mod descriptors;
mod entrance;
mod follow;
mod gathering;
mod health;
mod house;
mod operation;
mod options;
mod pages;
mod path;
mod registry;
mod resource;
mod shares;

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use toolgate_store::{
    self as store, Act, CONFIGURED, ChangeError, DirectoryReader, Origin, Serving, Store,
};

use crate::downstream::http::{self, Listener, Tls};
use crate::options::{RunError, RunErrorKind};
use crate::random;
use crate::report::{announce, report, report_text};
use crate::signal::{Signals, Told};

use house::House;

pub use options::{
    Beside, ClaimGrant, ClaimTest, Configured, JwtIssuer, Limits, Listen, ReadServer, Reload,
    ServeOptions, ServerSpec, Telemetry, TlsFiles,
};

/// Serves until a signal comes. Gives the exit code.
pub fn serve(options: ServeOptions) -> Result<i32, RunError> {
    let unexpected = |e: std::io::Error| RunError::new(RunErrorKind::Unexpected, e.to_string());
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.enable_all().build().map_err(unexpected)?;
    let result = runtime.block_on(run(options));
    runtime.shutdown_background();
    result
}

async fn run(mut options: ServeOptions) -> Result<i32, RunError> {
    descriptors::raise();
    let settings = store::Options { durability: options.durability };
    let store = Store::open(&options.state, settings).map_err(|error| state(&error))?;
    let mut signals = Signals::new()?;
    // Before anything is changed: another gateway may run on the same state.
    let listener = listen(&options).await?;
    let configured = std::mem::take(&mut options.configured);
    let serving = Serving::begin(&options.state, &configured.mind());
    let serving = serving.map_err(|error| state(&error))?;
    sync(&store, configured).await?;
    let (tls, address) = (listener.tls().cloned(), listener.address());
    let prefix = format!("toolgate-{}", random::hex::<8>()?);
    let beside = options.beside.take();
    let reader = DirectoryReader::open(&options.state).map_err(|error| state(&error))?;
    let house = House::new(&listener, (store.clone(), reader), options, prefix)?;
    house.look().map_err(|error| state(&error))?;
    announce(&format!("listening on {address}"));
    report_text(&house.remarks());
    house.report_freezes();
    let accepting = http::accept(listener, Arc::clone(&house), house.stopping.subscribe());
    let accepting = tokio::spawn(accepting);
    let beside = beside.map(|beside| run_beside(beside, &house));
    tokio::spawn(operation::sweep(Arc::downgrade(&house)));
    let issuers = Arc::clone(&house.issuers);
    tokio::spawn(async move { issuers.warm_up().await });
    let stopping = async {
        while signals.next().await == Told::Renew {
            renew(&house, &serving, tls.as_ref()).await;
        }
        tokio::select! {
            () = house.drain() => 0,
            code = signals.stop() => code,
        }
    };
    let code = tokio::select! {
        code = stopping => code,
        never = follow::follow(Arc::clone(&house)) => match never {},
    };
    // Whoever sends a second signal does not wait for servers to end.
    if code == 0 {
        house.end().await;
        house.approvals.webhooks.finish().await;
        house.exporter.finish().await;
        // The listener takes the file of its socket along.
        let _ = accepting.await;
        if let Some(beside) = beside {
            let _ = beside.await;
        }
    }
    if let Err(error) = store.finish().await {
        report(&format!("the last entries of the audit log may be missing: {error}"));
    }
    Ok(code)
}

/// What shares the process and the store.
fn run_beside(Beside(run): Beside, house: &House) -> JoinHandle<()> {
    let running = run(house.store.clone(), house.stopping.subscribe());
    tokio::spawn(async move {
        if let Err(why) = running.await {
            report(&why);
        }
    })
}

async fn listen(options: &ServeOptions) -> Result<Listener, RunError> {
    let tls = options.tls.as_ref().map(Tls::new).transpose()?.map(Arc::new);
    let listener = match &options.listen {
        Listen::Tcp(address) => Listener::tcp(*address, "listen").await?,
        Listen::Unix(path) => Listener::unix(path, "listen").await?,
    };
    Ok(listener.with_tls(tls))
}

/// What the config file says is in the directory before anybody can ask.
async fn sync(store: &Store, configured: Configured) -> Result<(), RunError> {
    let Configured { servers, organization } = configured;
    let mut acts = vec![Act::SyncServers { servers }];
    let policy = organization.is_some().then(|| CONFIGURED.to_owned());
    if let Some(text) = organization {
        acts.push(Act::PutPolicy { name: CONFIGURED.to_owned(), text });
    }
    acts.push(Act::SetOrganization { policy, origin: Origin::Config });
    store.change(acts, "config").await.map(drop).map_err(|error| match error {
        ChangeError::Rejected(why) => RunError::new(RunErrorKind::Usage, why.to_string()),
        ChangeError::Unavailable(why) => state(&why),
    })
}

/// SIGHUP. What cannot be read again stays as it was.
async fn renew(house: &Arc<House>, serving: &Serving, tls: Option<&Arc<Tls>>) {
    let (reading, tls) = (Arc::clone(house), tls.cloned());
    let read = tokio::task::spawn_blocking(move || {
        let certificates = tls.as_deref().map_or(Ok(()), Tls::renew);
        (certificates, reading.read_again())
    });
    let (certificates, read) = match tokio::time::timeout(RENEW_WAIT, read).await {
        Ok(Ok(read)) => read,
        Ok(Err(_)) => (Ok(()), Err("a bug stopped its reader".to_owned())),
        Err(_) => {
            let why = format!("the files could not be read within {RENEW_WAIT:?}");
            (Ok(()), Err(format!("{why}; does a file system hang?")))
        }
    };
    let configured = match read {
        Ok(None) => Ok(()),
        Ok(Some(configured)) => {
            let mind = configured.mind();
            let done = sync(&house.store, configured).await.map_err(|error| error.text);
            let said = || serving.renew(&mind).map_err(|error| error.to_string());
            done.and_then(|()| said())
        }
        Err(why) => Err(why),
    };
    house.metrics.reloaded(certificates.is_ok() && configured.is_ok());
    if let Err(error) = &certificates {
        report(&format!("the certificate stays as it was: {}", error.text));
    }
    match configured {
        Ok(()) => {
            report("read again what may change: servers, the organization's policy, certificates");
        }
        Err(why) => report(&format!("the servers stay as they were: {why}")),
    }
}

/// How long the files that may change may take to be read.
const RENEW_WAIT: Duration = Duration::from_secs(10);

fn state(error: &dyn std::fmt::Display) -> RunError {
    RunError::new(RunErrorKind::Audit, error.to_string())
}
