//! The task that turns the driver.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use kafka_handle::{Action, Driver, Lookup, Turn};
use tokio::net::lookup_host;
use tokio::time::{Instant, sleep_until};

use crate::socket;

/// Turns the driver until the client is closed. `epoch` is where its clock stood at zero.
pub(crate) async fn drive(mut driver: Driver, epoch: Instant) {
    let mut actions = Vec::new();
    let mut sleep = pin!(sleep_until(epoch));
    poll_fn(|cx| {
        loop {
            let turn = driver.turn(cx.waker(), &mut actions);
            for action in actions.drain(..) {
                match action {
                    Action::Resolve(lookup) => drop(tokio::spawn(resolve(lookup))),
                    Action::Connect(connection) => drop(tokio::spawn(socket::serve(connection))),
                }
            }
            let until = match turn {
                Turn::Over => return Poll::Ready(()),
                Turn::Wait(None) => return Poll::Pending,
                Turn::Wait(Some(until)) => epoch + Duration::from_nanos(until.as_nanos()),
            };
            if sleep.deadline() != until {
                sleep.as_mut().reset(until);
            }
            if sleep.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
    })
    .await;
}

async fn resolve(lookup: Lookup) {
    let found = lookup_host((lookup.host(), 0)).await;
    let result = found.map(|addresses| addresses.map(|address| address.ip()).collect());
    lookup.done(result.map_err(|error| error.to_string()));
}
