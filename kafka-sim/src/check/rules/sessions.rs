//! I36: what a client asks for in a fetch session (KIP-227) is what the broker knows of the session.
//!
//! The broker's side follows from the wire alone: it has what was sent, request by request. A request that counts on something
//! that was never sent, or leaves out that a position has moved, shows that the client has another idea.

use std::collections::BTreeMap;

use crate::check::event::Event;
use crate::check::findings::{Findings, Invariant};
use crate::check::ids::{ClientId, ConsumerRef, Partition};
use crate::check::run::Run;
use crate::check::wire::Wire;
use crate::{ConnId, Time};

/// A session as its broker has it.
#[derive(Debug, Default)]
struct Session {
    /// Number of the next request.
    epoch: i32,
    offsets: BTreeMap<Partition, i64>,
    /// Positions that follow from what the session has brought and nobody changed since.
    moved: BTreeMap<Partition, i64>,
}

/// A Fetch of a connection that is open.
#[derive(Debug, Default)]
struct Asked {
    at: Time,
    session_id: i32,
    session_epoch: i32,
    partitions: BTreeMap<Partition, i64>,
    answered: bool,
}

#[derive(Default)]
struct Sessions {
    known: BTreeMap<(ClientId, i32, i32), Session>,
    asked: BTreeMap<(ConnId, i32), Asked>,
    /// When the application last moved a position, or stopped reading: what was asked for before is not used.
    sought: BTreeMap<(ClientId, Partition), Time>,
}

pub(super) fn check(run: &Run<'_>, findings: &mut Findings) {
    let mut sessions = Sessions::default();
    let mut events = run.events.iter().peekable();
    while let Some((at, event)) = events.next() {
        match *event {
            Event::Wire {
                client,
                conn,
                node,
                wire: Wire::Fetch { correlation_id, session_id, session_epoch, .. },
            } => {
                let at = *at;
                let mut asked = Asked { at, session_id, session_epoch, ..Asked::default() };
                let mut forgotten = Vec::new();
                // The parts of a frame stand together.
                while let Some((_, Event::Wire { conn: of, wire, .. })) = events.peek() {
                    match *wire {
                        Wire::FetchPartition { partition, offset, .. } if *of == conn => {
                            asked.partitions.insert(partition, offset);
                        }
                        Wire::Forgotten { partition, .. } if *of == conn => {
                            forgotten.push(partition)
                        }
                        _ => break,
                    }
                    events.next();
                }
                let key = (client, node, session_id);
                sessions.request(run, at, key, &asked, &forgotten, findings);
                sessions.asked.insert((conn, correlation_id), asked);
            }
            Event::Wire { client, conn, node, wire } => {
                sessions.response(run, (client, conn, node), wire)
            }
            Event::Disconnected { client, conn, node } => sessions.lose(client, conn, node),
            Event::Seek { consumer, partition, .. }
            | Event::Assigned { consumer, partition, .. }
            | Event::Unassigned { consumer, partition }
            | Event::Pause { consumer, partition }
            | Event::Resume { consumer, partition }
            | Event::Reset { consumer, partition, .. } => {
                sessions.sought(run, *at, consumer, partition)
            }
            _ => {}
        }
    }
}

impl Sessions {
    fn request(
        &mut self,
        run: &Run<'_>,
        at: Time,
        key: (ClientId, i32, i32),
        asked: &Asked,
        forgotten: &[Partition],
        findings: &mut Findings,
    ) {
        let (client, node, session_id) = key;
        if asked.session_epoch <= 0 {
            // No session, or a new one; the old one is closed by that.
            self.known.remove(&key);
            return;
        }
        let session = self.known.get_mut(&key);
        let expected = session.as_ref().map(|session| session.epoch);
        findings.judge(Invariant::FetchSession, expected == Some(asked.session_epoch), at, || {
            let (client, epoch) = (client.0, asked.session_epoch);
            format!("client {client} goes on with session {session_id} of node {node} at {epoch}; the broker is at {expected:?}")
        });
        let Some(session) = session else { return };
        session.epoch = next_epoch(asked.session_epoch);
        for partition in forgotten {
            session.offsets.remove(partition);
        }
        session.offsets.extend(&asked.partitions);
        for (partition, position) in std::mem::take(&mut session.moved) {
            let Some(offset) = session.offsets.get(&partition) else { continue };
            let told = asked.partitions.contains_key(&partition);
            // What was fetched of a topic that was made again is not used.
            let used = !run.was_deleted(run.name(partition), at);
            let holds = told || !used || *offset == position;
            findings.judge(Invariant::FetchSession, holds, at, || {
                let partition = run.show(partition);
                format!("client {} has {partition} up to {position}; its session still asks for {offset}", client.0)
            });
        }
    }

    fn response(
        &mut self,
        run: &Run<'_>,
        (client, conn, node): (ClientId, ConnId, i32),
        wire: Wire,
    ) {
        match wire {
            Wire::Fetched { correlation_id, session_id, error } => {
                let Some(asked) = self.asked.get_mut(&(conn, correlation_id)) else { return };
                asked.answered = true;
                let before = (client, node, asked.session_id);
                if error != 0 {
                    self.known.remove(&before);
                } else if asked.session_epoch == 0 && session_id != 0 {
                    let (offsets, moved) = (asked.partitions.clone(), BTreeMap::new());
                    let session = Session { epoch: 1, offsets, moved };
                    self.known.insert((client, node, session_id), session);
                }
            }
            Wire::FetchedBatch { correlation_id, partition, last_offset, .. } => {
                let Some(asked) = self.asked.get(&(conn, correlation_id)) else { return };
                let sought = self.sought.get(&(client, run.name(partition)));
                if sought.is_some_and(|sought| *sought >= asked.at) {
                    return;
                }
                let id = asked.session_id;
                let position = last_offset.saturating_add(1);
                // The first answer of a session comes to a request that did not name it yet.
                let theirs =
                    self.known.range_mut((client, node, i32::MIN)..=(client, node, i32::MAX));
                for ((_, _, session_id), session) in theirs {
                    let first = id == 0 && session.epoch == 1;
                    let older = session.offsets.get(&partition).is_some_and(|at| *at < position);
                    if (*session_id == id || first) && older {
                        session.moved.insert(partition, position);
                    }
                }
            }
            _ => {}
        }
    }

    /// What became of a request that was lost is not known to the client: it can't go on in its session.
    fn lose(&mut self, client: ClientId, conn: ConnId, node: i32) {
        let kept = self.asked.split_off(&(conn, i32::MIN));
        for (request, asked) in kept {
            if request.0 != conn {
                self.asked.insert(request, asked);
            } else if !asked.answered {
                self.known.remove(&(client, node, asked.session_id));
            }
        }
    }

    fn sought(&mut self, run: &Run<'_>, at: Time, consumer: ConsumerRef, partition: Partition) {
        let Some(client) = run.client_of(consumer) else { return };
        self.sought.insert((client, run.name(partition)), at);
        let theirs = self.known.iter_mut().filter(|((of, _, _), _)| *of == client);
        for (_, session) in theirs {
            session.moved.retain(|moved, _| run.name(*moved) != run.name(partition));
        }
    }
}

/// Epochs go from the highest to 1: 0 asks for a new session.
fn next_epoch(epoch: i32) -> i32 {
    epoch.checked_add(1).unwrap_or(1)
}
