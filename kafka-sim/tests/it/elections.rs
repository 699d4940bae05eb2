//! Leaders that fall and rise, and what is lost with them.

use std::time::Duration;

use kafka_proto::ErrorCode;
use kafka_proto::messages::fetch::FetchRequest;
use kafka_proto::messages::metadata::{MetadataRequest, MetadataResponse};
use kafka_proto::messages::produce::ProduceRequest;
use kafka_sim::{ClusterOptions, ConnId, Truth};

use crate::world::{World, batch, fetch_request, only_data, only_partition, options};
use crate::world::{produce_request, sequenced};

/// Three nodes, all with the one partition of `t`, led by node 1; followers stand still.
fn with_idle_followers(options: ClusterOptions) -> (World, ConnId) {
    let mut world = World::with_options(options);
    world.cluster.create_topic("t", 1, 3).unwrap();
    assert_eq!(world.cluster.leader("t", 0), Some((1, 0)));
    let conn = world.connect(1);
    for node in [2, 3] {
        world.cluster.pause_replication(node);
    }
    (world, conn)
}

/// Has node 1 append a batch that no replica gets.
fn append(world: &mut World, conn: ConnId, records: bytes::Bytes) -> i64 {
    let mut request = produce_request(&world.cluster, 12, "t", 0, records);
    request.acks = 1;
    let result = only_partition(world.call(conn, 12, &request));
    assert_eq!(result.error_code, 0);
    result.base_offset
}

fn metadata(world: &mut World, node: i32) -> MetadataResponse {
    let conn = world.connect(node);
    world.call(conn, 12, &MetadataRequest { topics: None, ..Default::default() })
}

fn ends(world: &World) -> [i64; 3] {
    [1, 2, 3].map(|node| world.cluster.replica("t", 0, node).unwrap().0)
}

#[test]
fn what_only_the_old_leader_had_is_lost_and_its_sequences_with_it() {
    let (mut world, conn) = with_idle_followers(options(3));
    let topic = world.cluster.topic_id("t").unwrap();
    append(&mut world, conn, sequenced(7, 0, 0, &["a"]));
    world.cluster.resume_replication(2);
    world.cluster.pause_replication(2);
    append(&mut world, conn, sequenced(7, 0, 1, &["b", "c"]));
    assert_eq!(ends(&world), [3, 1, 0]);
    world.cluster.record_truth(true);
    world.cluster.stop_node(1);
    assert_eq!(world.cluster.leader("t", 0), Some((2, 1)));
    assert_eq!((world.values("t", 0), ends(&world)), (vec!["a".to_owned()], [1, 1, 0]));
    let told: Vec<_> = world.cluster.take_truth().into_iter().map(|(_, truth)| truth).collect();
    let leader = Truth::Leader { topic, partition: 0, node: 2, leader_epoch: 1 };
    let truncated = Truth::Truncated { topic, partition: 0, to: 1, leader_epoch: 1 };
    assert_eq!(told, [leader, truncated]);

    let conn = world.connect(2);
    let gap = sequenced(7, 0, 3, &["d"]);
    let mut request = produce_request(&world.cluster, 12, "t", 0, gap);
    request.acks = 1;
    let refused = only_partition(world.call(conn, 12, &request));
    assert_eq!(ErrorCode(refused.error_code), ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER);
    assert_eq!(append(&mut world, conn, sequenced(7, 0, 1, &["b", "c"])), 1, "it is new again");
    assert_eq!(append(&mut world, conn, sequenced(7, 0, 0, &["a"])), 0, "this one is known");
    let epochs: Vec<i32> = world.cluster.log("t", 0).map(|record| record.leader_epoch).collect();
    assert_eq!(epochs, [0, 1, 1]);
}

#[test]
fn until_the_controller_notices_all_nodes_say_that_the_dead_one_leads() {
    let delayed = ClusterOptions { failover_delay: Duration::from_secs(9), ..options(3) };
    let mut world = World::with_options(delayed);
    world.cluster.create_topic("t", 1, 3).unwrap();
    let conn = world.connect(1);
    world.cluster.stop_node(1);
    world.drain();
    assert!(world.closed.contains_key(&conn));
    let refused = world.connect(1);
    assert!(world.closed.contains_key(&refused), "it is dead all the same");

    let conn = world.connect(2);
    world.advance(8_999);
    let stale = metadata(&mut world, 3);
    assert_eq!(stale.brokers.len(), 3);
    let partition = &stale.topics[0].partitions[0];
    assert_eq!((partition.error_code, partition.leader_id, partition.leader_epoch), (0, 1, 0));
    assert!(partition.offline_replicas.is_empty());
    let elsewhere = world.produce(conn, 12, batch(&["a"]));
    assert_eq!(ErrorCode(elsewhere.error_code), ErrorCode::NOT_LEADER_OR_FOLLOWER);
    assert_eq!(elsewhere.current_leader.leader_id, 1);

    world.advance(1);
    assert_eq!(world.cluster.leader("t", 0), Some((2, 1)));
    let fresh = metadata(&mut world, 3);
    let partition = &fresh.topics[0].partitions[0];
    assert_eq!((fresh.brokers.len(), partition.leader_id), (2, 2));
    assert_eq!(
        (&partition.isr_nodes[..], &partition.offline_replicas[..]),
        (&[2, 3][..], &[1][..])
    );
    assert_eq!(world.produce(conn, 12, batch(&["a"])).error_code, 0);
}

#[test]
fn a_node_that_is_back_before_anybody_noticed_has_lost_its_leadership_nonetheless() {
    let delayed = ClusterOptions { failover_delay: Duration::from_secs(9), ..options(2) };
    let mut world = World::with_options(delayed);
    world.cluster.create_topic("t", 1, 2).unwrap();
    world.cluster.create_topic("alone", 1, 1).unwrap();
    let (only, _) = world.cluster.leader("alone", 0).unwrap();
    let (first, _) = world.cluster.leader("t", 0).unwrap();
    for node in [1, 2] {
        world.cluster.stop_node(node);
        world.advance(1_000);
        world.cluster.start_node(node);
        world.drain();
    }
    assert_eq!(world.cluster.leader("t", 0), Some((first, 2)));
    assert_eq!(world.cluster.leader("alone", 0), Some((only, 2)));
    world.advance(20_000);
    assert_eq!(world.cluster.leader("alone", 0), Some((only, 2)), "nothing is noticed later");
    assert_eq!(world.cluster.replica("t", 0, 3 - first), Some((0, true)));
}

#[test]
fn acknowledgements_stop_while_a_dead_follower_is_not_noticed() {
    let delayed = ClusterOptions { failover_delay: Duration::from_secs(9), ..options(3) };
    let mut world = World::with_options(delayed);
    world.cluster.create_topic("t", 1, 3).unwrap();
    let conn = world.connect(1);
    world.cluster.stop_node(3);
    let mut request = produce_request(&world.cluster, 12, "t", 0, batch(&["a"]));
    request.timeout_ms = 30_000;
    world.send(conn, 12, &request);
    world.advance(8_999);
    assert!(world.receive_bytes(conn).is_none());
    world.advance(1);
    let (_, response) = world.receive::<ProduceRequest>(conn, 12).unwrap();
    assert_eq!(only_partition(response).error_code, 0);
}

#[test]
fn without_a_replica_in_sync_nobody_leads_unless_it_may_be_unclean() {
    let (mut world, conn) = with_idle_followers(options(3));
    append(&mut world, conn, batch(&["a"]));
    world.advance(30_000);
    append(&mut world, conn, batch(&["b"]));
    let in_sync = [1, 2, 3].map(|node| world.cluster.replica("t", 0, node).unwrap().1);
    assert_eq!(in_sync, [true, false, false]);
    assert_eq!(world.cluster.elect_unclean("t", 0), Err(ErrorCode::ELECTION_NOT_NEEDED));
    world.cluster.stop_node(1);
    assert_eq!(world.cluster.leader("t", 0), Some((-1, 1)));
    assert_eq!(world.values("t", 0), ["a", "b"], "nothing is lost yet");
    world.cluster.stop_node(2);
    world.cluster.stop_node(3);
    let nobody = ErrorCode::ELIGIBLE_LEADERS_NOT_AVAILABLE;
    assert_eq!(world.cluster.elect_unclean("t", 0), Err(nobody));
    world.cluster.start_node(3);
    assert_eq!(world.cluster.leader("t", 0), Some((-1, 1)), "it was not in sync");

    world.cluster.elect_unclean("t", 0).unwrap();
    assert_eq!(world.cluster.leader("t", 0), Some((3, 2)));
    assert_eq!((world.values("t", 0).len(), world.cluster.offsets("t", 0)), (0, Some((0, 0))));
    world.cluster.start_node(1);
    assert_eq!(world.cluster.leader("t", 0), Some((3, 2)));
    let conn = world.connect(3);
    append(&mut world, conn, batch(&["c"]));
    assert_eq!(world.cluster.replica("t", 0, 1), Some((1, true)), "it has cut off what it had");
    assert_eq!(world.values("t", 0), ["c"]);
}

#[test]
fn a_topic_may_allow_unclean_elections() {
    let (mut world, conn) = with_idle_followers(options(3));
    world.cluster.set_config("t", "unclean.leader.election.enable", "true").unwrap();
    append(&mut world, conn, batch(&["a"]));
    world.advance(30_000);
    assert_eq!(world.cluster.offsets("t", 0), Some((0, 1)), "it was readable");
    let topic = world.cluster.topic_id("t").unwrap();
    world.cluster.record_truth(true);
    world.cluster.stop_node(1);
    assert_eq!(world.cluster.leader("t", 0), Some((2, 1)));
    let told: Vec<_> = world.cluster.take_truth().into_iter().map(|(_, truth)| truth).collect();
    assert_eq!(told[1], Truth::Truncated { topic, partition: 0, to: 0, leader_epoch: 1 });
    assert_eq!(told[2], Truth::HighWatermark { topic, partition: 0, offset: 0 });
    let in_sync = [1, 2, 3].map(|node| world.cluster.replica("t", 0, node).unwrap().1);
    assert_eq!(in_sync, [false, true, false]);
}

#[test]
fn the_first_replica_can_be_asked_to_lead_again() {
    let mut world = World::new(3);
    world.cluster.create_topic("t", 1, 3).unwrap();
    assert_eq!(world.cluster.elect_preferred("t", 0), Err(ErrorCode::ELECTION_NOT_NEEDED));
    world.cluster.stop_node(1);
    assert_eq!(world.cluster.leader("t", 0), Some((2, 1)));
    let away = ErrorCode::PREFERRED_LEADER_NOT_AVAILABLE;
    assert_eq!(world.cluster.elect_preferred("t", 0), Err(away));
    world.cluster.start_node(1);
    world.cluster.elect_preferred("t", 0).unwrap();
    assert_eq!(world.cluster.leader("t", 0), Some((1, 2)));
    let unknown = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
    assert_eq!(world.cluster.elect_preferred("u", 0), Err(unknown));
}

#[test]
fn a_node_that_shuts_down_in_good_order_says_who_leads_before_it_goes() {
    let (mut world, conn) = with_idle_followers(options(3));
    let request = produce_request(&world.cluster, 12, "t", 0, batch(&["a"]));
    world.send(conn, 12, &request);
    let consumer = world.connect(1);
    let mut fetch = fetch_request(&world.cluster, 16, "t", &[(0, 0)]);
    fetch.topics[0].partitions[0].current_leader_epoch = 0;
    world.send(consumer, 16, &fetch);
    world.cluster.shut_down_node(1);
    world.drain();
    let (_, response) = world.receive::<ProduceRequest>(conn, 12).unwrap();
    let result = only_partition(response);
    assert_eq!(ErrorCode(result.error_code), ErrorCode::NOT_LEADER_OR_FOLLOWER);
    assert_eq!((result.current_leader.leader_id, result.base_offset), (2, 0));
    let (_, response) = world.receive::<FetchRequest>(consumer, 16).unwrap();
    let data = only_data(response);
    assert_eq!(ErrorCode(data.error_code), ErrorCode::FENCED_LEADER_EPOCH);
    assert_eq!(data.current_leader.leader_id, 2);
    assert!(world.closed.contains_key(&conn) && world.closed.contains_key(&consumer));
    assert_eq!(world.cluster.leader("t", 0), Some((2, 1)));
}
