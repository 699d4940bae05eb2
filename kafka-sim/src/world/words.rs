//! The trace in words: a line for everything that happens, for people who look for what went wrong.

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;
use kafka_proto::{ApiKey, ErrorCode, Uuid};

use super::ClientId;
use crate::check::{Event, History, Wire, stamp};
use crate::{Cluster, ConnId, Time, Truth};

/// Lines, kept for whoever asks for them, and printed as they come.
#[derive(Default)]
pub(super) struct Words {
    pub(super) kept: bool,
    pub(super) printed: bool,
    lines: Vec<String>,
    /// Knows what frames mean, and which answer belongs to which request.
    frames: History,
    /// Who leads, in which epoch.
    leaders: BTreeMap<(Uuid, i32), (i32, i32)>,
}

/// The way of a frame: its connection, and who is at its ends.
#[derive(Clone, Copy)]
pub(super) struct Way {
    pub(super) conn: ConnId,
    pub(super) client: ClientId,
    pub(super) node: i32,
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { conn, client, node } = self;
        match node {
            ..0 => write!(f, "connection {} ({client}, no node)", conn.0),
            _ => write!(f, "connection {} ({client}, node {node})", conn.0),
        }
    }
}

impl Words {
    pub(super) fn say(&mut self, at: Time, what: &str, words: &dyn fmt::Display) {
        let line = format!("{} {what} {words}", stamp(at));
        if self.printed {
            eprintln!("{line}");
        }
        if self.kept {
            self.lines.push(line);
        }
    }

    pub(super) fn take(&mut self) -> Vec<String> {
        std::mem::take(&mut self.lines)
    }

    /// A request as it comes to its broker, without its length prefix, and the hash of it.
    pub(super) fn request(&mut self, at: Time, way: Way, frame: &Bytes, hash: u64) {
        let known = self.frames.events().len();
        self.frames.bytes_out(at, way.client, way.conn, way.node, frame);
        self.say_frame(at, "request", way, (known, hash));
    }

    /// An answer as its broker sends it, with its length prefix, and the hash of it.
    pub(super) fn answer(&mut self, at: Time, way: Way, frame: &Bytes, hash: u64) {
        let known = self.frames.events().len();
        let frame = frame.slice(frame.len().min(4)..);
        self.frames.bytes_in(at, way.client, way.conn, way.node, &frame);
        self.say_frame(at, "answer", way, (known, hash));
    }

    /// Says what came behind the events that were known.
    fn say_frame(&mut self, at: Time, what: &str, way: Way, (known, hash): (usize, u64)) {
        let events = self.frames.events().get(known..).unwrap_or_default();
        let wires = events.iter().filter_map(|(_, event)| match event {
            Event::Wire { wire, .. } => part(wire, &self.frames),
            _ => None,
        });
        let mut parts: Vec<String> = wires.collect();
        parts.dedup();
        // Two runs that should be one may differ in what is not told.
        self.say(at, what, &format_args!("{way}: {} #{:08x}", parts.join("; "), hash >> 32));
    }

    /// Tells who leads what now, where that is news.
    pub(super) fn look(&mut self, at: Time, cluster: &Cluster) {
        let mut news = Vec::new();
        for (name, partitions) in cluster.topics() {
            let Some(topic) = cluster.topic_id(name) else { continue };
            for partition in 0..partitions {
                let Some(leads) = cluster.leader(name, partition) else { continue };
                let known = self.leaders.insert((topic, partition), leads);
                if known.is_none() && partition == 0 {
                    // Newer requests name topics by their ids alone.
                    let name = name.into();
                    self.frames.truth(at, &Truth::TopicCreated { topic, name, partitions });
                }
                if known != Some(leads) {
                    news.push((format!("{name}-{partition}"), leads));
                }
            }
        }
        for (partition, (node, epoch)) in news {
            let leader = if node < 0 { "nobody".to_owned() } else { format!("node {node}") };
            self.say(at, "leader", &format_args!("of {partition} in epoch {epoch}: {leader}"));
        }
    }
}

/// What somebody who reads a trace wants to know of a part of a frame.
fn part(wire: &Wire, frames: &History) -> Option<String> {
    Some(match *wire {
        Wire::Request { api, version, correlation_id, bytes } => {
            format!("{} v{version}, id {correlation_id}, {bytes} bytes", api_name(api))
        }
        Wire::Response { api, version, correlation_id, bytes, throttle_ms } => {
            let throttled = match throttle_ms {
                0 => String::new(),
                _ => format!(", throttled for {throttle_ms} ms"),
            };
            format!("{} v{version}, id {correlation_id}, {bytes} bytes{throttled}", api_name(api))
        }
        Wire::Undecodable { bytes, .. } => format!("{bytes} bytes that can't be decoded"),
        // Those of partitions come with them.
        Wire::Error { api, code }
            if api != ApiKey::Produce as i16 && api != ApiKey::Fetch as i16 =>
        {
            ErrorCode(code).to_string()
        }
        Wire::Batch { partition, records, .. } => {
            let s = if records == 1 { "" } else { "s" };
            format!("{} {records} record{s}", frames.show(partition))
        }
        Wire::Produced { partition, error: 0, base_offset, .. } => {
            format!("{} from offset {base_offset} on", frames.show(partition))
        }
        Wire::FetchPartition { partition, offset, .. } => {
            format!("{} from offset {offset} on", frames.show(partition))
        }
        Wire::Fetched { error, .. } if error != 0 => ErrorCode(error).to_string(),
        Wire::FetchedPartition { partition, error: 0, bytes, .. } => {
            format!("{} {bytes} bytes", frames.show(partition))
        }
        Wire::Produced { partition, error, .. }
        | Wire::FetchedPartition { partition, error, .. } => {
            format!("{} {}", frames.show(partition), ErrorCode(error))
        }
        Wire::Leads { partition, leader, leader_epoch } => {
            format!("{} led by {leader}, epoch {leader_epoch}", frames.show(partition))
        }
        _ => return None,
    })
}

fn api_name(api: i16) -> String {
    ApiKey::from_i16(api).map_or_else(|| format!("API {api}"), |api| api.name().to_owned())
}
