//! The same inputs give the same outputs, to the byte.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use bytes::Bytes;
use kafka_proto::header::encode_request;
use kafka_proto::messages::metadata::{MetadataRequest, MetadataRequestTopic};
use kafka_proto::{ApiKey, ErrorCode, Request, Uuid};
use kafka_sim::{At, Cluster, ClusterOptions, ConnId, Fault, Input, Output, Time, Truth};

use crate::world::{Dice, batch, fetch_request, options, produce_request, sequenced};

fn frame<R: Request>(request: &R, version: i16, correlation: i32) -> Bytes {
    encode_request(request, version, correlation, Some("dice"))
        .unwrap()
        .chunks
        .to_bytes()
        .slice(4..)
}

/// A random story as it goes on.
struct Story {
    dice: Dice,
    cluster: Cluster,
    now: Time,
    live: Vec<ConnId>,
}

impl Story {
    fn new(seed: u64) -> Self {
        let cluster = Cluster::new(ClusterOptions {
            seed,
            persist: true,
            retention_bytes: 4000,
            default_partitions: 3,
            replica_lag_time_max: Duration::from_millis(200),
            failover_delay: Duration::from_millis(seed % 3 * 100),
            ..options(3)
        });
        Self { dice: Dice(seed), cluster, now: Time::ZERO, live: Vec::new() }
    }

    fn turn(&mut self, turn: i32) {
        let Self { dice, cluster, now, live } = self;
        *now = *now + Duration::from_millis(dice.roll(50));
        let topic = ["a", "b"][dice.roll(2) as usize];
        let partition = dice.roll(3) as i32;
        let node = 1 + dice.roll(3) as i32;
        if live.len() < 6 {
            live.push(ConnId(turn as u64));
            cluster.handle(*now, Input::Accepted { conn: ConnId(turn as u64), node });
        }
        let conn = live[dice.roll(live.len() as u64) as usize];
        match dice.roll(30) {
            0 => {
                live.retain(|other| *other != conn);
                cluster.handle(*now, Input::Closed { conn });
            }
            1 => cluster.handle(*now, Input::Tick),
            2 | 3 => drop(cluster.move_leader(topic, partition, node)),
            4 => cluster.stop_node(node),
            5 | 6 => cluster.start_node(node),
            7 | 8 => cluster.fail_next(ApiKey::Produce, fault(dice, topic)),
            9 | 10 => replicate(dice, cluster, node, topic, partition),
            _ => {
                let frame = request(dice, cluster, turn, topic, partition);
                cluster.handle(*now, Input::Frame { conn, frame });
            }
        }
    }
}

/// Has a node lag, or leaders change, as they may.
fn replicate(dice: &mut Dice, cluster: &mut Cluster, node: i32, topic: &str, partition: i32) {
    let late = Duration::from_millis(dice.roll(4) * 40);
    match dice.roll(8) {
        0 => cluster.set_replication_delay(node, late),
        1 | 2 => cluster.set_metadata_delay(node, late),
        3 => cluster.pause_replication(node),
        4 => cluster.resume_replication(node),
        5 => cluster.shut_down_node(node),
        6 => drop(cluster.elect_unclean(topic, partition)),
        _ => drop(cluster.elect_preferred(topic, partition)),
    }
}

fn fault(dice: &mut Dice, topic: &str) -> Fault {
    match dice.roll(4) {
        0 => Fault::Delay(Duration::from_millis(30)),
        1 => Fault::Garbage,
        2 => Fault::CloseAfter,
        _ => Fault::Refuse { at: At::topic(topic), code: ErrorCode::REQUEST_TIMED_OUT },
    }
}

fn request(dice: &mut Dice, cluster: &Cluster, turn: i32, topic: &str, partition: i32) -> Bytes {
    match dice.roll(10) {
        0 => {
            let wanted = MetadataRequestTopic { name: Some(topic.into()), ..Default::default() };
            let request = MetadataRequest { topics: Some(vec![wanted]), ..Default::default() };
            frame(&request, 12, turn)
        }
        1..=5 => {
            let records = match dice.roll(2) {
                0 => batch(&["x", "y"]),
                _ => sequenced(dice.roll(2) as i64, 0, dice.roll(4) as i32, &["z"]),
            };
            frame(&produce_request(cluster, 12, topic, partition, records), 12, turn)
        }
        _ => {
            let offset = dice.roll(20) as i64;
            let mut request = fetch_request(cluster, 16, topic, &[(partition, offset), (0, 0)]);
            request.max_wait_ms = 100;
            frame(&request, 16, turn)
        }
    }
}

/// Runs a story and returns a hash of all outputs, and how many there were.
fn run(seed: u64) -> (u64, usize) {
    let mut story = Story::new(seed);
    let mut hasher = DefaultHasher::new();
    let mut outputs = 0;
    for turn in 0..600 {
        story.turn(turn);
        while let Some(output) = story.cluster.poll() {
            outputs += 1;
            match &output {
                Output::Send { conn, frame } => (conn, frame.to_bytes()).hash(&mut hasher),
                Output::Close { conn, why } => {
                    story.live.retain(|other| other != conn);
                    (conn, why.to_string()).hash(&mut hasher);
                }
                other => format!("{other:?}").hash(&mut hasher),
            }
        }
    }
    (hasher.finish(), outputs)
}

#[test]
fn one_seed_one_story() {
    let first: Vec<_> = (0..8).map(run).collect();
    let second: Vec<_> = (0..8).map(run).collect();
    assert_eq!(first, second);
    assert!(
        first.iter().all(|(_, outputs)| *outputs > 200),
        "stories have something to tell: {first:?}"
    );
    let mut hashes: Vec<_> = first.iter().map(|(hash, _)| *hash).collect();
    hashes.sort_unstable();
    hashes.dedup();
    assert_eq!(hashes.len(), 8, "another seed is another story");
}

/// A log as what was recorded of it makes it out.
#[derive(Debug, Default)]
struct Replayed {
    end: i64,
    start: i64,
    high_watermark: i64,
    leader: (i32, i32),
}

fn replay(logs: &mut BTreeMap<(Uuid, i32), Replayed>, truth: Truth) {
    match truth {
        Truth::Append { topic, partition, base_offset, last_offset, leader_epoch, .. } => {
            let log = logs.get_mut(&(topic, partition)).unwrap();
            assert_eq!((base_offset, leader_epoch), (log.end, log.leader.1));
            log.end = last_offset + 1;
        }
        Truth::HighWatermark { topic, partition, offset } => {
            let log = logs.get_mut(&(topic, partition)).unwrap();
            log.high_watermark = offset;
            assert!(offset <= log.end, "{offset} in {log:?}");
        }
        Truth::Truncated { topic, partition, to, leader_epoch } => {
            let log = logs.get_mut(&(topic, partition)).unwrap();
            assert_eq!(leader_epoch, log.leader.1);
            log.end = to;
        }
        Truth::LogStart { topic, partition, offset } => {
            logs.get_mut(&(topic, partition)).unwrap().start = offset;
        }
        Truth::Leader { topic, partition, node, leader_epoch } => {
            logs.entry((topic, partition)).or_default().leader = (node, leader_epoch);
        }
        _ => {}
    }
}

/// Whatever happens, what is recorded adds up to what is there, and in-sync replicas have all that
/// can be read.
#[test]
fn records_and_replicas_agree() {
    let (mut unequal, mut cut) = (0, 0);
    for seed in 100..130 {
        let mut story = Story::new(seed);
        story.cluster.record_truth(true);
        let mut logs = BTreeMap::new();
        for turn in 0..600 {
            story.turn(turn);
            while let Some(output) = story.cluster.poll() {
                if let Output::Close { conn, .. } = output {
                    story.live.retain(|other| *other != conn);
                }
            }
            for (_, truth) in story.cluster.take_truth() {
                cut += i32::from(matches!(truth, Truth::Truncated { .. }));
                replay(&mut logs, truth);
            }
            for name in ["a", "b"] {
                let Some(id) = story.cluster.topic_id(name) else { continue };
                for partition in 0..3 {
                    let log = &logs[&(id, partition)];
                    let told = (log.start, log.high_watermark);
                    let at = format!("seed {seed}, turn {turn}, {name}-{partition}");
                    assert_eq!(story.cluster.offsets(name, partition), Some(told), "{at}");
                    assert_eq!(story.cluster.leader(name, partition), Some(log.leader), "{at}");
                    for node in 1..=3 {
                        let Some((end, in_sync)) = story.cluster.replica(name, partition, node)
                        else {
                            continue;
                        };
                        assert!(end <= log.end, "{at}, node {node}");
                        assert!(!in_sync || end >= log.high_watermark, "{at}, node {node}");
                        assert!(node != log.leader.0 || end == log.end, "{at}, node {node}");
                        unequal += i32::from(end < log.end);
                    }
                }
            }
        }
    }
    assert!(unequal > 1000 && cut > 20, "{unequal} replicas lagged, {cut} logs were cut");
}

#[test]
fn time_does_not_go_back() {
    let mut cluster = Cluster::new(options(1));
    cluster.create_topic("t", 1, 1).unwrap();
    let conn = ConnId(1);
    cluster.handle(Time::from_millis(500), Input::Accepted { conn, node: 1 });
    let request = fetch_request(&cluster, 12, "t", &[(0, 0)]);
    cluster.handle(Time::ZERO, Input::Frame { conn, frame: frame(&request, 12, 1) });
    let Some(Output::Wait { until }) = cluster.poll() else { panic!("no deadline") };
    assert_eq!(until, Some(Time::from_millis(1500)));
}
