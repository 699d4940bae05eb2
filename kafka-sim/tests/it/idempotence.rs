//! Producer ids: where they come from, and that a batch sent twice is there once.

use std::time::Duration;

use kafka_proto::ErrorCode;
use kafka_proto::messages::init_producer_id::InitProducerIdRequest;

use crate::world::{WALL, World, sequenced};

#[test]
fn producer_ids_are_never_given_twice() {
    let mut world = World::new(2);
    let conns = [world.connect(1), world.connect(2)];
    let mut ids = Vec::new();
    for turn in 0..2500 {
        let request =
            InitProducerIdRequest { transaction_timeout_ms: i32::MAX, ..Default::default() };
        let response = world.call(conns[turn % 2], (turn % 6) as i16, &request);
        assert_eq!((response.error_code, response.producer_epoch), (0, 0));
        ids.push(response.producer_id);
    }
    assert_eq!(ids, (0..2500).collect::<Vec<i64>>());
}

#[test]
fn requests_for_a_producer_id_are_checked() {
    let mut world = World::new(1);
    let conn = world.connect(1);
    let mut check = |request: InitProducerIdRequest, code: ErrorCode, id: i64| {
        let response = world.call(conn, 5, &request);
        assert_eq!(
            (ErrorCode(response.error_code), response.producer_id),
            (code, id),
            "{request:?}"
        );
    };
    let of = |producer_id, producer_epoch| InitProducerIdRequest {
        producer_id,
        producer_epoch,
        ..Default::default()
    };
    let named = |id: &str| InitProducerIdRequest {
        transactional_id: Some(id.into()),
        ..Default::default()
    };
    check(of(-1, -1), ErrorCode::NONE, 0);
    check(of(0, 0), ErrorCode::NONE, 1);
    check(of(0, -1), ErrorCode::INVALID_REQUEST, -1);
    check(of(-1, 0), ErrorCode::INVALID_REQUEST, -1);
    check(named(""), ErrorCode::INVALID_REQUEST, -1);
    check(named("tx"), ErrorCode::INVALID_REQUEST, -1);
}

#[test]
fn a_batch_sent_again_is_there_once() {
    let (mut world, conn) = World::with_topic();
    let first = sequenced(7, 0, 0, &["a", "b"]);
    let second = sequenced(7, 0, 2, &["c"]);
    assert_eq!(world.produce(conn, 12, first.clone()).base_offset, 0);
    assert_eq!(world.produce(conn, 12, second.clone()).base_offset, 2);
    let again = world.produce(conn, 12, first);
    assert_eq!((again.error_code, again.base_offset), (0, 0));
    assert_eq!(
        again.log_append_time_ms,
        WALL + 1,
        "a repetition tells the first one's largest timestamp"
    );
    assert_eq!(world.produce(conn, 12, second).base_offset, 2);
    assert_eq!(world.values("t", 0), ["a", "b", "c"]);
    let gap = world.produce(conn, 12, sequenced(7, 0, 4, &["e"]));
    assert_eq!(ErrorCode(gap.error_code), ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER);
    assert_eq!((gap.base_offset, gap.log_start_offset), (-1, 0));
    let record = world.cluster.log("t", 0).nth(1).unwrap();
    assert_eq!((record.producer_id, record.producer_epoch, record.sequence), (7, 0, 1));
}

#[test]
fn five_batches_are_remembered_across_a_leader_change() {
    let mut world = World::new(2);
    world.cluster.create_topic("t", 1, 2).unwrap();
    let conn = world.connect(1);
    let sent: Vec<_> = (0..6).map(|sequence| sequenced(7, 0, sequence, &["v"])).collect();
    for batch in &sent {
        assert_eq!(world.produce(conn, 12, batch.clone()).error_code, 0);
    }
    world.cluster.move_leader("t", 0, 2).unwrap();
    let conn = world.connect(2);
    for (offset, batch) in sent.iter().enumerate().skip(1) {
        assert_eq!(world.produce(conn, 12, batch.clone()).base_offset, offset as i64);
    }
    let oldest = world.produce(conn, 12, sent[0].clone());
    assert_eq!(ErrorCode(oldest.error_code), ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER);
    assert_eq!(world.cluster.offsets("t", 0), Some((0, 6)));
}

#[test]
fn a_new_epoch_fences_the_old_one() {
    let (mut world, conn) = World::with_topic();
    let mut check = |epoch: i16, sequence: i32, code: ErrorCode| {
        let result = world.produce(conn, 12, sequenced(7, epoch, sequence, &["v"]));
        assert_eq!(ErrorCode(result.error_code), code, "epoch {epoch}, sequence {sequence}");
    };
    check(0, 0, ErrorCode::NONE);
    check(1, 1, ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER);
    check(1, 0, ErrorCode::NONE);
    check(0, 1, ErrorCode::INVALID_PRODUCER_EPOCH);
    check(0, 0, ErrorCode::INVALID_PRODUCER_EPOCH);
    check(1, 1, ErrorCode::NONE);
}

#[test]
fn what_is_cut_off_is_forgotten_and_what_is_trimmed_is_not() {
    let (mut world, conn) = World::with_topic();
    let first = sequenced(7, 0, 0, &["a"]);
    let more: Vec<_> = (0..7).map(|sequence| sequenced(8, 0, sequence, &["b"])).collect();
    assert_eq!(world.produce(conn, 12, first.clone()).base_offset, 0);
    for batch in &more {
        assert_eq!(world.produce(conn, 12, batch.clone()).error_code, 0);
    }
    world.cluster.trim("t", 0, 2).unwrap();
    world.cluster.truncate("t", 0, 6).unwrap();
    assert_eq!(world.produce(conn, 12, first).base_offset, 0, "still a repetition");
    assert_eq!(world.produce(conn, 12, more[2].clone()).base_offset, 3);
    assert_eq!(world.produce(conn, 12, more[5].clone()).base_offset, 6, "appended again");
    assert_eq!(world.produce(conn, 12, more[6].clone()).base_offset, 7);
    assert_eq!(world.cluster.offsets("t", 0), Some((2, 8)));
}

#[test]
fn a_forgotten_producer_may_go_on_anywhere() {
    let (mut world, conn) = World::with_topic();
    assert_eq!(world.produce(conn, 12, sequenced(7, 0, 0, &["v"])).error_code, 0);
    world.cluster.expire_producer("t", 0, 7).unwrap();
    assert_eq!(world.produce(conn, 12, sequenced(7, 0, 90, &["v"])).error_code, 0);
    let gap = world.produce(conn, 12, sequenced(7, 0, 1, &["v"]));
    assert_eq!(ErrorCode(gap.error_code), ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER);
}

#[test]
fn who_rests_is_forgotten_by_the_timestamp_of_its_last_batch() {
    let (mut world, conn) = World::with_topic();
    let minute = Duration::from_secs(60);
    // Batches are stamped when the test begins.
    assert_eq!(world.produce(conn, 12, sequenced(7, 0, 0, &["v"])).error_code, 0);
    let next = |world: &mut World, sequence| {
        ErrorCode(world.produce(conn, 12, sequenced(7, 0, sequence, &["v"])).error_code)
    };
    world.advance(50_000);
    world.cluster.expire_idle_producers("t", 0, minute).unwrap();
    assert_eq!(next(&mut world, 90), ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER, "it is known");
    world.advance(20_000);
    world.cluster.expire_idle_producers("t", 0, minute).unwrap();
    assert_eq!(next(&mut world, 90), ErrorCode::NONE);
    let unknown = world.cluster.expire_idle_producers("none", 0, minute);
    assert_eq!(unknown, Err(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION));
}
