//! A running process and all that it started, waited for to the end whoever else forgets.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use tokio::process::Child;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::quota::Taken;

/// A running server. Dropping it ends the server.
#[derive(Debug)]
pub(crate) struct Process {
    orders: watch::Sender<Order>,
    exit: watch::Receiver<Option<i32>>,
}

/// What the server is asked to do. It only ever gets stricter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Order {
    Run,
    /// Its standard input is closed: it should end by itself.
    Leave,
    End,
}

/// Ends a server that somebody else has.
#[derive(Clone, Debug)]
pub(super) struct Stopper(watch::Sender<Order>);

/// How long a server may take to end once its standard input is closed, then once asked to. The
/// official SDKs give us two seconds before they ask, and kill two seconds later.
const LEAVE: Duration = Duration::from_secs(1);
const TERMINATE: Duration = Duration::from_millis(500);
const LOOK: Duration = Duration::from_millis(10);

impl Process {
    /// Takes a child that leads a process group; its places are free once it has ended.
    pub(super) fn keep(child: Child, places: Vec<Taken>) -> Self {
        let (orders, ordered) = watch::channel(Order::Run);
        let (ended, exit) = watch::channel(None);
        tokio::spawn(async move {
            let code = keep(child, ordered).await;
            drop(places);
            ended.send_replace(Some(code));
        });
        Self { orders, exit }
    }

    pub(super) fn stopper(&self) -> Stopper {
        Stopper(self.orders.clone())
    }

    /// Its standard input is closed: gives it time, then asks, then kills. Its own exit code, or 0
    /// if it had to be ended.
    pub(crate) async fn finish(self) -> i32 {
        order(&self.orders, Order::Leave);
        self.ended().await
    }

    /// Asks the server to end, and kills it if it does not.
    pub(crate) async fn terminate(self) {
        order(&self.orders, Order::End);
        self.ended().await;
    }

    async fn ended(&self) -> i32 {
        let mut exit = self.exit.clone();
        exit.wait_for(Option::is_some).await.ok().and_then(|code| *code).unwrap_or(1)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        order(&self.orders, Order::End);
    }
}

impl Stopper {
    pub(super) fn stop(&self) {
        order(&self.0, Order::End);
    }
}

fn order(orders: &watch::Sender<Order>, order: Order) {
    orders.send_if_modified(|now| {
        let stricter = order > *now;
        *now = order.max(*now);
        stricter
    });
}

async fn keep(mut child: Child, mut orders: watch::Receiver<Order>) -> i32 {
    let group = Group::of(&child);
    let code = tokio::select! {
        code = wait(&mut child) => Some(code),
        _ = orders.wait_for(|order| *order >= Order::Leave) => None,
    };
    let code = match code {
        Some(code) => code,
        None => stop(&mut child, &group, orders).await,
    };
    group.end().await;
    code
}

async fn stop(child: &mut Child, group: &Group, mut orders: watch::Receiver<Order>) -> i32 {
    let left = tokio::select! {
        left = timeout(LEAVE, wait(child)) => left.ok(),
        _ = orders.wait_for(|order| *order >= Order::End) => None,
    };
    if let Some(code) = left {
        return code;
    }
    group.signal(Signal::TERM);
    if timeout(TERMINATE, wait(child)).await.is_err() {
        group.signal(Signal::KILL);
        wait(child).await;
    }
    0
}

async fn wait(child: &mut Child) -> i32 {
    child.wait().await.map_or(1, exit_code)
}

/// The server and what it started, but for what left the group. Its number is not given out anew
/// while anybody is in it; behind that, the system hands out every other number first.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &Child) -> Self {
        Self(child.id().and_then(|id| Pid::from_raw(id.cast_signed())))
    }

    /// The leader is gone: ends whoever it left behind.
    async fn end(&self) {
        self.signal(Signal::TERM);
        let gone = async {
            while self.0.is_some_and(|group| test_kill_process_group(group).is_ok()) {
                sleep(LOOK).await;
            }
        };
        if timeout(TERMINATE, gone).await.is_err() {
            self.signal(Signal::KILL);
        }
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = self.0 {
            let _ = kill_process_group(group, signal);
        }
    }
}

/// As a shell tells it: 128 and the signal's number for a process that was killed.
fn exit_code(status: ExitStatus) -> i32 {
    status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1)
}
