//! Nodes that stop and start, and leaders that move.

use kafka_proto::ErrorCode;
use kafka_proto::messages::metadata::MetadataRequest;
use kafka_sim::CloseReason;

use crate::world::{World, batch, fetch_request, only_data, only_partition, produce_request};

#[test]
fn a_stopped_node_drops_its_connections_and_its_leadership() {
    let mut world = World::new(3);
    world.cluster.create_topic("t", 3, 3).unwrap();
    let conns = [1, 2, 3].map(|node| world.connect(node));
    let led: Vec<i32> =
        (0..3).filter(|index| world.cluster.leader("t", *index).unwrap().0 == 1).collect();
    assert_eq!(led.len(), 1, "leaders are spread over the nodes");
    world.cluster.stop_node(1);
    world.drain();
    assert_eq!(world.closed.keys().copied().collect::<Vec<_>>(), [conns[0]]);
    let (leader, epoch) = world.cluster.leader("t", led[0]).unwrap();
    assert!(leader != 1 && epoch == 1);

    let refused = world.connect(1);
    assert_eq!(world.closed.get(&refused), Some(&CloseReason::NodeDown(1)));
    world.cluster.start_node(1);
    assert_eq!(
        world.cluster.leader("t", led[0]),
        Some((leader, 1)),
        "coming back takes nothing away"
    );
    let again = world.connect(1);
    let response = world.call(again, 12, &MetadataRequest { topics: None, ..Default::default() });
    assert!(response.topics[0].partitions.iter().all(|partition| partition.isr_nodes.len() == 3));
}

#[test]
fn without_its_only_replica_a_partition_has_no_leader() {
    let mut world = World::new(2);
    world.cluster.create_topic("t", 1, 1).unwrap();
    let (leader, _) = world.cluster.leader("t", 0).unwrap();
    let conn = world.connect(leader);
    world.produce(conn, 12, batch(&["a"]));
    world.cluster.stop_node(leader);
    assert_eq!(world.cluster.leader("t", 0), Some((-1, 1)));
    let other = world.connect(3 - leader);
    let topics =
        world.call(other, 12, &MetadataRequest { topics: None, ..Default::default() }).topics;
    let partition = &topics[0].partitions[0];
    assert_eq!(
        (ErrorCode(partition.error_code), partition.leader_id),
        (ErrorCode::LEADER_NOT_AVAILABLE, -1)
    );
    world.cluster.start_node(leader);
    assert_eq!(world.cluster.leader("t", 0), Some((leader, 2)));
    assert_eq!(world.values("t", 0), ["a"]);
}

#[test]
fn the_wrong_node_tells_the_right_one() {
    let mut world = World::new(3);
    world.cluster.create_topic("t", 1, 2).unwrap();
    let conn = world.connect(1);
    world.cluster.move_leader("t", 0, 2).unwrap();
    for version in [9, 10, 13] {
        let request = produce_request(&world.cluster, version, "t", 0, batch(&["a"]));
        let response = world.call(conn, version, &request);
        let endpoints: Vec<_> = response
            .node_endpoints
            .iter()
            .map(|node| (node.node_id, node.host.to_string()))
            .collect();
        let result = only_partition(response);
        assert_eq!(
            (ErrorCode(result.error_code), result.base_offset),
            (ErrorCode::NOT_LEADER_OR_FOLLOWER, -1)
        );
        let (leader, expected) =
            if version < 10 { ((-1, -1), vec![]) } else { ((2, 1), vec![(2, "node2".to_owned())]) };
        assert_eq!((result.current_leader.leader_id, result.current_leader.leader_epoch), leader);
        assert_eq!(endpoints, expected);
    }
    let wrong = ErrorCode::NOT_LEADER_OR_FOLLOWER;
    let fenced = ErrorCode::FENCED_LEADER_EPOCH;
    for (version, node, epoch, expected, leader) in [
        (10, 1, -1, wrong, -1),
        (11, 1, -1, ErrorCode::NONE, -1),
        (16, 1, -1, ErrorCode::NONE, -1),
        (12, 1, 0, fenced, -1),
        (16, 1, 0, fenced, 2),
        (16, 2, 0, fenced, 2),
        (16, 1, 2, ErrorCode::UNKNOWN_LEADER_EPOCH, -1),
        (11, 3, 0, wrong, -1),
        (12, 3, 0, wrong, 2),
        (16, 3, -1, wrong, 2),
    ] {
        let conn = world.connect(node);
        let mut request = fetch_request(&world.cluster, version, "t", &[(0, 0)]);
        request.max_wait_ms = 0;
        request.topics[0].partitions[0].current_leader_epoch = epoch;
        let response = world.call(conn, version, &request);
        let hinted = response.node_endpoints.len();
        let data = only_data(response);
        let found = (ErrorCode(data.error_code), data.current_leader.leader_id);
        assert_eq!(found, (expected, leader), "version {version}, node {node}, epoch {epoch}");
        assert_eq!(hinted, usize::from(leader == 2 && version >= 16));
    }
}

#[test]
fn followers_are_read_from() {
    let mut world = World::new(3);
    world.cluster.create_topic("t", 1, 3).unwrap();
    let (leader, _) = world.cluster.leader("t", 0).unwrap();
    let conn = world.connect(leader);
    world.produce(conn, 12, batch(&["a"]));
    let follower = world.connect(1 + leader % 3);
    let data = world.fetch(follower, 11, 0);
    assert_eq!((data.error_code, data.high_watermark), (0, 1));
}

#[test]
fn replicas_may_be_placed_on_a_node_that_is_down() {
    let mut world = World::new(3);
    world.cluster.stop_node(2);
    world.cluster.create_topic("t", 6, 3).unwrap();
    assert_eq!(world.cluster.create_topic("u", 1, 4), Err(ErrorCode::INVALID_REPLICATION_FACTOR));
    let conn = world.connect(1);
    let all = MetadataRequest { topics: None, ..Default::default() };
    for partition in &world.call(conn, 12, &all).topics[0].partitions {
        assert!([1, 3].contains(&partition.leader_id));
        assert_eq!((partition.replica_nodes.len(), partition.isr_nodes.len()), (3, 2));
        assert_eq!(partition.offline_replicas, [2]);
    }
    for node in [1, 3] {
        world.cluster.stop_node(node);
    }
    let none_up = world.cluster.create_topic("u", 1, 1);
    assert_eq!(none_up, Err(ErrorCode::INVALID_REPLICATION_FACTOR));
}

#[test]
fn leadership_can_be_taken_away() {
    let mut world = World::new(1);
    world.cluster.create_topic("t", 1, 1).unwrap();
    let conn = world.connect(1);
    world.cluster.depose_leader("t", 0).unwrap();
    let refused = world.produce(conn, 12, batch(&["a"]));
    assert_eq!(ErrorCode(refused.error_code), ErrorCode::NOT_LEADER_OR_FOLLOWER);
    world.cluster.move_leader("t", 0, 1).unwrap();
    assert_eq!(world.cluster.leader("t", 0), Some((1, 2)));
    assert_eq!(world.produce(conn, 12, batch(&["a"])).error_code, 0);
    assert_eq!(world.cluster.move_leader("t", 0, 9), Err(ErrorCode::BROKER_NOT_AVAILABLE));
    assert_eq!(world.cluster.move_leader("t", 1, 1), Err(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION));
}
