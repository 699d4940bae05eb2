//! Messages whose bytes were worked out by hand from the protocol's description.

use bytes::Bytes;
use kafka_proto::{
    Message, Reader, Records, Str, Uuid, Writer, decode_body,
    messages::{
        ApiVersionsRequest, ApiVersionsResponse, FetchRequest, FetchResponse,
        InitProducerIdRequest, ListOffsetsRequest, MetadataRequest, MetadataResponse,
        ProduceRequest, ProduceResponse,
        api_versions::ApiVersion,
        fetch::{
            AbortedTransaction, FetchPartition, FetchTopic, FetchableTopicResponse,
            LeaderIdAndEpoch, NodeEndpoint, PartitionData,
        },
        list_offsets::{ListOffsetsPartition, ListOffsetsTopic},
        metadata::{
            MetadataRequestTopic, MetadataResponseBroker, MetadataResponsePartition,
            MetadataResponseTopic,
        },
        produce::{
            PartitionProduceData, PartitionProduceResponse, TopicProduceData, TopicProduceResponse,
        },
    },
};

/// Bytes from hex digits; what is not a digit separates.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_digit(16).expect("a hex digit") as u8)
        .collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// Encodes to these bytes, decodes to this message.
fn check<M: Message>(version: i16, message: M, bytes: &str) {
    let bytes = hex(bytes);
    let mut writer = Writer::new(version, false);
    message.encode(&mut writer).unwrap();
    let encoded = writer.finish().unwrap().chunks.to_bytes();
    assert_eq!(encoded, bytes, "{} v{version}", M::NAME);
    let reader = Reader::new(Bytes::from(bytes), version, false);
    assert_eq!(decode_body::<M>(reader), Ok(message));
}

const ID: Uuid = Uuid([0x11; 16]);
const ID_HEX: &str = "11111111111111111111111111111111";

#[test]
fn api_versions() {
    check(0, ApiVersionsRequest::default(), "");
    check(
        3,
        ApiVersionsRequest {
            client_software_name: "kp".into(),
            client_software_version: "1.0".into(),
            ..Default::default()
        },
        "03 6b70  04 312e30  00",
    );
    let api = |api_key, max_version| ApiVersion { api_key, max_version, ..Default::default() };
    check(
        0,
        ApiVersionsResponse {
            error_code: 35,
            api_keys: vec![api(18, 3), api(0, 11)],
            ..Default::default()
        },
        "0023  00000002  0012 0000 0003  0000 0000 000b",
    );
    check(
        3,
        ApiVersionsResponse {
            api_keys: vec![api(18, 4)],
            throttle_time_ms: 5,
            finalized_features_epoch: 7,
            zk_migration_ready: true,
            ..Default::default()
        },
        "0000  02 0012 0000 0004 00  00000005  02  01 08 0000000000000007  03 01 01",
    );
}

#[test]
fn metadata() {
    check(0, MetadataRequest::default(), "00000000");
    check(1, MetadataRequest { topics: None, ..Default::default() }, "ffffffff");
    check(
        12,
        MetadataRequest {
            topics: Some(vec![MetadataRequestTopic { topic_id: ID, ..Default::default() }]),
            allow_auto_topic_creation: false,
            ..Default::default()
        },
        &format!("02 {ID_HEX} 00 00  00  00  00"),
    );
    check(
        12,
        MetadataResponse {
            brokers: vec![MetadataResponseBroker {
                node_id: 1,
                host: "h".into(),
                port: 9092,
                rack: Some("r1".into()),
                ..Default::default()
            }],
            cluster_id: Some("c".into()),
            controller_id: 1,
            topics: vec![MetadataResponseTopic {
                error_code: 0,
                name: Some("t".into()),
                topic_id: ID,
                partitions: vec![MetadataResponsePartition {
                    partition_index: 2,
                    leader_id: 1,
                    leader_epoch: 4,
                    replica_nodes: [1, 3].into(),
                    isr_nodes: [1].into(),
                    offline_replicas: [3].into(),
                    ..Default::default()
                }],
                ..Default::default()
            }],
            ..Default::default()
        },
        &format!(
            "00000000  02 00000001 02 68 00002384 03 7231 00  02 63  00000001  \
             02 0000 02 74 {ID_HEX} 00 \
                02 0000 00000002 00000001 00000004 03 00000001 00000003 02 00000001 02 00000003 00 \
                80000000 00  00"
        ),
    );
}

pub(crate) fn produce(topic: TopicProduceData, transactional_id: Option<Str>) -> ProduceRequest {
    ProduceRequest {
        transactional_id,
        acks: -1,
        timeout_ms: 1000,
        topic_data: vec![TopicProduceData {
            partition_data: vec![PartitionProduceData {
                index: 3,
                records: Some(Records::from(Bytes::from_static(b"\xaa\xbb"))),
                ..Default::default()
            }],
            ..topic
        }],
        ..Default::default()
    }
}

#[test]
fn produce_request() {
    let named = TopicProduceData { name: "t".into(), ..Default::default() };
    check(
        3,
        produce(named, Some("x".into())),
        "0001 78  ffff  000003e8  00000001 0001 74  00000001 00000003 00000002 aabb",
    );
    let with_id = TopicProduceData { topic_id: ID, ..Default::default() };
    check(
        13,
        produce(with_id, None),
        &format!("00  ffff  000003e8  02 {ID_HEX}  02 00000003 03 aabb 00  00  00"),
    );
}

#[test]
fn produce_response() {
    let partition =
        PartitionProduceResponse { index: 1, error_code: 6, base_offset: 9, ..Default::default() };
    let response = |partition| ProduceResponse {
        responses: vec![TopicProduceResponse {
            name: "t".into(),
            partition_responses: vec![partition],
            ..Default::default()
        }],
        ..Default::default()
    };
    check(
        0,
        response(partition.clone()),
        "00000001 0001 74  00000001 00000001 0006 0000000000000009",
    );
    let mut moved = partition;
    moved.current_leader.leader_id = 2;
    moved.current_leader.leader_epoch = 8;
    check(
        10,
        response(moved),
        "02 02 74  02 00000001 0006 0000000000000009 ffffffffffffffff ffffffffffffffff 01 00 \
         01 00 09 00000002 00000008 00  00  00000000  00",
    );
}

#[test]
fn fetch_request() {
    check(
        4,
        FetchRequest {
            max_wait_ms: 500,
            min_bytes: 1,
            isolation_level: 1,
            topics: vec![FetchTopic {
                topic: "t".into(),
                partitions: vec![FetchPartition {
                    fetch_offset: 7,
                    partition_max_bytes: 1024,
                    ..Default::default()
                }],
                ..Default::default()
            }],
            ..Default::default()
        },
        "ffffffff 000001f4 00000001 7fffffff 01  00000001 0001 74  00000001 00000000 0000000000000007 00000400",
    );
    check(
        16,
        FetchRequest {
            cluster_id: Some("c".into()),
            session_id: 9,
            session_epoch: 2,
            rack_id: "r".into(),
            ..Default::default()
        },
        "00000000 00000000 7fffffff 00 00000009 00000002 01 01 02 72  01 00 02 02 63",
    );
}

#[test]
fn fetch_response() {
    let aborted = AbortedTransaction { producer_id: 5, first_offset: 6, ..Default::default() };
    let partition = PartitionData {
        high_watermark: 10,
        last_stable_offset: 8,
        aborted_transactions: Some(vec![aborted]),
        records: Some(Records::from(Bytes::from_static(b"\xaa"))),
        ..Default::default()
    };
    let topic = FetchableTopicResponse {
        topic: "t".into(),
        partitions: vec![partition.clone()],
        ..Default::default()
    };
    check(
        4,
        FetchResponse { throttle_time_ms: 3, responses: vec![topic], ..Default::default() },
        "00000003  00000001 0001 74  00000001 00000000 0000 000000000000000a 0000000000000008 \
         00000001 0000000000000005 0000000000000006  00000001 aa",
    );
    let moved = PartitionData {
        error_code: 6,
        current_leader: LeaderIdAndEpoch { leader_id: 2, leader_epoch: 3, ..Default::default() },
        aborted_transactions: None,
        ..partition
    };
    check(
        16,
        FetchResponse {
            session_id: 1,
            responses: vec![FetchableTopicResponse {
                topic_id: ID,
                partitions: vec![moved],
                ..Default::default()
            }],
            node_endpoints: vec![NodeEndpoint {
                node_id: 2,
                host: "h".into(),
                port: 1,
                ..Default::default()
            }],
            ..Default::default()
        },
        &format!(
            "00000000 0000 00000001  02 {ID_HEX}  02 00000000 0006 000000000000000a 0000000000000008 \
             ffffffffffffffff 00 ffffffff 02 aa  01 01 09 00000002 00000003 00  00  \
             01 00 0d 02 00000002 02 68 00000001 00 00"
        ),
    );
}

#[test]
fn list_offsets_and_init_producer_id() {
    check(
        0,
        ListOffsetsRequest {
            replica_id: -1,
            topics: vec![ListOffsetsTopic {
                name: "t".into(),
                partitions: vec![ListOffsetsPartition { timestamp: -2, ..Default::default() }],
                ..Default::default()
            }],
            ..Default::default()
        },
        "ffffffff  00000001 0001 74  00000001 00000000 fffffffffffffffe 00000001",
    );
    check(
        4,
        InitProducerIdRequest { transaction_timeout_ms: 1, ..Default::default() },
        "00 00000001 ffffffffffffffff ffff 00",
    );
}
