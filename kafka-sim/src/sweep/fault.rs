//! Faults: what goes wrong, when, and for how long.

use std::net::IpAddr;
use std::time::Duration;

use kafka_proto::ApiKey;

use super::hit::Begun;
use crate::Fault;
use crate::world::{ClientId, Direction, WorldHandle};

/// One fault of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FaultPlan {
    /// When it begins, counted from the beginning of the faults. An answer that is to go wrong from the first on does so
    /// from when clients are opened.
    pub at: Duration,
    /// How long it lasts; what happens once is over when it has happened.
    pub lasts: Duration,
    /// What it is.
    pub kind: FaultKind,
}

impl FaultPlan {
    /// A fault that begins so long after the faults may, and lasts so long.
    #[must_use]
    pub fn new(at: Duration, lasts: Duration, kind: FaultKind) -> Self {
        Self { at, lasts, kind }
    }

    /// Whether it is there before the clients are.
    pub(super) fn is_early(&self) -> bool {
        self.at.is_zero() && matches!(self.kind, FaultKind::Answers(..))
    }
}

/// What goes wrong. The names are those of the knobs of the fault catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultKind {
    /// The connections of a client to a node are reset.
    Reset(ClientId, i32),
    /// The same once so many more bytes have gone one way.
    ResetAt(ClientId, i32, Direction, usize),
    /// Nothing arrives any more, one way or both.
    Hole(ClientId, i32, Option<Direction>),
    /// Everything takes long. What was sent then arrives late also on a connection that its client has given up, behind what
    /// it sent again on the next (net.dupe_conn).
    Delay(ClientId, i32, Duration),
    /// Few bytes a second get through.
    Bandwidth(ClientId, i32, u64),
    /// Bytes arrive in pieces of at most this size.
    Slice(ClientId, i32, usize),
    /// A node refuses connections.
    Refuse(i32),
    /// Connecting to a node takes for ever.
    HoleSyn(i32),
    /// A node dies, and is started when the fault is over.
    Kill(i32),
    /// A node loses its power, and gets it back when the fault is over.
    CutPower(i32),
    /// A node stands still.
    Stop(i32),
    /// A node gets another address.
    NewAddress(i32, u8),
    /// A node's name can't be resolved.
    NameFails(i32),
    /// A partition gets another leader.
    MoveLeader(usize, i32, i32),
    /// A partition has no leader for a while.
    Leaderless(usize, i32),
    /// Of the records of a topic with the same key only the last stays.
    Compact(usize),
    /// The first half of a partition's log is deleted.
    Trim(usize, i32),
    /// Brokers forget a partition's producers that have rested so long.
    ExpireProducers(usize, i32, Duration),
    /// A topic is deleted, and made again, with so many partitions, when the fault is over.
    Recreate(usize, i32),
    /// A topic gets another partition.
    AddPartition(usize),
    /// The next answers of an API go wrong, or with `u32::MAX` all while the fault lasts.
    Answers(ApiKey, Fault, u32),
    /// A node's followers are told of records late.
    LagBehind(i32, Duration),
    /// A node hears late of what the controller decides.
    StaleMetadata(i32, Duration),
    /// A node gives up what it leads, and then ends, as it does when it is told to.
    ShutDown(i32),
    /// A partition is led by whoever is there, whatever is lost by it.
    Unclean(usize, i32),
    /// The replica that a partition began with leads it again.
    Preferred(usize, i32),
    /// A node forgets its fetch sessions.
    EvictSessions(i32),
    /// Brokers hold back whoever calls an API.
    Throttle(ApiKey, Duration),
    /// A client's wall clock jumps.
    WallJump(ClientId, i64),
    /// A client stands still, as a process that is stopped.
    Freeze(ClientId),
    /// A client's monotonic clock jumps ahead, as that of a machine that was suspended.
    JumpClock(ClientId, Duration),
    /// The application of a client drops what it waits for.
    Cancel(ClientId),
    /// A client is killed and not started again.
    Crash(ClientId),
    /// A client is killed, and its application is started again when this is over, with a client of its own.
    Restart(ClientId),
}

impl FaultKind {
    /// The names of all kinds.
    #[rustfmt::skip]
    pub const NAMES: &[&str] = &[
        "app.cancel", "app.crash", "app.restart", "brk.evict", "brk.expire", "brk.kill", "brk.power", "brk.shut_down", "brk.stop", "brk.throttle", "clk.freeze",
        "clk.mono_jump", "clk.wall_jump",
        "log.compact", "log.lag", "log.trim", "log.unclean", "meta.depose", "meta.epoch_back", "meta.grow", "meta.leader", "meta.leaderless",
        "meta.newaddr", "meta.preferred", "meta.recreate", "meta.stale", "meta.zero_parts", "net.bw", "net.corrupt", "net.delay", "net.hole",
        "net.hole(syn)", "net.name", "net.oneway", "net.refuse", "net.rst", "net.rst@byte", "net.slice",
        "resp.close_before_apply", "resp.correlation", "resp.delay", "resp.drop_after_apply", "resp.dup", "resp.err",
        "resp.err_after_apply", "resp.length", "resp.mutate", "resp.omit", "resp.repeat", "resp.swallow", "resp.throttle",
    ];

    /// Its name, for counting.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Reset(..) => "net.rst",
            Self::ResetAt(..) => "net.rst@byte",
            Self::Hole(_, _, None) => "net.hole",
            Self::Hole(_, _, Some(_)) => "net.oneway",
            Self::Delay(..) => "net.delay",
            Self::Bandwidth(..) => "net.bw",
            Self::Slice(..) => "net.slice",
            Self::Refuse(_) => "net.refuse",
            Self::HoleSyn(_) => "net.hole(syn)",
            Self::Kill(_) => "brk.kill",
            Self::CutPower(_) => "brk.power",
            Self::Stop(_) => "brk.stop",
            Self::NewAddress(..) => "meta.newaddr",
            Self::NameFails(_) => "net.name",
            Self::MoveLeader(..) => "meta.leader",
            Self::Leaderless(..) => "meta.depose",
            Self::Compact(_) => "log.compact",
            Self::Trim(..) => "log.trim",
            Self::ExpireProducers(..) => "brk.expire",
            Self::Recreate(..) => "meta.recreate",
            Self::AddPartition(_) => "meta.grow",
            Self::Answers(_, fault, _) => answer_name(fault),
            Self::LagBehind(..) => "log.lag",
            Self::StaleMetadata(..) => "meta.stale",
            Self::ShutDown(_) => "brk.shut_down",
            Self::Unclean(..) => "log.unclean",
            Self::Preferred(..) => "meta.preferred",
            Self::EvictSessions(_) => "brk.evict",
            Self::Throttle(..) => "brk.throttle",
            Self::WallJump(..) => "clk.wall_jump",
            Self::Freeze(_) => "clk.freeze",
            Self::JumpClock(..) => "clk.mono_jump",
            Self::Cancel(_) => "app.cancel",
            Self::Crash(_) => "app.crash",
            Self::Restart(_) => "app.restart",
        }
    }

    /// Lets it loose, and tells whether there was something for it to hit, as far as that is easily known.
    pub(super) fn begin(&self, sim: &WorldHandle) -> Begun {
        match self {
            Self::Refuse(node) => {
                sim.refuse_connections(*node, true);
                Begun::Waits(sim.refused(*node))
            }
            Self::HoleSyn(node) => {
                sim.hang_connections(*node, true);
                Begun::Waits(sim.hung(*node))
            }
            Self::Answers(api, fault, times) => {
                Begun::Waits(sim.cluster(|c| c.fail_watched(*api, fault.clone(), *times)))
            }
            Self::Throttle(api, silence) => Begun::Waits(sim.cluster(|c| {
                c.throttle(*api, *silence);
                c.throttled(*api)
            })),
            _ if self.hits(sim) => Begun::Hit,
            _ => Begun::Missed,
        }
    }

    /// The same for what hits something at once, or nothing.
    fn hits(&self, sim: &WorldHandle) -> bool {
        match self {
            Self::Reset(client, node) => sim.cut(*client, *node),
            Self::ResetAt(client, node, direction, bytes) => {
                sim.cut_after(*client, *node, *direction, *bytes)
            }
            Self::Hole(..) | Self::Delay(..) | Self::Bandwidth(..) | Self::Slice(..) => {
                self.condition(sim, true);
                true
            }
            Self::Kill(node) => sim.kill_node(*node),
            Self::CutPower(node) => sim.cut_power(*node),
            Self::Stop(node) => sim.pause_node(*node),
            Self::NewAddress(node, last) => {
                sim.move_node(*node, IpAddr::from([10, 0, *last, node.to_be_bytes()[3]]));
                true
            }
            Self::NameFails(node) => {
                sim.set_name(&format!("broker-{node}.sim"), Err("SERVFAIL".into()));
                true
            }
            Self::MoveLeader(topic, partition, node) => {
                // A node that is down can't lead.
                sim.cluster(|c| c.move_leader(&name(*topic), *partition, *node)).is_ok()
            }
            Self::Leaderless(topic, partition) => {
                sim.cluster(|c| c.depose_leader(&name(*topic), *partition)).is_ok()
            }
            Self::Compact(topic) => sim.cluster(|c| c.compact(&name(*topic))).is_ok(),
            Self::Trim(topic, partition) => trim(sim, &name(*topic), *partition),
            Self::ExpireProducers(topic, partition, idle) => sim
                .cluster(|c| c.expire_idle_producers(&name(*topic), *partition, *idle))
                .unwrap_or(false),
            Self::Recreate(topic, _) => sim.cluster(|c| c.delete_topic(&name(*topic))).is_ok(),
            Self::AddPartition(topic) => grow(sim, &name(*topic)),
            Self::LagBehind(node, delay) => {
                sim.cluster(|c| c.set_replication_delay(*node, *delay));
                true
            }
            Self::StaleMetadata(node, delay) => {
                sim.cluster(|c| c.set_metadata_delay(*node, *delay));
                true
            }
            Self::ShutDown(node) => {
                sim.cluster(|c| c.shut_down_node(*node));
                sim.kill_node(*node)
            }
            Self::Unclean(topic, partition) => {
                sim.cluster(|c| c.elect_unclean(&name(*topic), *partition)).is_ok()
            }
            Self::Preferred(topic, partition) => {
                sim.cluster(|c| c.elect_preferred(&name(*topic), *partition)).is_ok()
            }
            Self::EvictSessions(node) => sim.cluster(|c| c.evict_fetch_sessions(*node)),
            Self::WallJump(client, milliseconds) => {
                sim.skew_clock(*client, *milliseconds);
                true
            }
            Self::Freeze(client) => sim.freeze(*client),
            Self::JumpClock(client, by) => sim.jump_clock(*client, *by),
            // These wait for somebody, and whoever has the applications cancels.
            Self::Refuse(_)
            | Self::HoleSyn(_)
            | Self::Answers(..)
            | Self::Throttle(..)
            | Self::Cancel(_) => false,
            Self::Crash(client) | Self::Restart(client) => {
                sim.crash(*client);
                true
            }
        }
    }

    /// Takes it away, where that is something to be done.
    pub(super) fn end(&self, sim: &WorldHandle) {
        match self {
            Self::Hole(..) | Self::Delay(..) | Self::Bandwidth(..) | Self::Slice(..) => {
                self.condition(sim, false);
            }
            Self::Refuse(node) => sim.refuse_connections(*node, false),
            Self::HoleSyn(node) => sim.hang_connections(*node, false),
            Self::Kill(node) | Self::ShutDown(node) | Self::CutPower(node) => sim.start_node(*node),
            Self::LagBehind(node, _) => {
                sim.cluster(|c| c.set_replication_delay(*node, Duration::ZERO));
            }
            Self::StaleMetadata(node, _) => {
                sim.cluster(|c| c.set_metadata_delay(*node, Duration::ZERO));
            }
            Self::Throttle(api, _) => sim.cluster(|c| c.throttle(*api, Duration::ZERO)),
            Self::Answers(api, fault, u32::MAX) => sim.cluster(|c| c.stop_failing(*api, fault)),
            Self::Recreate(topic, partitions) => {
                // It is refused if it is there again already.
                let _ = sim.cluster(|c| c.create_topic(&name(*topic), *partitions, -1));
            }
            Self::Stop(node) => sim.resume_node(*node),
            Self::Freeze(client) => sim.thaw(*client),
            Self::NameFails(node) => {
                let [.., last] = node.to_be_bytes();
                sim.set_name(
                    &format!("broker-{node}.sim"),
                    Ok(vec![IpAddr::from([10, 0, 0, last])]),
                );
                sim.move_node(*node, IpAddr::from([10, 0, 0, last]));
            }
            Self::Leaderless(topic, partition) => lead_again(sim, &name(*topic), *partition),
            _ => {}
        }
    }

    fn condition(&self, sim: &WorldHandle, on: bool) {
        let usual = sim.usual_conditions();
        match *self {
            Self::Hole(client, node, way) => sim.set_conditions(client, node, |conditions| {
                if way != Some(Direction::ToClient) {
                    conditions.to_broker_blocked = on;
                }
                if way != Some(Direction::ToBroker) {
                    conditions.to_client_blocked = on;
                }
            }),
            Self::Delay(client, node, latency) => sim.set_conditions(client, node, |conditions| {
                conditions.latency = if on { latency / 5..latency } else { usual.latency };
            }),
            Self::Bandwidth(client, node, bytes) => {
                sim.set_conditions(client, node, |conditions| {
                    conditions.bandwidth = if on { Some(bytes) } else { usual.bandwidth };
                });
            }
            Self::Slice(client, node, bytes) => sim.set_conditions(client, node, |conditions| {
                conditions.segment = if on { Some(bytes) } else { usual.segment };
            }),
            _ => {}
        }
    }
}

/// The name of a topic by its number.
pub(super) fn name(topic: usize) -> String {
    format!("t{topic}")
}

fn trim(sim: &WorldHandle, topic: &str, partition: i32) -> bool {
    sim.cluster(|cluster| {
        cluster.offsets(topic, partition).is_some_and(|(start, end)| {
            let first = start + (end - start) / 2;
            cluster.trim(topic, partition, first).is_ok() && first > start
        })
    })
}

fn grow(sim: &WorldHandle, topic: &str) -> bool {
    sim.cluster(|cluster| {
        let partitions = cluster.topics().find(|(name, _)| *name == topic).map(|(_, count)| count);
        partitions.is_some_and(|count| cluster.add_partitions(topic, count + 1).is_ok())
    })
}

fn lead_again(sim: &WorldHandle, topic: &str, partition: i32) {
    sim.cluster(|cluster| {
        let leaderless = cluster.leader(topic, partition).is_some_and(|(node, _)| node < 0);
        for node in 1..=5 {
            if leaderless && cluster.move_leader(topic, partition, node).is_ok() {
                return;
            }
        }
    });
}

fn answer_name(fault: &Fault) -> &'static str {
    match fault {
        Fault::Refuse { .. } => "resp.err",
        Fault::FailAfter { .. } => "resp.err_after_apply",
        Fault::Omit { .. } => "resp.omit",
        Fault::Duplicate { .. } => "resp.dup",
        Fault::Corrupt { .. } => "net.corrupt",
        Fault::ZeroPartitions { .. } => "meta.zero_parts",
        Fault::Leaderless { .. } => "meta.leaderless",
        Fault::EpochBack { .. } => "meta.epoch_back",
        Fault::CloseBefore => "resp.close_before_apply",
        Fault::CloseAfter => "resp.drop_after_apply",
        Fault::Swallow => "resp.swallow",
        Fault::Delay(_) => "resp.delay",
        Fault::Garbage => "resp.mutate",
        Fault::WrongCorrelationId => "resp.correlation",
        Fault::RepeatResponse => "resp.repeat",
        Fault::HugeLength => "resp.length",
        Fault::Throttle(_) => "resp.throttle",
    }
}
