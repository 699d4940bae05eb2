//! What members of a group send each other through the coordinator, which does not look into it.

use bytes::Bytes;
use kafka_proto::messages::consumer_group_heartbeat::{Assignment, TopicPartitions};
use kafka_proto::messages::data::consumer_protocol_assignment as assignment;
use kafka_proto::messages::data::consumer_protocol_subscription as subscription;
use kafka_proto::messages::data::{decode_versioned, encode_versioned};
use kafka_proto::messages::join_group::JoinGroupResponseMember;
use kafka_proto::messages::{
    ConsumerGroupHeartbeatResponse, ConsumerProtocolAssignment, ConsumerProtocolSubscription,
    JoinGroupResponse, SyncGroupResponse,
};
use kafka_proto::{DecodeError, DecodeErrorKind, Message, Uuid};

use super::faithful;

/// A member's garbage is bytes of that member: the message with all members in it is sound.
#[test]
fn c49_garbage_of_a_member_is_an_error_of_that_member() {
    let garbage: [(&[u8], DecodeErrorKind); 6] = [
        (b"", DecodeErrorKind::Truncated { needed: 2, left: 0 }),
        (b"\0", DecodeErrorKind::Truncated { needed: 2, left: 1 }),
        (b"\0\0", DecodeErrorKind::Truncated { needed: 4, left: 0 }),
        (b"\0\0\xff\xff\xff\xff", DecodeErrorKind::NullNotAllowed),
        (
            b"\0\0\x7f\xff\xff\xff",
            DecodeErrorKind::LengthTooLarge { claimed: 0x7fff_ffff, left: 0 },
        ),
        (b"\xff\xff\0\0\0\0\0\0\0\0", DecodeErrorKind::UnsupportedVersion),
    ];
    let sound = encode_versioned(&ConsumerProtocolSubscription::default(), 3).unwrap();
    let members = garbage.iter().map(|(bytes, _)| Bytes::from_static(bytes)).chain([sound.clone()]);
    let member = |metadata| JoinGroupResponseMember { metadata, ..Default::default() };
    let response =
        JoinGroupResponse { members: members.map(member).collect(), ..Default::default() };
    faithful(0..=9, &response);
    for (bytes, want) in garbage {
        let error = subscribed(bytes).unwrap_err();
        assert_eq!(error.kind(), &want, "{bytes:02x?}");
    }
    assert!(subscribed(&sound).is_ok());
}

fn subscribed(bytes: &[u8]) -> Result<(i16, ConsumerProtocolSubscription), DecodeError> {
    decode_versioned(Bytes::copy_from_slice(bytes))
}

/// Negative partitions, the same one twice, a topic twice, and an assignor's bytes that are none come as they are.
#[test]
fn c49_claims_that_make_no_sense() {
    let claim = subscription::TopicPartition {
        topic: "t".into(),
        partitions: vec![-1, 0, 0, i32::MIN, i32::MAX],
        ..Default::default()
    };
    let member = ConsumerProtocolSubscription {
        topics: vec!["t".into(), "t".into(), "".into()],
        user_data: Some(Bytes::from_static(b"\xff\xff\xff\xff")),
        owned_partitions: vec![claim.clone(), claim],
        ..Default::default()
    };
    faithful(1..=3, &member);
    for version in 1..=3 {
        let bytes = encode_versioned(&member, version).unwrap();
        assert_eq!(decode_versioned(bytes), Ok((version, member.clone())));
    }
}

/// Fields are only ever added, so a version that nobody knows is read as the newest one, and what follows is left out.
#[test]
fn c49_a_version_from_the_future() {
    let member = ConsumerProtocolSubscription { topics: vec!["t".into()], ..Default::default() };
    let mut bytes = encode_versioned(&member, 3).unwrap().to_vec();
    bytes[..2].copy_from_slice(&127_i16.to_be_bytes());
    bytes.extend(b"whatever it adds");
    assert_eq!(subscribed(&bytes), Ok((127, member)));
    // But not shorter than the newest one.
    assert!(subscribed(&bytes[..8]).is_err());
}

#[test]
fn c50_assignments_that_make_no_sense() {
    let twice = assignment::TopicPartition {
        topic: "unknown".into(),
        partitions: vec![3, 3, -1, i32::MAX],
        ..Default::default()
    };
    let assigned = ConsumerProtocolAssignment {
        assigned_partitions: vec![twice.clone(), twice],
        ..Default::default()
    };
    faithful(0..=3, &assigned);
    let assignment = encode_versioned(&assigned, 0).unwrap();
    faithful(0..=5, &SyncGroupResponse { assignment: assignment.clone(), ..Default::default() });
    let read = decode_versioned(assignment.clone());
    assert_eq!(read, Ok((0, assigned)));
    // Nothing at all is no assignment; the start of one is not a smaller one.
    for len in 0..assignment.len() {
        let cut = decode_versioned::<ConsumerProtocolAssignment>(assignment.slice(..len));
        assert!(cut.is_err(), "{len} bytes of {}", assignment.len());
    }
}

#[test]
fn c51_a_heartbeat_without_sense() {
    let twice =
        TopicPartitions { topic_id: Uuid::ZERO, partitions: vec![0, 0, -1], ..Default::default() };
    for (member_epoch, heartbeat_interval_ms) in [(-1, 0), (0, -1), (i32::MIN, i32::MAX)] {
        let topic_partitions = vec![twice.clone(), twice.clone()];
        let response = ConsumerGroupHeartbeatResponse {
            member_epoch,
            heartbeat_interval_ms,
            assignment: Some(Assignment { topic_partitions, ..Default::default() }),
            ..Default::default()
        };
        faithful(0..=*ConsumerGroupHeartbeatResponse::VERSIONS.end(), &response);
    }
}
