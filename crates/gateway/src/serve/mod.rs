//! Many servers, principals and grants behind one address.

mod connectors;
mod follow;
mod house;
mod options;
mod path;
mod registry;

use std::sync::Arc;

use toolgate_store::{self as store, Act, CONFIGURED, ChangeError, DirectoryReader, Origin, Store};

use crate::downstream::http::{self, Edge};
use crate::options::{RunError, RunErrorKind};
use crate::random;
use crate::report::{announce, report, report_text};
use crate::signal;

use house::House;

pub use options::{ReadServer, ServeOptions, ServerSpec};

/// Serves until a signal comes. Gives the exit code.
pub fn serve(options: ServeOptions) -> Result<i32, RunError> {
    let unexpected = |e: std::io::Error| RunError::new(RunErrorKind::Unexpected, e.to_string());
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.enable_all().build().map_err(unexpected)?;
    let result = runtime.block_on(run(options));
    runtime.shutdown_background();
    result
}

async fn run(options: ServeOptions) -> Result<i32, RunError> {
    let settings = store::Options { durability: options.durability };
    let store = Store::open(&options.state, settings).map_err(|error| state(&error))?;
    configure(&store, &options).await?;
    let (socket, bound) = http::bind(options.listen, "listen").await?;
    let edge = Edge::new(bound, &options.hosts, &options.origins);
    let prefix = format!("toolgate-{}", random::hex::<8>()?);
    let reader = DirectoryReader::open(&options.state).map_err(|error| state(&error))?;
    let house = Arc::new(House::new(edge, (store.clone(), reader), options, prefix));
    house.look().map_err(|error| state(&error))?;
    announce(&format!("listening on http://{bound}"));
    report_text(&house.remarks());
    let code = tokio::select! {
        code = signal::stop() => code,
        never = http::accept(socket, Arc::clone(&house)) => match never {},
        never = follow::follow(Arc::clone(&house)) => match never {},
    };
    house.end().await;
    if let Err(error) = store.finish().await {
        report(&format!("the last entries of the audit log may be missing: {error}"));
    }
    Ok(code)
}

/// What the config file says is in the directory before anybody can ask.
async fn configure(store: &Store, options: &ServeOptions) -> Result<(), RunError> {
    let mut acts = vec![Act::SyncServers { servers: options.servers.clone() }];
    let name = CONFIGURED.to_owned();
    if let Some(text) = options.organization.clone() {
        acts.push(Act::PutPolicy { name: name.clone(), text });
    }
    let policy = options.organization.is_some().then_some(name);
    acts.push(Act::SetOrganization { policy, origin: Origin::Config });
    store.change(acts, "config").await.map(drop).map_err(|error| match error {
        ChangeError::Rejected(why) => RunError::new(RunErrorKind::Usage, why.to_string()),
        ChangeError::Unavailable(why) => state(&why),
    })
}

fn state(error: &dyn std::fmt::Display) -> RunError {
    RunError::new(RunErrorKind::Audit, error.to_string())
}
