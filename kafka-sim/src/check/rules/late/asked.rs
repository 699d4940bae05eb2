//! What brokers were asked for, and by when what they have should be here.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::check::ids::{ClientId, Partition};
use crate::check::run::Run;
use crate::check::wire::Wire;
use crate::{ConnId, Time};

/// Round trips that it may take to find the way to a leader that was not asked for a partition yet: to connect, to agree
/// on versions, to hear whether its log is the one that was read so far, and to fetch.
const FIRST: u32 = 5;

/// While its leader is asked about a partition's log, a poll for others may be parked there so long.
const ANSWER: Duration = Duration::from_millis(100);

/// The fetches of all clients.
#[derive(Default)]
pub(super) struct Asked {
    round_trips: BTreeMap<(ClientId, i32), Duration>,
    /// Who leads, and since which epoch, as the newest answer told a client.
    told: BTreeMap<(ClientId, Partition), (i32, i32)>,
    /// Where a partition is fetched from where its position is.
    fetched: BTreeMap<(ClientId, Partition), Fetched>,
    /// Fetches without an answer.
    parked: BTreeMap<ConnId, Parked>,
    /// Connections that are not there yet, and since when.
    connecting: BTreeMap<ConnId, (ClientId, i32, Time)>,
    /// When a connection was lost last.
    lost: BTreeMap<(ClientId, i32), Time>,
    /// Clients that take so little at a time that records wait for their turn.
    narrow: BTreeSet<ClientId>,
}

/// A partition that takes part in a connection's fetches.
#[derive(Clone, Copy)]
struct Fetched {
    conn: ConnId,
    node: i32,
    /// The last answer was an error: the client has to find out what to ask for.
    refused: bool,
}

/// A fetch without an answer.
#[derive(Clone, Copy)]
struct Parked {
    client: ClientId,
    node: i32,
    correlation_id: i32,
    since: Time,
    max_wait: Duration,
}

/// By when a record should be here that could be read at some time.
pub(super) struct Bound {
    pub(super) by: Time,
    /// If an answer was on its way then that did not have it yet.
    pub(super) latest: Time,
    /// The connection that should bring it, if one was asked to.
    pub(super) conn: Option<ConnId>,
    /// Since when the fetch that stands in its way, or should bring it, is on its way.
    pub(super) asked: Time,
}

impl Asked {
    pub(super) fn is_narrow(&self, client: ClientId) -> bool {
        self.narrow.contains(&client)
    }

    pub(super) fn set_round_trip(&mut self, client: ClientId, node: i32, round_trip: Duration) {
        self.round_trips.insert((client, node), round_trip);
    }

    /// The position of a partition moved otherwise than by handing out: what was asked for it is worth nothing.
    pub(super) fn void(&mut self, client: ClientId, partition: Partition) {
        self.fetched.remove(&(client, partition));
    }

    pub(super) fn connecting(&mut self, at: Time, client: ClientId, conn: ConnId, node: i32) {
        self.connecting.insert(conn, (client, node, at));
    }

    pub(super) fn connected(&mut self, conn: ConnId) {
        self.connecting.remove(&conn);
    }

    /// Whether the newest answer to a client says that a node leads a partition.
    pub(super) fn leads(&self, client: ClientId, partition: Partition, node: i32) -> bool {
        self.told.get(&(client, partition)).is_some_and(|(told, _)| *told == node)
    }

    pub(super) fn disconnected(&mut self, at: Time, client: ClientId, conn: ConnId, node: i32) {
        self.fetched.retain(|_, of| of.conn != conn);
        self.parked.remove(&conn);
        self.connecting.remove(&conn);
        self.lost.insert((client, node), at);
    }

    /// Takes note of what is on the wire. Gives whether it is the answer to a connection's fetch.
    pub(super) fn note(
        &mut self,
        run: &Run<'_>,
        at: Time,
        (client, conn, node): (ClientId, ConnId, i32),
        wire: Wire,
    ) -> bool {
        match wire {
            Wire::Fetch { correlation_id, session_epoch, max_wait_ms, .. } => {
                // It names all that it wants, and not only what is new.
                if session_epoch <= 0 {
                    self.fetched.retain(|_, of| of.conn != conn);
                }
                // What was refused is asked for again.
                let again = self.fetched.values_mut().filter(|of| of.conn == conn);
                again.for_each(|of| of.refused = false);
                let max_wait = Duration::from_millis(u64::try_from(max_wait_ms).unwrap_or(0));
                let parked = Parked { client, node, correlation_id, since: at, max_wait };
                self.parked.insert(conn, parked);
            }
            Wire::FetchPartition { partition, .. } => {
                let fetched = Fetched { conn, node, refused: false };
                self.fetched.insert((client, run.name(partition)), fetched);
            }
            Wire::FetchedPartition { partition, error, .. } => {
                let fetched = self.fetched.get_mut(&(client, run.name(partition)));
                if let Some(fetched) = fetched.filter(|of| of.conn == conn) {
                    fetched.refused = error != 0;
                }
            }
            Wire::Narrow { .. } => _ = self.narrow.insert(client),
            Wire::Forgotten { partition, .. } => {
                self.fetched.remove(&(client, run.name(partition)));
            }
            Wire::Leads { partition, leader, leader_epoch } => {
                let told = self.told.entry((client, run.name(partition))).or_insert((leader, -1));
                // A broker that is behind is not believed.
                if leader_epoch < 0 || leader_epoch >= told.1 {
                    *told = (leader, leader_epoch);
                }
            }
            Wire::Fetched { correlation_id, .. } => {
                let parked = self.parked.get(&conn);
                if parked.is_some_and(|parked| parked.correlation_id == correlation_id) {
                    self.parked.remove(&conn);
                    return true;
                }
            }
            _ => {}
        }
        false
    }

    /// By when a record should be here that can be read at `leader` then; not known if the client can't know the leader.
    pub(super) fn bound(
        &self,
        run: &Run<'_>,
        at: Time,
        (client, partition): (ClientId, Partition),
        leader: i32,
    ) -> Option<Bound> {
        let round_trip = *self.round_trips.get(&(client, leader))?;
        let tick = run.settings.tick;
        if let Some(Fetched { conn, node, refused: false }) =
            self.fetched.get(&(client, partition)).copied()
            && node == leader
        {
            let latest = at + round_trip * 3 / 2 + tick;
            let parked = self.parked.get(&conn);
            let by = if parked.is_some() { at + round_trip + tick } else { latest };
            let asked = parked.map_or(at, |parked| parked.since);
            return Some(Bound { by, latest, conn: Some(conn), asked });
        }
        let known = self.leads(client, partition, leader);
        let lost = self.lost.get(&(client, leader)).copied();
        if !known || lost.is_some_and(|lost| lost + run.settings.reconnect_backoff.1 > at) {
            return None;
        }
        // What a leader was asked for besides comes first.
        let theirs = self.parked.values().filter(|of| of.client == client && of.node == leader);
        let (asked, free) = theirs.fold((at, at), |(asked, free), of| {
            (asked.min(of.since), free.max(of.since + of.max_wait))
        });
        let connecting = self.connecting.values().filter(|of| (of.0, of.1) == (client, leader));
        let asked = connecting.fold(asked, |asked, (_, _, since)| asked.min(*since));
        let by = free + ANSWER + round_trip * FIRST + tick;
        Some(Bound { by, latest: by, conn: None, asked })
    }
}
