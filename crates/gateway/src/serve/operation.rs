//! What a house does besides letting people in: it sweeps, counts, and stops.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use crate::metrics::Text;

use super::Configured;
use super::house::{House, State};

/// Between two looks for what is idle.
const SWEEP_MIN: Duration = Duration::from_millis(25);
const SWEEP_MAX: Duration = Duration::from_secs(5);
/// How often a stopping gateway looks whether everybody has left.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Looks for idle sessions many times in the time after which they end.
pub(super) async fn sweep(house: Weak<House>) {
    loop {
        let Some(house) = house.upgrade() else { return };
        house.sweep();
        let every = (house.options.limits.session_idle / 4).clamp(SWEEP_MIN, SWEEP_MAX);
        drop(house);
        tokio::time::sleep(every).await;
    }
}

impl House {
    /// What the config file says now; nothing where there is no such file.
    pub(super) fn read_again(&self) -> Result<Option<Configured>, String> {
        self.options.reload.as_ref().map(|reload| (reload.0)()).transpose()
    }

    /// Ends idle sessions, and rooms that nobody came to for as long.
    fn sweep(&self) {
        let rooms: Vec<_> = {
            let state = self.read();
            let rooms = state.rooms.iter();
            rooms.map(|(caller, there)| (caller.clone(), Arc::clone(&there.room))).collect()
        };
        self.sweep_halls();
        let unused = rooms.into_iter().filter(|(_, room)| room.presence.sweep());
        let unused: Vec<_> = unused.map(|(caller, _)| caller).collect();
        if unused.is_empty() {
            return;
        }
        let mut state = self.write();
        for caller in unused {
            // Somebody may have come in the meantime.
            if state.rooms.get(&caller).is_some_and(|there| there.room.presence.sweep())
                && let Some(there) = state.rooms.remove(&caller)
            {
                there.close();
            }
        }
        let State { rooms, halls, shares, .. } = &mut *state;
        shares.forget(|here| {
            rooms.keys().any(|caller| here.is(&caller.grant, &caller.principal))
                || halls.keys().any(|holder| here.is(&holder.grant, &holder.principal))
        });
    }

    fn sweep_halls(&self) {
        let halls: Vec<_> =
            self.read().halls.values().map(|there| Arc::clone(&there.hall)).collect();
        if halls.iter().filter(|hall| hall.presence.sweep()).count() > 0 {
            // Somebody may have come in the meantime.
            let mut state = self.write();
            let unused = state.halls.extract_if(|_, there| there.hall.presence.sweep());
            unused.for_each(|(_, there)| there.close());
        }
    }

    /// Waits until nothing is in flight, or the time for it is over.
    pub(super) async fn drain(&self) {
        self.stopping.send_replace(true);
        let until = Instant::now() + self.options.limits.drain;
        for there in self.read().rooms.values() {
            there.room.presence.hang_up();
        }
        for there in self.read().halls.values() {
            there.hall.presence.hang_up();
        }
        while self.is_busy() && Instant::now() < until {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    fn is_busy(&self) -> bool {
        self.bounds.connections.used() > 0 || self.in_flight() > 0
    }

    fn in_flight(&self) -> usize {
        self.read().shares.in_flight()
    }

    pub(super) fn write_metrics(&self, text: &mut Text) {
        text.family("toolgate_build_info", "gauge", "The program that serves.");
        text.sample("", &[("version", env!("CARGO_PKG_VERSION"))], 1);
        self.metrics.write(text);
        self.issuers.write_metrics(text);
        self.exporter.write_metrics(text);
        let connections = self.bounds.connections.used();
        text.gauge("toolgate_connections", "Connections of clients.", connections);
        text.gauge("toolgate_in_flight", "Requests in flight.", self.in_flight());
        let (rooms, seq, sessions, processes) = {
            let state = self.read();
            let State { registry, rooms, shares, .. } = &*state;
            let (sessions, processes) = (shares.sessions.used(), shares.processes.used());
            (rooms.len(), registry.directory.seq, sessions, processes)
        };
        text.gauge("toolgate_sessions", "Legacy sessions.", sessions);
        text.gauge("toolgate_processes", "Processes of servers.", processes);
        text.gauge("toolgate_rooms", "Grants at servers that are in use.", rooms);
        let help = "The entry of the log as of which servers, policies and grants are in force.";
        text.gauge("toolgate_directory_seq", help, seq);
        let stopping = u8::from(*self.stopping.borrow());
        text.gauge("toolgate_stopping", "1 while requests in flight may end.", stopping);
        let help = "Transactions of the audit log.";
        text.family("toolgate_store_commits_total", "counter", help);
        text.sample("", &[], self.store.commits());
    }
}
