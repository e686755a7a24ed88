//! `console`: where people look and answer, beside `run`.

use std::process::ExitCode;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use toolgate_console::{ConsoleError, Listener, Options};
use toolgate_store::{Durability, OpenError, Options as StoreOptions, Store};

use crate::args::ConsoleArgs;
use crate::command::explain::explain;
use crate::config::host_url;
use crate::estate::Estate;
use crate::exit::{Exit, Failure};
use crate::{ancestry, output, place, state, wire};

const INTERRUPTED: u8 = 130;
const TERMINATED: u8 = 143;

pub(super) fn execute(args: ConsoleArgs) -> Result<ExitCode, Failure> {
    if args.openapi {
        output::print(&toolgate_console::openapi())?;
        return Ok(Exit::Ok.into());
    }
    let state = state::directory(args.state)?;
    // Not made here: answers to nobody's questions would wait in a directory that was mistyped.
    if let Err(OpenError::Missing { .. }) = place::reader(&state) {
        let text = format!(
            "`{}` is no state directory; add an account with `toolgate account add`, or name \
             another with `--state`",
            state.display()
        );
        return Err(Failure::new(Exit::State, text));
    }
    ancestry::refuse_servers(&state, "open a console on its own calls")?;
    let url = args.url.as_deref().map(host_url).transpose();
    let url = url.map_err(|why| Failure::new(Exit::Usage, format!("`--url`: {why}")))?;
    let listener = Listener::bind(args.listen).map_err(|error| failure(&error))?;
    let store = Store::open(&state, StoreOptions { durability: Durability::Full })?;
    let servers = Estate::over(&state);
    let (read_secret, tell) = (wire::read_secret, output::tell);
    let options = Options { state, url, read_secret, explain, gateway: None, servers, tell };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let code = runtime.block_on(run(listener, options, store));
    runtime.shutdown_background();
    code
}

async fn run(listener: Listener, options: Options, store: Store) -> Result<ExitCode, Failure> {
    let (stop, stopping) = watch::channel(false);
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    let address = listener.address();
    let mut serving =
        std::pin::pin!(toolgate_console::serve(listener, options, store.clone(), stopping));
    output::print(&format!("listening on {address}\n"))?;
    let code = tokio::select! {
        ended = &mut serving => {
            ended.map_err(|error| failure(&error))?;
            0
        }
        _ = interrupted.recv() => INTERRUPTED,
        _ = terminated.recv() => TERMINATED,
    };
    if code != 0 {
        stop.send_replace(true);
        serving.await.map_err(|error| failure(&error))?;
    }
    let finished = store.finish().await;
    finished.map_err(|error| Failure::new(Exit::State, error.to_string()))?;
    Ok(ExitCode::from(code))
}

pub(super) fn failure(error: &ConsoleError) -> Failure {
    let exit = match error {
        ConsoleError::Listen { .. } | ConsoleError::Unnamed { .. } => Exit::Usage,
        ConsoleError::State(_) => Exit::State,
    };
    Failure::new(exit, error.to_string())
}
