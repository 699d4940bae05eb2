//! Clients that are held back: told at once, and not listened to for as long.

use std::time::Duration;

use kafka_proto::messages::api_versions::ApiVersionsRequest;
use kafka_proto::messages::create_topics::CreateTopicsRequest;
use kafka_proto::messages::delete_topics::DeleteTopicsRequest;
use kafka_proto::messages::fetch::{FetchRequest, FetchResponse};
use kafka_proto::messages::init_producer_id::InitProducerIdRequest;
use kafka_proto::messages::list_offsets::ListOffsetsRequest;
use kafka_proto::messages::metadata::MetadataRequest;
use kafka_proto::messages::produce::ProduceRequest;
use kafka_proto::{ApiKey, Request, releases};
use kafka_sim::{ConnId, Fault};

use crate::world::{World, batch, fetch_request, only_data, options, produce_request};

const SILENCE: Duration = Duration::from_millis(700);

/// Asks twice at once; the second is answered when the silence after the first is over.
fn check<R: Request>(version: i16, request: &R, told: fn(&R::Response) -> i32) {
    let (mut world, conn) = World::with_topic();
    world.cluster.fail_next(R::API, Fault::Throttle(SILENCE));
    let response = world.call(conn, version, request);
    assert_eq!(told(&response), 700, "{:?}", R::API);
    world.send(conn, version, request);
    assert_eq!((world.receive_bytes(conn), world.cluster.backlog(conn)), (None, 1));
    let other = world.connect(1);
    world.call(other, 0, &ApiVersionsRequest::default());
    world.advance(699);
    assert_eq!(world.receive_bytes(conn), None, "{:?}", R::API);
    world.advance(1);
    let (_, response) = world.receive::<R>(conn, version).expect("an answer");
    assert_eq!((told(&response), world.until), (0, None), "{:?}", R::API);
}

#[test]
fn every_api_can_be_held_back() {
    check(3, &ApiVersionsRequest::default(), |response| response.throttle_time_ms);
    check(12, &MetadataRequest::default(), |response| response.throttle_time_ms);
    let produce = ProduceRequest { acks: 1, ..Default::default() };
    check(12, &produce, |response| response.throttle_time_ms);
    check(12, &FetchRequest::default(), |response| response.throttle_time_ms);
    check(7, &ListOffsetsRequest::default(), |response| response.throttle_time_ms);
    check(5, &CreateTopicsRequest::default(), |response| response.throttle_time_ms);
    check(5, &DeleteTopicsRequest::default(), |response| response.throttle_time_ms);
    let id = InitProducerIdRequest { producer_id: -1, producer_epoch: -1, ..Default::default() };
    check(4, &id, |response| response.throttle_time_ms);
}

#[test]
fn a_quota_stays_until_it_is_taken_away() {
    let (mut world, conn) = World::with_topic();
    let request = ApiVersionsRequest::default();
    world.cluster.throttle(ApiKey::ApiVersions, SILENCE);
    for _ in 0..3 {
        assert_eq!(world.call(conn, 3, &request).throttle_time_ms, 700);
        world.advance(700);
        let response = world.call(conn, 3, &request);
        assert_eq!(response.throttle_time_ms, 0, "the silence was enough");
    }
    world.cluster.throttle(ApiKey::ApiVersions, Duration::ZERO);
    assert_eq!(world.call(conn, 3, &request).throttle_time_ms, 0);
    assert_eq!(world.call(conn, 3, &request).throttle_time_ms, 0);
}

#[test]
fn a_produce_without_an_answer_is_followed_by_silence_too() {
    let (mut world, conn) = World::with_topic();
    world.cluster.fail_next(ApiKey::Produce, Fault::Throttle(SILENCE));
    let request = produce_request(&world.cluster, 12, "t", 0, batch(&["a"]));
    world.send(conn, 12, &ProduceRequest { acks: 0, ..request });
    world.send(conn, 3, &ApiVersionsRequest::default());
    assert_eq!(world.receive_bytes(conn), None);
    world.advance(700);
    assert!(world.receive::<ApiVersionsRequest>(conn, 3).is_some());
    assert_eq!(world.values("t", 0), ["a"]);
}

fn filled() -> (World, ConnId) {
    let (mut world, conn) = World::with_topic();
    world.produce(conn, 12, batch(&["a"]));
    (world, conn)
}

#[test]
fn a_fetch_that_is_held_back_reads_nothing_and_changes_no_session() {
    let (mut world, conn) = filled();
    let mut fetch = |session: (i32, i32), throttled: bool| {
        if throttled {
            world.cluster.fail_next(ApiKey::Fetch, Fault::Throttle(SILENCE));
        }
        let plain = fetch_request(&world.cluster, 13, "t", &[(0, 0)]);
        let (session_id, session_epoch) = session;
        let mut request = FetchRequest { session_id, session_epoch, ..plain };
        if session_epoch > 0 {
            request.topics.clear();
        }
        let response: FetchResponse = world.call(conn, 13, &request);
        world.advance(700);
        let answered = response.responses.len();
        assert_eq!((response.error_code, response.throttle_time_ms > 0), (0, throttled));
        (response.session_id, answered)
    };
    assert_eq!(fetch((0, -1), true), (0, 0));
    assert_eq!(fetch((0, 0), true), (0, 0), "no session is begun");
    let (id, answered) = fetch((0, 0), false);
    assert_eq!((id > 0, answered), (true, 1));
    assert_eq!(fetch((id, 1), true), (id, 0), "the request counts");
    assert_eq!(fetch((id, 2), false), (id, 1));
}

#[test]
fn a_parked_fetch_is_held_back_when_it_is_answered() {
    let (mut world, conn) = World::with_topic();
    world.cluster.fail_next(ApiKey::Fetch, Fault::Throttle(SILENCE));
    let request = fetch_request(&world.cluster, 12, "t", &[(0, 0)]);
    world.send(conn, 12, &request);
    assert_eq!(world.receive_bytes(conn), None);
    world.advance(300);
    let producer = world.connect(1);
    world.produce(producer, 12, batch(&["a"]));
    let (_, response) = world.receive::<FetchRequest>(conn, 12).unwrap();
    assert_eq!((response.throttle_time_ms, response.responses.len()), (700, 0));
    world.send(conn, 12, &request);
    world.advance(699);
    assert_eq!(world.receive_bytes(conn), None);
    world.advance(1);
    let (_, response) = world.receive::<FetchRequest>(conn, 12).unwrap();
    assert_eq!(crate::world::spans(&only_data(response)), [(0, 0)]);
}

#[test]
fn before_kip_219_the_answer_itself_was_held_back() {
    let release = releases::release("1.1").unwrap();
    let mut world = World::with_options(kafka_sim::ClusterOptions { release, ..options(1) });
    world.cluster.create_topic("t", 1, 1).unwrap();
    let conn = world.connect(1);
    world.produce(conn, 5, batch(&["a"]));
    world.cluster.fail_next(ApiKey::Fetch, Fault::Throttle(SILENCE));
    let request = fetch_request(&world.cluster, 7, "t", &[(0, 0)]);
    world.send(conn, 7, &request);
    world.advance(699);
    assert_eq!(world.receive_bytes(conn), None);
    world.advance(1);
    let (_, response) = world.receive::<FetchRequest>(conn, 7).unwrap();
    assert_eq!((response.throttle_time_ms, response.responses.len()), (700, 1));
}
