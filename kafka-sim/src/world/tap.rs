//! Listening in: what a checker wants to see of the wire and of the brokers.

use bytes::Bytes;

use super::{ClientId, ConnKey};
use crate::{Cluster, Time};

/// Where a frame was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// A request, as it arrived at the broker.
    Broker,
    /// A response, as it arrived at the client.
    Client,
}

/// Is told of everything on the wire. It must not be told by what it does: a run with it and one without it are the same.
pub trait Tap: Send {
    /// A connection is open at both ends.
    fn connected(&mut self, at: Time, client: ClientId, conn: ConnKey, node: i32);

    /// A connection is over for the client.
    fn disconnected(&mut self, at: Time, client: ClientId, conn: ConnKey);

    /// A whole frame arrived; it comes without its length.
    fn frame(
        &mut self,
        at: Time,
        client: ClientId,
        conn: ConnKey,
        node: i32,
        end: End,
        frame: &Bytes,
    );

    /// The cluster has done something: a moment to take the ground truth out of it.
    fn cluster(&mut self, cluster: &mut Cluster);

    /// A client's driver was turned; `idle` if nothing came of it.
    fn turned(&mut self, at: Time, client: ClientId, idle: bool);
}
