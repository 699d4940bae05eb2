//! Values that are well-formed and make no sense: the codec gives them as they are, for whoever knows what they mean.

use bytes::Bytes;
use kafka_proto::messages::fetch::{AbortedTransaction, FetchableTopicResponse, PartitionData};
use kafka_proto::messages::find_coordinator::Coordinator;
use kafka_proto::messages::list_offsets::{ListOffsetsPartitionResponse, ListOffsetsTopicResponse};
use kafka_proto::messages::metadata::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use kafka_proto::messages::offset_fetch::{
    OffsetFetchResponseGroup, OffsetFetchResponsePartitions, OffsetFetchResponseTopics,
};
use kafka_proto::messages::{
    ApiVersionsRequest, ApiVersionsResponse, FetchRequest, FetchResponse, FindCoordinatorResponse,
    ListOffsetsResponse, MetadataRequest, MetadataResponse, OffsetFetchResponse, ProduceResponse,
    SaslAuthenticateRequest, SaslAuthenticateResponse,
};
use kafka_proto::{ApiKey, DecodeErrorKind, EncodeError, Message, Uuid, VersionRange, Writer};

use super::{check, decode, faithful};

#[test]
fn c18_text_that_is_not_utf8() {
    let body = [2, 0xe9, 1, 0];
    check::<ApiVersionsRequest>(3, &body, DecodeErrorKind::InvalidUtf8, "client_software_name");

    // A message for people is repaired: partition 0 of topic "t" failed with "é" in Latin-1.
    let mut body = vec![2, 2, b't', 2];
    body.extend([0; 4 + 2 + 8 + 8 + 8]);
    body.extend([1, 2, 0xe9, 0, 0, 0, 0, 0, 0, 0]);
    let response = decode::<ProduceResponse>(9, &body).unwrap();
    let partition = &response.responses[0].partition_responses[0];
    assert_eq!(partition.error_message.as_deref(), Some("\u{fffd}"));
}

#[test]
fn c19_long_strings_and_odd_names_are_read() {
    let mut body = vec![0x81, 0x80, 0x04];
    body.extend(vec![b'/'; 0x10000]);
    body.extend([1, 0]);
    let message = decode::<ApiVersionsRequest>(3, &body).unwrap();
    assert_eq!(message.client_software_name.len(), 0x10000);
    let mut writer = Writer::new(3, true);
    assert!(message.encode(&mut writer).is_err());
}

#[test]
fn c25_a_bool_that_is_neither_zero_nor_one_is_true() {
    let request = decode::<MetadataRequest>(4, &[0, 0, 0, 0, 0x80]).unwrap();
    assert!(request.allow_auto_topic_creation);
}

#[test]
fn c26_zero_ids_are_values() {
    let ids = [[0; 21].as_slice(), &[2], &[0; 16], &[1, 0, 1, 1, 0]].concat();
    let request = decode::<FetchRequest>(15, &ids).unwrap();
    assert_eq!(request.topics[0].topic_id, Uuid::ZERO);
}

#[test]
fn c27_odd_version_ranges_are_decoded_and_meet_nothing() {
    let apis = [[18, 5, 2], [18, 0, 3], [-7, -1, -3]];
    let mut body = vec![0, 0, 0, 0, 0, 3];
    for number in apis.as_flattened() {
        body.extend(i16::to_be_bytes(*number));
    }
    let response = decode::<ApiVersionsResponse>(0, &body).unwrap();
    let ours = ApiKey::ApiVersions.versions();
    let common: Vec<_> = response
        .api_keys
        .iter()
        .map(|api| VersionRange::new(api.min_version, api.max_version).intersect(ours))
        .collect();
    assert_eq!(common, [VersionRange::EMPTY, VersionRange::new(0, 3), VersionRange::EMPTY]);
}

/// How far a client follows a list of aborted transactions is its own affair: the codec gives every entry, in order.
#[test]
fn c40_c41_aborted_transactions_in_any_order_and_number() {
    let aborted = |entries: Option<&[(i64, i64)]>| {
        let entries = entries.map(|entries| {
            let entry = |(producer_id, first_offset): &(i64, i64)| AbortedTransaction {
                producer_id: *producer_id,
                first_offset: *first_offset,
                ..Default::default()
            };
            entries.iter().map(entry).collect()
        });
        let partition = PartitionData { aborted_transactions: entries, ..Default::default() };
        let topic = FetchableTopicResponse { partitions: vec![partition], ..Default::default() };
        FetchResponse { responses: vec![topic], ..Default::default() }
    };
    faithful(4..=18, &aborted(None));
    faithful(4..=18, &aborted(Some(&[])));
    // Twice the same, unsorted, and numbers that no producer has.
    faithful(4..=18, &aborted(Some(&[(7, 90), (7, 10), (7, 90), (-1, i64::MIN), (8, i64::MAX)])));
    faithful(18..=18, &aborted(Some(&vec![(1, 1); 100_000])));
}

#[test]
fn c52_offsets_that_no_log_has() {
    for offset in [-3, i64::MIN, i64::MAX / 2 + 1, i64::MAX] {
        let partition =
            ListOffsetsPartitionResponse { offset, timestamp: offset, ..Default::default() };
        let topic = ListOffsetsTopicResponse { partitions: vec![partition], ..Default::default() };
        faithful(1..=11, &ListOffsetsResponse { topics: vec![topic], ..Default::default() });

        let partition =
            OffsetFetchResponsePartitions { committed_offset: offset, ..Default::default() };
        let topic = OffsetFetchResponseTopics { partitions: vec![partition], ..Default::default() };
        let group = OffsetFetchResponseGroup { topics: vec![topic], ..Default::default() };
        faithful(8..=10, &OffsetFetchResponse { groups: vec![group], ..Default::default() });
    }
}

/// A compact length may say so, and then it is a slice of the frame; a length of two bytes can't.
#[test]
fn c52_metadata_of_a_mebibyte() {
    let mut body = vec![0, 0, 0, 0, 2, 2, b'g', 2, 2, b't', 2];
    body.extend([0; 16]);
    body.extend([0x81, 0x80, 0x40]);
    body.extend(vec![b'm'; 1 << 20]);
    body.extend([0; 2 + 2]);
    body.extend([0, 0, 0, 0]);
    let response = decode::<OffsetFetchResponse>(8, &body).unwrap();
    let partition = &response.groups[0].topics[0].partitions[0];
    assert_eq!(partition.metadata.as_ref().map(|text| text.len()), Some(1 << 20));
    let mut writer = Writer::new(8, false);
    let long = EncodeError::TooLong { what: "string", len: 1 << 20, max: 32_767 };
    assert_eq!(response.encode(&mut writer), Err(long));
}

#[test]
fn c53_brokers_and_partitions_that_can_not_be() {
    let hosts = ["", "a", "user@evil", "a/../b", "\0", &"h".repeat(32_767)];
    let broker = |host: &&str| MetadataResponseBroker {
        node_id: -1,
        host: (*host).into(),
        port: -1,
        ..Default::default()
    };
    let partition = MetadataResponsePartition {
        partition_index: -1,
        leader_id: i32::MIN,
        replica_nodes: vec![-1; 10_000].into(),
        isr_nodes: [1, 1, 1].into(),
        ..Default::default()
    };
    let topic = MetadataResponseTopic {
        name: Some("t".into()),
        partitions: vec![partition.clone(), partition],
        ..Default::default()
    };
    let response = MetadataResponse {
        brokers: hosts.iter().map(broker).collect(),
        topics: vec![topic],
        ..Default::default()
    };
    faithful(1..=13, &response);
}

#[test]
fn c54_a_coordinator_that_is_nowhere() {
    let old = FindCoordinatorResponse { node_id: -1, port: -1, ..Default::default() };
    faithful(0..=3, &old);
    let nowhere = Coordinator { node_id: -1, port: i32::MAX, ..Default::default() };
    let coordinators = vec![nowhere.clone(), nowhere];
    faithful(4..=6, &FindCoordinatorResponse { coordinators, ..Default::default() });
}

#[test]
fn c55_times_that_nobody_waits() {
    for throttle_time_ms in [-1, i32::MIN, i32::MAX] {
        faithful(1..=18, &FetchResponse { throttle_time_ms, ..Default::default() });
        faithful(1..=5, &ApiVersionsResponse { throttle_time_ms, ..Default::default() });
    }
}

#[test]
fn c56_sessions_shorter_than_nothing_and_for_ever() {
    for session_lifetime_ms in [-1, i64::MIN, 0, i64::MAX] {
        faithful(1..=2, &SaslAuthenticateResponse { session_lifetime_ms, ..Default::default() });
    }
}

/// What is in the bytes is the mechanism's affair, any length that fits the frame is the codec's.
#[test]
fn c57_tokens_that_are_none() {
    let tokens: [&[u8]; 5] =
        [b"", b"\xff\x00,,", b"r=,s=,i=2147483647", b"{\"status\":", &[0; 100_000]];
    for token in tokens {
        let auth_bytes = Bytes::copy_from_slice(token);
        faithful(
            0..=2,
            &SaslAuthenticateRequest { auth_bytes: auth_bytes.clone(), ..Default::default() },
        );
        faithful(0..=2, &SaslAuthenticateResponse { auth_bytes, ..Default::default() });
    }
    let truncated = DecodeErrorKind::Truncated { needed: 0x7fff_ffff, left: 1 };
    check::<SaslAuthenticateRequest>(0, &[0x7f, 0xff, 0xff, 0xff, 0], truncated, "auth_bytes");
    check::<SaslAuthenticateRequest>(0, &[0xff; 4], DecodeErrorKind::NullNotAllowed, "auth_bytes");
}
