//! Nodes that hear late of what has changed, and those that still take themselves for leaders.

use std::time::Duration;

use kafka_proto::messages::metadata::{MetadataRequest, MetadataResponse, MetadataResponseTopic};
use kafka_proto::messages::produce::{PartitionProduceResponse, ProduceRequest};
use kafka_proto::{ApiKey, ErrorCode};
use kafka_sim::{At, ConnId, Fault, Truth};

use crate::world::{World, batch, fetch_request, only_data, only_partition};
use crate::world::{produce_request, sequenced, spans};

const OK: ErrorCode = ErrorCode::NONE;
const NOT_LEADER: ErrorCode = ErrorCode::NOT_LEADER_OR_FOLLOWER;
const LATE: Duration = Duration::from_secs(5);

/// Three nodes, all with the one partition of `t`, led by node 1, with one record.
fn led_by_one() -> (World, ConnId) {
    let mut world = World::new(3);
    world.cluster.create_topic("t", 1, 3).unwrap();
    let conn = world.connect(1);
    assert_eq!(world.produce(conn, 12, batch(&["a"])).error_code, 0);
    world.advance(1_000);
    (world, conn)
}

fn metadata(world: &mut World, node: i32) -> MetadataResponse {
    let conn = world.connect(node);
    world.call(conn, 12, &MetadataRequest { topics: None, ..Default::default() })
}

/// The topic as a node knows it.
fn topic(world: &mut World, node: i32) -> MetadataResponseTopic {
    let mut topics = metadata(world, node).topics;
    assert_eq!(topics.len(), 1);
    topics.remove(0)
}

/// Who leads `t`, in which epoch, as a node says.
fn leader(world: &mut World, node: i32) -> (i32, i32) {
    let topic = topic(world, node);
    (topic.partitions[0].leader_id, topic.partitions[0].leader_epoch)
}

fn hint(result: &PartitionProduceResponse) -> (ErrorCode, i32, i32) {
    let leader = &result.current_leader;
    (ErrorCode(result.error_code), leader.leader_id, leader.leader_epoch)
}

/// Produces with acks=1.
fn append(world: &mut World, conn: ConnId, value: &str) -> PartitionProduceResponse {
    let mut request = produce_request(&world.cluster, 12, "t", 0, batch(&[value]));
    request.acks = 1;
    only_partition(world.call(conn, 12, &request))
}

#[test]
fn metadata_is_as_old_as_the_node_is_late() {
    let (mut world, _) = led_by_one();
    world.cluster.set_metadata_delay(3, LATE);
    world.cluster.move_leader("t", 0, 2).unwrap();
    assert_eq!((leader(&mut world, 1), leader(&mut world, 3)), ((2, 1), (1, 0)));
    world.advance(2_000);
    world.cluster.stop_node(2);
    assert_eq!((leader(&mut world, 1), leader(&mut world, 3)), ((1, 2), (1, 0)));
    world.advance(2_999);
    assert_eq!(leader(&mut world, 3), (1, 0));
    assert_eq!(metadata(&mut world, 3).brokers.len(), 3);
    world.advance(1);
    assert_eq!(leader(&mut world, 3), (2, 1), "one after the other");
    world.advance(2_000);
    assert_eq!(leader(&mut world, 3), (1, 2));
    assert_eq!(metadata(&mut world, 3).brokers.len(), 2);
    assert_eq!(topic(&mut world, 3).partitions[0].offline_replicas, [2]);
}

#[test]
fn topics_come_and_go_late() {
    let (mut world, _) = led_by_one();
    world.cluster.set_metadata_delay(1, LATE);
    let old = world.cluster.topic_id("t").unwrap();
    world.cluster.delete_topic("t").unwrap();
    assert_eq!(topic(&mut world, 1).topic_id, old);
    assert!(metadata(&mut world, 2).topics.is_empty());
    let conn = world.connect(1);
    let gone = world.produce(conn, 12, batch(&["b"]));
    assert_eq!(ErrorCode(gone.error_code), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
    world.advance(1_000);
    let new = world.cluster.create_topic("t", 1, 1).unwrap();
    world.cluster.move_leader("t", 0, 1).unwrap();
    let unknown = world.produce(conn, 13, batch(&["b"]));
    assert_eq!(ErrorCode(unknown.error_code), ErrorCode::UNKNOWN_TOPIC_ID);
    let unknown = world.produce(conn, 12, batch(&["b"]));
    assert_eq!(ErrorCode(unknown.error_code), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
    world.advance(4_000);
    assert!(metadata(&mut world, 1).topics.is_empty());
    world.advance(1_000);
    assert_eq!(topic(&mut world, 1).topic_id, new);
    assert_eq!(world.produce(conn, 13, batch(&["b"])).error_code, 0);
}

#[test]
fn a_deposed_leader_that_has_not_heard_takes_what_will_be_lost() {
    let (mut world, conn) = led_by_one();
    world.cluster.set_metadata_delay(1, LATE);
    world.cluster.move_leader("t", 0, 2).unwrap();
    world.cluster.record_truth(true);
    let lost = append(&mut world, conn, "lost");
    assert_eq!((ErrorCode(lost.error_code), lost.base_offset), (OK, 1));
    let request = produce_request(&world.cluster, 12, "t", 0, sequenced(7, 0, 0, &["too"]));
    let (patient, impatient) = (world.connect(1), world.connect(1));
    world.send(patient, 12, &ProduceRequest { timeout_ms: 30_000, ..request.clone() });
    world.send(impatient, 12, &request);
    world.advance(1_000);
    let (_, response) = world.receive::<ProduceRequest>(impatient, 12).unwrap();
    let late = only_partition(response);
    assert_eq!((ErrorCode(late.error_code), late.base_offset), (ErrorCode::REQUEST_TIMED_OUT, 2));
    assert!(world.cluster.take_truth().is_empty(), "none of it is in the log");

    let data = world.fetch(conn, 12, 0);
    assert_eq!((data.high_watermark, spans(&data)), (1, vec![(0, 0)]));
    let new = world.connect(2);
    assert_eq!(append(&mut world, new, "kept").base_offset, 1);
    assert_eq!(world.cluster.offsets("t", 0), Some((0, 2)));
    assert_eq!(world.fetch(conn, 12, 0).high_watermark, 1);

    world.advance(3_999);
    assert!(world.receive_bytes(patient).is_none());
    world.advance(1);
    let (_, response) = world.receive::<ProduceRequest>(patient, 12).unwrap();
    assert_eq!(hint(&only_partition(response)), (NOT_LEADER, 2, 1));
    assert_eq!(hint(&append(&mut world, conn, "refused")), (NOT_LEADER, 2, 1));
    assert_eq!(world.values("t", 0), ["a", "kept"]);
    assert_eq!(spans(&world.fetch(conn, 12, 0)), [(0, 0), (1, 1)], "it follows now");
}

#[test]
fn a_leader_that_has_not_heard_of_its_own_election_either_stays_by_its_own_log() {
    let (mut world, conn) = led_by_one();
    world.cluster.set_metadata_delay(1, LATE);
    // Node 1 is elected anew, and then it is deposed: it believes in epoch 0.
    world.cluster.move_leader("t", 0, 1).unwrap();
    world.cluster.move_leader("t", 0, 2).unwrap();
    assert_eq!((leader(&mut world, 1), leader(&mut world, 2)), ((1, 0), (2, 2)));
    let new = world.connect(2);
    assert_eq!(append(&mut world, new, "kept").base_offset, 1);
    let data = world.fetch(conn, 12, 0);
    assert_eq!((data.high_watermark, spans(&data)), (1, vec![(0, 0)]), "it has no more");
    let lost = append(&mut world, conn, "lost");
    assert_eq!((ErrorCode(lost.error_code), lost.base_offset), (OK, 1));
    world.advance(5_000);
    assert_eq!(hint(&append(&mut world, conn, "refused")), (NOT_LEADER, 2, 2));
    assert_eq!(world.values("t", 0), ["a", "kept"]);
}

#[test]
fn two_nodes_may_point_at_each_other() {
    let (mut world, one) = led_by_one();
    world.cluster.set_metadata_delay(2, LATE);
    world.cluster.move_leader("t", 0, 2).unwrap();
    let two = world.connect(2);
    assert_eq!(hint(&append(&mut world, one, "b")), (NOT_LEADER, 2, 1));
    assert_eq!(hint(&append(&mut world, two, "b")), (NOT_LEADER, 1, 0));
    let mut request = fetch_request(&world.cluster, 12, "t", &[(0, 0)]);
    request.topics[0].partitions[0].current_leader_epoch = 1;
    let data = only_data(world.call(two, 12, &request));
    assert_eq!(ErrorCode(data.error_code), ErrorCode::UNKNOWN_LEADER_EPOCH);
    world.advance(5_000);
    assert_eq!(append(&mut world, two, "b").base_offset, 1);
}

#[test]
fn what_a_node_knows_never_gets_older() {
    let (mut world, conn) = led_by_one();
    world.cluster.set_metadata_delay(1, LATE);
    world.cluster.move_leader("t", 0, 2).unwrap();
    world.advance(5_000);
    assert_eq!(leader(&mut world, 1), (2, 1));
    world.cluster.set_metadata_delay(1, LATE * 2);
    assert_eq!(leader(&mut world, 1), (2, 1));
    world.cluster.move_leader("t", 0, 1).unwrap();
    world.cluster.move_leader("t", 0, 3).unwrap();
    assert_eq!(hint(&append(&mut world, conn, "b")), (NOT_LEADER, 2, 1));
    world.cluster.set_metadata_delay(1, Duration::ZERO);
    assert_eq!(hint(&append(&mut world, conn, "b")), (NOT_LEADER, 3, 3), "at once");

    world.cluster.set_metadata_delay(1, LATE);
    world.cluster.move_leader("t", 0, 2).unwrap();
    world.cluster.stop_node(1);
    world.cluster.start_node(1);
    assert_eq!(leader(&mut world, 1), (2, 4), "a node that starts knows the newest");
}

#[test]
fn a_former_leader_that_dies_takes_its_own_records_along() {
    let (mut world, conn) = led_by_one();
    world.cluster.set_metadata_delay(1, LATE);
    world.cluster.record_truth(true);
    world.cluster.move_leader("t", 0, 2).unwrap();
    assert_eq!(append(&mut world, conn, "lost").base_offset, 1);
    world.cluster.stop_node(1);
    world.cluster.start_node(1);
    world.cluster.elect_preferred("t", 0).unwrap();
    assert_eq!(world.cluster.leader("t", 0), Some((1, 2)));
    assert_eq!(leader(&mut world, 2), (1, 2));
    assert_eq!(leader(&mut world, 1), (2, 1), "it leads, and does not know it");
    world.advance(5_000);
    let conn = world.connect(1);
    assert_eq!(append(&mut world, conn, "b").base_offset, 1);
    assert_eq!(world.values("t", 0), ["a", "b"]);
    let appends = world.cluster.take_truth().into_iter();
    let appends = appends.filter(|(_, truth)| matches!(truth, Truth::Append { .. })).count();
    assert_eq!(appends, 1);
}

#[test]
fn a_node_that_leads_again_does_not_acknowledge_what_it_has_given_up() {
    let mut world = World::new(3);
    world.cluster.create_topic("t", 1, 3).unwrap();
    let (busy, other) = (world.connect(1), world.connect(1));
    world.cluster.set_metadata_delay(1, LATE);
    world.cluster.depose_leader("t", 0).unwrap();
    let request = |world: &World, value| {
        let mut request = produce_request(&world.cluster, 12, "t", 0, batch(&[value]));
        request.timeout_ms = 60_000;
        request
    };
    let waiting = request(&world, "given up");
    world.send(other, 12, &waiting);
    let first = request(&world, "given up too");
    world.send(busy, 12, &first);
    let next = request(&world, "taken");
    world.send(busy, 12, &next);
    assert_eq!(world.cluster.parked(), 2);
    world.cluster.move_leader("t", 0, 1).unwrap();
    world.advance(6_000);
    let mut told = |conn| {
        let answer = world.receive::<ProduceRequest>(conn, 12).map(|(_, answer)| answer);
        answer.map(|answer| ErrorCode(only_partition(answer).error_code))
    };
    assert_eq!(told(busy), Some(NOT_LEADER));
    assert_eq!(told(busy), Some(OK));
    assert_eq!(told(other), Some(NOT_LEADER), "another record has its offset");
    assert_eq!(world.values("t", 0), ["taken"]);
}

#[test]
fn a_fault_names_the_leaders_of_before_once_there_are_such() {
    let (mut world, _) = led_by_one();
    let back = Fault::EpochBack { at: At::any() };
    world.cluster.fail_next(ApiKey::Metadata, back);
    assert_eq!(leader(&mut world, 1), (1, 0), "nobody has led it before");
    world.cluster.move_leader("t", 0, 2).unwrap();
    assert_eq!(leader(&mut world, 1), (1, 0));
    assert_eq!(leader(&mut world, 1), (2, 1));
    world.cluster.depose_leader("t", 0).unwrap();
    world.cluster.fail_next(ApiKey::Metadata, Fault::EpochBack { at: At::partition("t", 0) });
    assert_eq!(leader(&mut world, 3), (2, 1));
    assert_eq!(leader(&mut world, 3), (-1, 2));
}
