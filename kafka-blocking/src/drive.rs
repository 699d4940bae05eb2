//! The thread that turns the driver.

use std::net::{IpAddr, ToSocketAddrs};
use std::thread;

use kafka_handle::{Action, Driver, Lookup, Turn, thread_waker};

use crate::socket;

/// Turns the driver until the client is closed.
pub(crate) fn drive(mut driver: Driver) {
    let waker = thread_waker();
    let mut actions = Vec::new();
    loop {
        let turn = driver.turn(&waker, &mut actions);
        for action in actions.drain(..) {
            match action {
                Action::Resolve(lookup) => resolve(lookup),
                Action::Connect(connection) => spawn("kafka-socket", || socket::serve(connection)),
            }
        }
        match turn {
            Turn::Over => return,
            Turn::Wait(None) => thread::park(),
            Turn::Wait(Some(until)) => {
                thread::park_timeout(until.saturating_duration_since(driver.now()))
            }
        }
    }
}

/// Starts a thread. If there can't be one, what it was to do is dropped, and reports itself as failed.
pub(crate) fn spawn(name: &str, run: impl FnOnce() + Send + 'static) {
    drop(thread::Builder::new().name(name.into()).spawn(run));
}

fn resolve(lookup: Lookup) {
    if let Ok(address) = lookup.host().parse::<IpAddr>() {
        return lookup.done(Ok(vec![address]));
    }
    spawn("kafka-lookup", || {
        let found = (lookup.host(), 0).to_socket_addrs();
        let result = found.map(|addresses| addresses.map(|address| address.ip()).collect());
        lookup.done(result.map_err(|error| error.to_string()));
    });
}
