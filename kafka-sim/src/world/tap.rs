//! Listening in: what a checker wants to see of the wire and of the brokers.

use bytes::Bytes;
use kafka_handle::Driver;

use super::ClientId;
use crate::{Cluster, ConnId, Time};

/// Is told of everything on the wire, and of the drivers. It changes nothing: a run with it is the run without it. The world is
/// locked while it listens: one that uses a handle of it waits for ever.
///
/// Nodes that a client connects to where none is have the number -1.
#[expect(unused_variables, reason = "a listener takes what it is interested in")]
pub trait Tap: Send {
    /// A client begins to connect.
    fn connecting(&mut self, at: Time, client: ClientId, conn: ConnId, node: i32) {}

    /// A connection is open at both ends.
    fn connected(&mut self, at: Time, client: ClientId, conn: ConnId, node: i32) {}

    /// A connection is over for the client, or has never come about.
    fn disconnected(&mut self, at: Time, client: ClientId, conn: ConnId, node: i32) {}

    /// A client has given up a connection of which its node has known nothing since then.
    fn noticed(&mut self, at: Time, since: Time) {}

    /// A client has written a whole request; it comes without its length.
    fn request(&mut self, at: Time, client: ClientId, conn: ConnId, node: i32, frame: &Bytes) {}

    /// A whole response has come to a client; it comes without its length.
    fn response(&mut self, at: Time, client: ClientId, conn: ConnId, node: i32, frame: &Bytes) {}

    /// The cluster has done something: a moment to take the ground truth out of it.
    fn cluster(&mut self, cluster: &mut Cluster) {}

    /// A client stands still from now on; where its clock jumps, for no time at all.
    fn frozen(&mut self, at: Time, client: ClientId) {}

    /// A client that stood still goes on.
    fn thawed(&mut self, at: Time, client: ClientId) {}

    /// A client's driver was turned: how much came of it, and until when it waits.
    fn turned(&mut self, at: Time, client: ClientId, actions: u64, until: Option<Time>) {}

    /// A client's driver after its turn: a moment to look inside.
    fn driver(&mut self, at: Time, client: ClientId, driver: &Driver) {}

    /// A client's driver before it is dropped: the client is closed, or was killed.
    fn ended(&mut self, at: Time, client: ClientId, driver: &Driver) {}
}
