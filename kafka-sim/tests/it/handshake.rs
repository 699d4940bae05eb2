//! What happens before anything of use does: versions, headers, and bytes that are no request.

use bytes::Bytes;
use kafka_proto::messages::api_versions::ApiVersionsRequest;
use kafka_proto::messages::metadata::MetadataRequest;
use kafka_proto::{ApiKey, ErrorCode, VersionRange};
use kafka_sim::{CloseReason, Input};

use crate::world::World;

fn named(name: &str, version: &str) -> ApiVersionsRequest {
    ApiVersionsRequest {
        client_software_name: name.into(),
        client_software_version: version.into(),
        ..Default::default()
    }
}

/// A request's bytes without length prefix: key, version, correlation id 7, no client id, and what
/// follows.
fn raw(key: i16, version: i16, rest: &[u8]) -> Bytes {
    let header = [key.to_be_bytes(), version.to_be_bytes(), [0, 0], [0, 7], [0xff, 0xff]].concat();
    [&header, rest].concat().into()
}

#[test]
fn every_version_lists_what_is_served() {
    let mut world = World::new(1);
    let conn = world.connect(1);
    for version in 0..=5 {
        let response = world.call(conn, version, &named("kafka-sim.test", "1.0-rc1"));
        assert_eq!(response.error_code, 0, "version {version}");
        let ranges: Vec<_> = response
            .api_keys
            .iter()
            .map(|key| (key.api_key, key.min_version, key.max_version))
            .collect();
        let expected = [
            (0, 0, 13),
            (1, 4, 18),
            (2, 1, 11),
            (3, 0, 13),
            (18, 0, 5),
            (19, 2, 7),
            (20, 1, 6),
            (21, 0, 2),
            (22, 0, 5),
            (23, 2, 4),
            (32, 1, 4),
            (33, 0, 2),
            (37, 0, 3),
            (44, 0, 1),
            (60, 0, 2),
        ];
        assert_eq!(ranges, expected);
        assert_eq!(response.supported_features.is_empty(), version < 3);
    }
}

#[test]
fn a_version_from_the_future_is_answered_in_version_0() {
    let mut world = World::new(1);
    let conn = world.connect(1);
    world.input(Input::Frame { conn, frame: raw(18, 127, &[0, 1, 1, 0]) });
    let expected = [0, 0, 0, 16, 0, 0, 0, 7, 0, 35, 0, 0, 0, 1, 0, 18, 0, 0, 0, 5];
    assert_eq!(world.receive_bytes(conn).unwrap().as_ref(), expected);
    assert_eq!(
        world.call(conn, 0, &ApiVersionsRequest::default()).error_code,
        0,
        "the connection goes on"
    );

    world.input(Input::Frame { conn, frame: raw(18, 127, &[]) });
    assert!(world.closed.contains_key(&conn), "without the header's tags it is no header");
}

#[test]
fn software_names_and_destinations_are_checked() {
    let mut world = World::new(1);
    let conn = world.connect(1);
    let mut check = |request: ApiVersionsRequest, expected: ErrorCode| {
        let response = world.call(conn, 5, &request);
        assert_eq!(ErrorCode(response.error_code), expected, "{request:?}");
        assert_eq!(response.api_keys.is_empty(), expected.is_error());
    };
    let cluster = crate::world::World::new(1).cluster.cluster_id().to_owned();
    check(named("a", "1"), ErrorCode::NONE);
    check(named("", "1"), ErrorCode::INVALID_REQUEST);
    check(named("a", ""), ErrorCode::INVALID_REQUEST);
    check(named("-a", "1"), ErrorCode::INVALID_REQUEST);
    check(named("a b", "1"), ErrorCode::INVALID_REQUEST);
    check(named("a", "1."), ErrorCode::INVALID_REQUEST);
    check(
        ApiVersionsRequest { cluster_id: Some(cluster.into()), node_id: 1, ..named("a", "1") },
        ErrorCode::NONE,
    );
    check(ApiVersionsRequest { node_id: 77, ..named("a", "1") }, ErrorCode::INVALID_REQUEST);
    check(
        ApiVersionsRequest { cluster_id: Some("other".into()), ..named("a", "1") },
        ErrorCode::REBOOTSTRAP_REQUIRED,
    );
}

#[test]
fn what_is_no_request_closes_the_connection() {
    let check = |frame: Bytes, expected: fn(&CloseReason) -> bool| {
        let mut world = World::new(1);
        let conn = world.connect(1);
        world.input(Input::Frame { conn, frame: frame.clone() });
        assert_eq!(world.receive_bytes(conn), None);
        let why = world.closed.get(&conn);
        assert!(why.is_some_and(expected), "{frame:?}: {why:?}");
        assert_eq!(world.cluster.closes().last(), why.map(|why| (conn, why)));
        world.send(conn, 0, &ApiVersionsRequest::default());
        assert_eq!(world.receive_bytes(conn), None, "a closed connection is not served");
    };
    check(Bytes::new(), |why| matches!(why, CloseReason::Refused(_)));
    check(Bytes::from_static(&[0, 3, 0, 1]), |why| matches!(why, CloseReason::Refused(_)));
    check(raw(500, 0, &[]), |why| matches!(why, CloseReason::UnknownApi(500)));
    check(raw(10, 0, &[]), |why| matches!(why, CloseReason::UnknownApi(10)));
    check(raw(3, 99, &[]), |why| {
        matches!(why, CloseReason::UnsupportedVersion { key: 3, version: 99 })
    });
    check(raw(3, -1, &[]), |why| matches!(why, CloseReason::UnsupportedVersion { .. }));
    check(raw(22, 6, &[]), |why| matches!(why, CloseReason::UnsupportedVersion { .. }));
    check(raw(0, 2, &[0, 1, 0, 0, 0, 0, 0, 0, 0, 0]), |why| {
        matches!(why, CloseReason::UnsupportedVersion { .. })
    });
    check(raw(3, 1, &[0, 0, 0, 2]), |why| matches!(why, CloseReason::Malformed(_)));
}

#[test]
fn bytes_behind_the_body_are_ignored() {
    let mut world = World::new(1);
    let conn = world.connect(1);
    world.input(Input::Frame { conn, frame: raw(3, 1, &[0, 0, 0, 0, 1, 2, 3]) });
    assert!(world.receive::<MetadataRequest>(conn, 1).is_some());
}

#[test]
fn versions_can_be_taken_away() {
    let mut world = World::new(1);
    world.cluster.set_versions(ApiKey::Metadata, Some(VersionRange::new(0, 8)));
    world.cluster.set_versions(ApiKey::InitProducerId, None);
    let conn = world.connect(1);
    let keys = world.call(conn, 0, &ApiVersionsRequest::default()).api_keys;
    assert!(keys.iter().any(|key| (key.api_key, key.max_version) == (3, 8)));
    assert!(keys.iter().all(|key| key.api_key != 22));
    world.send(conn, 9, &MetadataRequest::default());
    assert!(world.closed.contains_key(&conn));
}

#[test]
fn a_flood_of_requests_is_bounded() {
    let (mut world, conn) = World::with_topic();
    let parked = crate::world::fetch_request(&world.cluster, 12, "t", &[(0, 0)]);
    world.send(conn, 12, &parked);
    for _ in 0..1024 {
        world.send(conn, 0, &ApiVersionsRequest::default());
    }
    assert_eq!(world.cluster.backlog(conn), 1024);
    assert!(world.closed.is_empty());
    world.send(conn, 0, &ApiVersionsRequest::default());
    assert_eq!(world.closed.get(&conn), Some(&CloseReason::TooManyRequests));
    assert_eq!((world.cluster.parked(), world.cluster.connections()), (0, 0));
}
