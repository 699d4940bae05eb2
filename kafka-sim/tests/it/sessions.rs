//! Fetch sessions: what a node remembers, what it leaves out, and what it gives up.

use std::time::Duration;

use kafka_proto::messages::fetch::{FetchRequest, FetchResponse, ForgottenTopic};
use kafka_proto::{ErrorCode, Uuid};
use kafka_sim::{ClusterOptions, ConnId};

use crate::world::{World, batch, fetch_request, options, produce_request};

/// A node with a topic `t` of so many empty partitions.
fn world(partitions: i32) -> (World, ConnId) {
    with(partitions, |_| {})
}

fn with(partitions: i32, change: impl FnOnce(&mut ClusterOptions)) -> (World, ConnId) {
    let mut options = options(1);
    change(&mut options);
    let mut world = World::with_options(options);
    world.cluster.create_topic("t", partitions, 1).unwrap();
    let conn = world.connect(1);
    (world, conn)
}

fn append(world: &mut World, partition: i32) {
    let conn = world.connect(1);
    let request = produce_request(&world.cluster, 12, "t", partition, batch(&["a"]));
    assert_eq!(crate::world::only_partition(world.call(conn, 12, &request)).error_code, 0);
}

/// A request within a session that does not wait.
fn request(
    world: &World,
    version: i16,
    (session_id, session_epoch): (i32, i32),
    partitions: &[(i32, i64)],
) -> FetchRequest {
    let mut request = fetch_request(&world.cluster, version, "t", partitions);
    request.topics.retain(|topic| !topic.partitions.is_empty());
    FetchRequest { max_wait_ms: 0, session_id, session_epoch, ..request }
}

fn fetch(
    world: &mut World,
    conn: ConnId,
    version: i16,
    session: (i32, i32),
    partitions: &[(i32, i64)],
) -> FetchResponse {
    let request = request(world, version, session, partitions);
    world.call(conn, version, &request)
}

/// Begins a session; gives its id.
fn begin(world: &mut World, conn: ConnId, version: i16, partitions: &[(i32, i64)]) -> i32 {
    let response = fetch(world, conn, version, (0, 0), partitions);
    assert_eq!((response.error_code, told(&response).len()), (0, partitions.len()));
    response.session_id
}

/// The partitions of a response, with their error codes.
fn told(response: &FetchResponse) -> Vec<(i32, i16)> {
    let partitions = response.responses.iter().flat_map(|topic| &topic.partitions);
    partitions.map(|data| (data.partition_index, data.error_code)).collect()
}

fn indexes(response: &FetchResponse) -> Vec<i32> {
    assert_eq!(response.error_code, 0);
    told(response).into_iter().map(|(index, _)| index).collect()
}

/// Partitions and offsets that the node has in the session.
fn inside(world: &World, id: i32) -> Option<Vec<(i32, i64)>> {
    let inside = world.cluster.fetch_session(1, id)?;
    let topic = world.cluster.topic_id("t").unwrap();
    assert!(inside.iter().all(|(id, _, _)| *id == topic));
    Some(inside.into_iter().map(|(_, index, offset)| (index, offset)).collect())
}

#[test]
fn only_what_changed_is_told() {
    for version in [7, 12, 13, 18] {
        let (mut world, conn) = world(3);
        let id = begin(&mut world, conn, version, &[(0, 0), (1, 0), (2, 0)]);
        assert!(id > 0);
        let response = fetch(&mut world, conn, version, (id, 1), &[]);
        assert_eq!((response.session_id, indexes(&response)), (id, vec![]));
        append(&mut world, 1);
        assert_eq!(indexes(&fetch(&mut world, conn, version, (id, 2), &[])), [1]);
        let again = fetch(&mut world, conn, version, (id, 3), &[]);
        assert_eq!(indexes(&again), [1], "the records are told until the offset moves");
        assert_eq!(indexes(&fetch(&mut world, conn, version, (id, 4), &[(1, 1)])), [0_i32; 0]);
        world.cluster.trim("t", 1, 1).unwrap();
        assert_eq!(indexes(&fetch(&mut world, conn, version, (id, 5), &[])), [1], "log start");
        assert_eq!(inside(&world, id), Some(vec![(0, 0), (2, 0), (1, 1)]));
    }
}

#[test]
fn errors_are_told_each_time_and_their_end_too() {
    let (mut world, conn) = world(2);
    let id = begin(&mut world, conn, 13, &[(0, 0), (1, 0)]);
    let out_of_range = (1, ErrorCode::OFFSET_OUT_OF_RANGE.0);
    let response = fetch(&mut world, conn, 13, (id, 1), &[(1, 9)]);
    assert_eq!((response.error_code, told(&response)), (0, vec![out_of_range]));
    assert_eq!(told(&fetch(&mut world, conn, 13, (id, 2), &[])), [out_of_range]);
    assert_eq!(told(&fetch(&mut world, conn, 13, (id, 3), &[(1, 0)])), [(1, 0)]);
    assert_eq!(told(&fetch(&mut world, conn, 13, (id, 4), &[])), [(0_i32, 0_i16); 0]);
}

#[test]
fn what_is_wrong_with_a_session_is_said_at_the_top() {
    let (mut world, conn) = world(1);
    let id = begin(&mut world, conn, 13, &[(0, 0)]);
    let mut check = |version, session, code: ErrorCode| {
        let response = fetch(&mut world, conn, version, session, &[]);
        assert_eq!(ErrorCode(response.error_code), code, "{session:?}");
        assert_eq!((response.session_id, told(&response)), (0, vec![]));
    };
    check(13, (id ^ 1, 1), ErrorCode::FETCH_SESSION_ID_NOT_FOUND);
    check(13, (0, 1), ErrorCode::FETCH_SESSION_ID_NOT_FOUND);
    for epoch in [2, 7, -2] {
        check(13, (id, epoch), ErrorCode::INVALID_FETCH_SESSION_EPOCH);
    }
    check(12, (id, 1), ErrorCode::FETCH_SESSION_TOPIC_ID_ERROR);
    let names = begin(&mut world, conn, 12, &[(0, 0)]);
    let mut check = |version, session, code: ErrorCode| {
        let response = fetch(&mut world, conn, version, session, &[]);
        assert_eq!(ErrorCode(response.error_code), code, "{session:?}");
    };
    check(13, (names, 1), ErrorCode::FETCH_SESSION_TOPIC_ID_ERROR);
    check(13, (id, 1), ErrorCode::NONE);
    check(12, (names, 1), ErrorCode::NONE);
    check(12, (names, 1), ErrorCode::INVALID_FETCH_SESSION_EPOCH);
}

#[test]
fn a_session_ends_when_asked_to_when_emptied_and_with_its_node() {
    let check = |name: &str, end: fn(&mut World, ConnId, i32)| {
        let (mut world, conn) = world(2);
        let id = begin(&mut world, conn, 13, &[(0, 0), (1, 0)]);
        end(&mut world, conn, id);
        assert_eq!(world.cluster.fetch_session(1, id), None, "{name}");
        let conn = world.connect(1);
        let response = fetch(&mut world, conn, 13, (id, 1), &[]);
        let code = ErrorCode(response.error_code);
        assert_eq!(code, ErrorCode::FETCH_SESSION_ID_NOT_FOUND, "{name}");
    };
    check("final request", |world, conn, id| {
        assert_eq!(fetch(world, conn, 13, (id, -1), &[]), FetchResponse::default());
    });
    check("replaced", |world, conn, id| {
        let other = fetch(world, conn, 13, (id, 0), &[(0, 0)]).session_id;
        assert!(other > 0 && other != id);
    });
    check("emptied", |world, conn, id| {
        let response = forget(world, conn, (id, 1), &[0, 1]);
        assert_eq!((response.error_code, response.session_id), (0, 0));
    });
    check("evicted", |world, _, _| {
        world.cluster.evict_fetch_sessions(1);
    });
    check("stopped", |world, _, _| {
        world.cluster.stop_node(1);
        world.cluster.start_node(1);
    });
}

fn forget(
    world: &mut World,
    conn: ConnId,
    session: (i32, i32),
    partitions: &[i32],
) -> FetchResponse {
    let mut request = request(world, 13, session, &[]);
    request.forgotten_topics_data = vec![ForgottenTopic {
        topic_id: world.cluster.topic_id("t").unwrap(),
        partitions: partitions.to_vec(),
        ..Default::default()
    }];
    world.call(conn, 13, &request)
}

#[test]
fn what_is_forgotten_is_not_told_and_may_come_back() {
    let (mut world, conn) = world(2);
    let id = begin(&mut world, conn, 13, &[(0, 0), (1, 0)]);
    append(&mut world, 1);
    assert_eq!(indexes(&forget(&mut world, conn, (id, 1), &[1, 7])), [0_i32; 0]);
    assert_eq!(inside(&world, id), Some(vec![(0, 0)]));
    assert_eq!(indexes(&fetch(&mut world, conn, 13, (id, 2), &[(1, 0)])), [1]);
}

#[test]
fn a_session_outlives_its_connection() {
    let (mut world, conn) = world(1);
    let id = begin(&mut world, conn, 13, &[(0, 0)]);
    world.input(kafka_sim::Input::Closed { conn });
    let conn = world.connect(1);
    assert_eq!(fetch(&mut world, conn, 13, (id, 1), &[]).session_id, id);
}

#[test]
fn partitions_take_turns_so_that_none_starves() {
    let (mut world, conn) = world(3);
    let id = begin(&mut world, conn, 13, &[(0, 0), (1, 0), (2, 0)]);
    let mut next = [0_i64; 3];
    let mut seen = Vec::new();
    for round in 1..=6 {
        // More comes to each partition than one answer holds of them all.
        for partition in 0..3 {
            append(&mut world, partition);
        }
        let moved: Vec<(i32, i64)> =
            seen.last().map(|last: &i32| (*last, next[*last as usize])).into_iter().collect();
        let mut request = request(&world, 13, (id, round), &moved);
        request.max_bytes = 1;
        let response = world.call(conn, 13, &request);
        let with_records = response.responses.iter().flat_map(|topic| &topic.partitions);
        let with_records = with_records
            .filter(|data| data.records.as_ref().is_some_and(|records| !records.is_empty()));
        let turn: Vec<i32> = with_records.map(|data| data.partition_index).collect();
        assert_eq!(turn.len(), 1);
        next[turn[0] as usize] += 1;
        seen.extend(turn);
    }
    assert_eq!(seen, [0, 1, 2, 0, 1, 2]);
}

#[test]
fn a_parked_request_answers_for_all_of_its_session() {
    let (mut world, conn) = world(3);
    let id = begin(&mut world, conn, 13, &[(0, 0), (1, 0), (2, 0)]);
    let parked = FetchRequest { max_wait_ms: 1000, ..request(&world, 13, (id, 1), &[]) };
    world.send(conn, 13, &parked);
    assert_eq!((world.receive_bytes(conn), world.cluster.parked()), (None, 1));
    append(&mut world, 2);
    let (_, response) = world.receive::<FetchRequest>(conn, 13).unwrap();
    assert_eq!((response.session_id, indexes(&response)), (id, vec![2]));
    // The next is overtaken by another connection, which goes on with the session.
    let parked = FetchRequest { max_wait_ms: 1000, ..request(&world, 13, (id, 2), &[(2, 1)]) };
    world.send(conn, 13, &parked);
    let other = world.connect(1);
    assert_eq!(fetch(&mut world, other, 13, (id, 3), &[]).error_code, 0);
    append(&mut world, 0);
    let (_, response) = world.receive::<FetchRequest>(conn, 13).unwrap();
    let code = ErrorCode(response.error_code);
    assert_eq!((code, response.session_id), (ErrorCode::INVALID_FETCH_SESSION_EPOCH, id));
    assert_eq!(told(&response), [(0_i32, 0_i16); 0]);
}

#[test]
fn a_topic_made_again_is_not_the_one_of_the_session() {
    let (mut world, conn) = world(1);
    let unknown = Uuid([9; 16]);
    let mut first = request(&world, 13, (0, 0), &[(0, 0)]);
    first.topics[0].topic_id = unknown;
    let response = world.call(conn, 13, &first);
    assert_eq!(told(&response), [(0, ErrorCode::UNKNOWN_TOPIC_ID.0)]);
    let id = response.session_id;
    assert_eq!(world.cluster.fetch_session(1, id), Some(vec![(unknown, 0, 0)]));
    assert_eq!(told(&fetch(&mut world, conn, 13, (id, 1), &[(0, 0)])).len(), 2);
    world.cluster.delete_topic("t").unwrap();
    let mut check = |epoch, expected: ErrorCode| {
        let answers = told(&fetch(&mut world, conn, 13, (id, epoch), &[]));
        assert_eq!(answers, [(0, ErrorCode::UNKNOWN_TOPIC_ID.0), (0, expected.0)]);
        if epoch == 2 {
            world.cluster.create_topic("t", 1, 1).unwrap();
        }
    };
    check(2, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
    check(3, ErrorCode::INCONSISTENT_TOPIC_ID);
}

#[test]
fn a_full_cache_gives_up_what_is_idle_or_small_and_old() {
    let eviction = Duration::from_millis(1000);
    let (mut world, conn) = with(5, |options| {
        options.fetch_session_slots = 2;
        options.fetch_session_eviction = eviction;
    });
    let all: Vec<(i32, i64)> = (0..5).map(|index| (index, 0)).collect();
    let small = begin(&mut world, conn, 13, &all[..2]);
    let large = begin(&mut world, conn, 13, &all[..3]);
    assert_eq!(begin(&mut world, conn, 13, &all), 0, "both are new");
    world.advance(1000);
    assert_eq!(begin(&mut world, conn, 13, &all), 0, "a moment too early");
    world.advance(1);
    for id in [small, large] {
        assert_eq!(fetch(&mut world, conn, 13, (id, 1), &[]).session_id, id);
    }
    assert_eq!(begin(&mut world, conn, 13, &all[..2]), 0, "as large as the smallest");
    let third = begin(&mut world, conn, 13, &all[..3]);
    assert!(third > 0 && inside(&world, small).is_none() && inside(&world, large).is_some());
    assert_eq!(begin(&mut world, conn, 13, &all[..3]), 0, "one is as large, the other is new");
    world.advance(1001);
    assert_eq!(fetch(&mut world, conn, 13, (large, 2), &[]).session_id, large);
    let fourth = begin(&mut world, conn, 13, &all[..1]);
    assert!(fourth > 0 && inside(&world, third).is_none(), "nobody used it");
    let mut replica = request(&world, 13, (0, 0), &all[..1]);
    replica.replica_id = 7;
    let fifth = world.call(conn, 13, &replica).session_id;
    assert!(fifth > 0 && inside(&world, fourth).is_none(), "a replica's goes before a client's");
    assert!(inside(&world, large).is_some());
}

#[test]
fn without_slots_nor_in_old_versions_there_is_a_session() {
    let (mut world, conn) = with(1, |options| options.fetch_session_slots = 0);
    assert_eq!(begin(&mut world, conn, 13, &[(0, 0)]), 0);
    let (mut world, conn) = with(1, |_| {});
    let plain = fetch_request(&world.cluster, 6, "t", &[(0, 0)]);
    let response = world.call(conn, 6, &FetchRequest { max_wait_ms: 0, ..plain });
    assert_eq!((response.session_id, indexes(&response)), (0, vec![0]));
}
