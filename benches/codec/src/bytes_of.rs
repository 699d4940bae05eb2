//! The bytes that all sides work on, made by ours. The tests see to it that the others make the same.

use bytes::Bytes;
use kafka_proto::{
    Records, Request, Str, Uuid, Writer, encode_request,
    messages::{
        ApiVersionsRequest, FetchResponse, HeartbeatRequest, MetadataResponse,
        fetch::{FetchableTopicResponse, PartitionData},
        metadata::{MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic},
    },
    records::{BatchBuilder, Codec},
    schema::Message,
};

use crate::Failure;

/// Records in a batch.
pub const RECORDS: usize = 1_000;
/// Bytes of a record's value.
pub const VALUE: [u8; 100] = [b'x'; 100];
/// Topics and partitions of each in the metadata.
pub const METADATA: (usize, usize) = (1_000, 10);
/// Topics and partitions of each in a fetch response.
pub const FETCH: (usize, usize) = (10, 10);
/// The first record's time, in milliseconds since the Unix epoch.
pub const TIME: i64 = 1_700_000_000_000;
/// What the client of the requests calls itself.
pub const CLIENT_ID: &str = "bench";
/// The number of each request.
pub const CORRELATION_ID: i32 = 42;

/// A batch of [`RECORDS`] records with a [`VALUE`] each.
///
/// # Errors
/// None.
pub fn batch() -> Result<Bytes, Failure> {
    Ok(batch_of(RECORDS)?)
}

fn batch_of(records: usize) -> Result<Bytes, kafka_proto::EncodeError> {
    let mut batch = BatchBuilder::new(Codec::None);
    for record in 0..records {
        batch.push(TIME + record as i64, None, Some(&VALUE), &[])?;
    }
    batch.build(0)
}

/// The body of a response, or the frame of a request without its length.
///
/// # Errors
/// For names that no case has.
pub fn message(name: &str, version: i16) -> Result<Bytes, Failure> {
    match name {
        "metadata" => body(&metadata(version), version),
        "fetch" => body(&fetch(version)?, version),
        "api-versions" => frame(&api_versions(), version),
        "heartbeat" => frame(&heartbeat(), version),
        _ => Err(format!("no message {name}").into()),
    }
}

fn body<M: Message>(message: &M, version: i16) -> Result<Bytes, Failure> {
    let mut writer = Writer::new(version, false);
    message.encode(&mut writer)?;
    Ok(writer.finish()?.chunks.to_bytes())
}

fn frame<R: Request>(request: &R, version: i16) -> Result<Bytes, Failure> {
    let frame = encode_request(request, version, CORRELATION_ID, Some(CLIENT_ID))?;
    Ok(frame.chunks.to_bytes().slice(4..))
}

/// A request with two strings.
#[must_use]
pub fn api_versions() -> ApiVersionsRequest {
    ApiVersionsRequest {
        client_software_name: Str::from_static("kafka-proto"),
        client_software_version: Str::from_static("0.1.0"),
        ..Default::default()
    }
}

/// A group member's sign of life.
#[must_use]
pub fn heartbeat() -> HeartbeatRequest {
    HeartbeatRequest {
        group_id: Str::from_static("orders-consumers"),
        generation_id: 7,
        member_id: Str::from_static("bench-2f1c0c26-5a0e-4c4e-9d5c-0f2f1f0b8a3e"),
        ..Default::default()
    }
}

fn metadata(version: i16) -> MetadataResponse {
    let brokers = (0..10).map(|id| MetadataResponseBroker {
        node_id: id,
        host: format!("broker-{id}.kafka.example").into(),
        port: 9092,
        rack: Some(Str::from_static("rack-1")),
        ..Default::default()
    });
    let partition = |index| MetadataResponsePartition {
        partition_index: index,
        leader_id: index % 10,
        leader_epoch: 3,
        replica_nodes: [index % 10, (index + 1) % 10, (index + 2) % 10].into(),
        isr_nodes: [index % 10, (index + 1) % 10, (index + 2) % 10].into(),
        ..Default::default()
    };
    let topics = (0..METADATA.0).map(|topic| MetadataResponseTopic {
        name: Some(format!("topic-{topic:05}").into()),
        topic_id: if version >= 10 { id(topic) } else { Uuid::ZERO },
        partitions: (0..METADATA.1 as i32).map(partition).collect(),
        ..Default::default()
    });
    MetadataResponse {
        brokers: brokers.collect(),
        cluster_id: Some(Str::from_static("bench-cluster")),
        controller_id: 1,
        topics: topics.collect(),
        ..Default::default()
    }
}

fn fetch(version: i16) -> Result<FetchResponse, Failure> {
    let records = Records::from(batch_of(2)?);
    let partition = |index| PartitionData {
        partition_index: index,
        high_watermark: 1_000,
        last_stable_offset: 1_000,
        log_start_offset: if version >= 5 { 10 } else { -1 },
        records: Some(records.clone()),
        ..Default::default()
    };
    let topics = (0..FETCH.0).map(|topic| FetchableTopicResponse {
        topic: if version <= 12 { format!("topic-{topic:05}").into() } else { Str::new() },
        topic_id: if version >= 13 { id(topic) } else { Uuid::ZERO },
        partitions: (0..FETCH.1 as i32).map(partition).collect(),
        ..Default::default()
    });
    Ok(FetchResponse { responses: topics.collect(), ..Default::default() })
}

fn id(number: usize) -> Uuid {
    Uuid((number as u128 + 1).to_be_bytes())
}
