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
    let led: Vec<i32> = (0..3)
        .filter(|index| world.cluster.leader("t", *index).unwrap().0 == 1)
        .collect();
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
    let response = world.call(
        again,
        12,
        &MetadataRequest {
            topics: None,
            ..Default::default()
        },
    );
    assert!(
        response.topics[0]
            .partitions
            .iter()
            .all(|partition| partition.isr_nodes.len() == 3)
    );
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
    let topics = world
        .call(
            other,
            12,
            &MetadataRequest {
                topics: None,
                ..Default::default()
            },
        )
        .topics;
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
        let (leader, expected) = if version < 10 {
            ((-1, -1), vec![])
        } else {
            ((2, 1), vec![(2, "node2".to_owned())])
        };
        assert_eq!(
            (
                result.current_leader.leader_id,
                result.current_leader.leader_epoch
            ),
            leader
        );
        assert_eq!(endpoints, expected);
    }
    for (node, epoch, expected) in [
        (1, -1, ErrorCode::NOT_LEADER_OR_FOLLOWER),
        (1, 0, ErrorCode::FENCED_LEADER_EPOCH),
        (1, 2, ErrorCode::UNKNOWN_LEADER_EPOCH),
        (3, 0, ErrorCode::NOT_LEADER_OR_FOLLOWER),
    ] {
        let conn = world.connect(node);
        let mut request = fetch_request(&world.cluster, 16, "t", &[(0, 0)]);
        request.topics[0].partitions[0].current_leader_epoch = epoch;
        let data = only_data(world.call(conn, 16, &request));
        assert_eq!(
            ErrorCode(data.error_code),
            expected,
            "node {node}, epoch {epoch}"
        );
        let hinted = expected != ErrorCode::UNKNOWN_LEADER_EPOCH;
        assert_eq!(data.current_leader.leader_id, if hinted { 2 } else { -1 });
    }
}

#[test]
fn leadership_can_be_taken_away() {
    let mut world = World::new(1);
    world.cluster.create_topic("t", 1, 1).unwrap();
    let conn = world.connect(1);
    world.cluster.depose_leader("t", 0).unwrap();
    let refused = world.produce(conn, 12, batch(&["a"]));
    assert_eq!(
        ErrorCode(refused.error_code),
        ErrorCode::NOT_LEADER_OR_FOLLOWER
    );
    world.cluster.move_leader("t", 0, 1).unwrap();
    assert_eq!(world.cluster.leader("t", 0), Some((1, 2)));
    assert_eq!(world.produce(conn, 12, batch(&["a"])).error_code, 0);
    assert_eq!(
        world.cluster.move_leader("t", 0, 9),
        Err(ErrorCode::BROKER_NOT_AVAILABLE)
    );
    assert_eq!(
        world.cluster.move_leader("t", 1, 1),
        Err(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)
    );
}
