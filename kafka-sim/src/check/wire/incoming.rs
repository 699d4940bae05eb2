//! Response frames.

use bytes::Bytes;
use kafka_proto::header::{decode_body, decode_response_header};
use kafka_proto::messages::api_versions::ApiVersionsResponse;
use kafka_proto::messages::create_partitions::CreatePartitionsResponse;
use kafka_proto::messages::create_topics::CreateTopicsResponse;
use kafka_proto::messages::delete_records::DeleteRecordsResponse;
use kafka_proto::messages::delete_topics::DeleteTopicsResponse;
use kafka_proto::messages::fetch::{FetchResponse, PartitionData};
use kafka_proto::messages::init_producer_id::InitProducerIdResponse;
use kafka_proto::messages::list_offsets::ListOffsetsResponse;
use kafka_proto::messages::metadata::MetadataResponse;
use kafka_proto::messages::offset_for_leader_epoch::OffsetForLeaderEpochResponse;
use kafka_proto::messages::produce::ProduceResponse;
use kafka_proto::records::Batches;
use kafka_proto::wire::Reader;
use kafka_proto::{ApiKey, DecodeError, ErrorCode};

use super::{Decoding, Wire, len};
use crate::check::ids::{Partition, TopicRef};

/// Says what is in a response frame, which comes without its length prefix.
pub(in crate::check) fn decode_response(
    frame: &Bytes,
    decoding: &mut Decoding<'_>,
    out: &mut impl FnMut(Wire),
) {
    let bytes = len(frame.len());
    let undecodable = Wire::Undecodable { outgoing: false, bytes };
    let Some(correlation_id) = frame.first_chunk().map(|chunk| i32::from_be_bytes(*chunk)) else {
        return out(undecodable);
    };
    let Some(start) = decoding.awaited.take(decoding.conn, correlation_id) else {
        return out(undecodable);
    };
    let (api, version) = (start.api_key, start.api_version);
    let mut parts = std::mem::take(decoding.parts);
    let decoded = ApiKey::from_i16(api)
        .map(|key| body(frame, key, version, correlation_id, decoding, &mut parts));
    match decoded {
        Some(Ok(throttle_ms)) => {
            out(Wire::Response { api, version, correlation_id, bytes, throttle_ms });
            parts.drain(..).for_each(out);
        }
        Some(Err(_)) | None => {
            parts.clear();
            out(undecodable);
        }
    }
    *decoding.parts = parts;
}

/// What the frame has in it, and for how long the client is held back.
fn body(
    frame: &Bytes,
    api: ApiKey,
    version: i16,
    correlation_id: i32,
    decoding: &mut Decoding<'_>,
    parts: &mut Vec<Wire>,
) -> Result<i32, DecodeError> {
    let (_, reader) = decode_response_header(frame.clone(), api, version)?;
    match api {
        ApiKey::Produce => produced(correlation_id, decode_body(reader)?, decoding, parts),
        ApiKey::Fetch => fetched(correlation_id, decode_body(reader)?, decoding, parts),
        ApiKey::Metadata => Ok(metadata(&decode_body(reader)?, decoding, parts)),
        ApiKey::ApiVersions => Ok(api_versions(frame, reader, parts)?),
        ApiKey::ListOffsets => {
            let response: ListOffsetsResponse = decode_body(reader)?;
            let partitions = response.topics.iter().flat_map(|topic| &topic.partitions);
            errors(api, partitions.map(|partition| partition.error_code), parts);
            Ok(response.throttle_time_ms)
        }
        ApiKey::InitProducerId => {
            let response: InitProducerIdResponse = decode_body(reader)?;
            errors(api, [response.error_code], parts);
            Ok(response.throttle_time_ms)
        }
        ApiKey::CreateTopics => {
            let response: CreateTopicsResponse = decode_body(reader)?;
            errors(api, response.topics.iter().map(|topic| topic.error_code), parts);
            Ok(response.throttle_time_ms)
        }
        ApiKey::DeleteTopics => {
            let response: DeleteTopicsResponse = decode_body(reader)?;
            errors(api, response.responses.iter().map(|topic| topic.error_code), parts);
            Ok(response.throttle_time_ms)
        }
        ApiKey::CreatePartitions => {
            let response: CreatePartitionsResponse = decode_body(reader)?;
            errors(api, response.results.iter().map(|topic| topic.error_code), parts);
            Ok(response.throttle_time_ms)
        }
        ApiKey::DeleteRecords => {
            let response: DeleteRecordsResponse = decode_body(reader)?;
            let partitions = response.topics.iter().flat_map(|topic| &topic.partitions);
            errors(api, partitions.map(|partition| partition.error_code), parts);
            Ok(response.throttle_time_ms)
        }
        ApiKey::OffsetForLeaderEpoch => {
            let response: OffsetForLeaderEpochResponse = decode_body(reader)?;
            let partitions = response.topics.iter().flat_map(|topic| &topic.partitions);
            errors(api, partitions.map(|partition| partition.error_code), parts);
            Ok(response.throttle_time_ms)
        }
        _ => Ok(0),
    }
}

fn errors(api: ApiKey, codes: impl IntoIterator<Item = i16>, parts: &mut Vec<Wire>) {
    let failed = codes.into_iter().filter(|code| *code != ErrorCode::NONE.0);
    parts.extend(failed.map(|code| Wire::Error { api: api.to_i16(), code }));
}

/// A broker that does not know the version answers in version 0 (KIP-511).
fn api_versions(frame: &Bytes, reader: Reader, parts: &mut Vec<Wire>) -> Result<i32, DecodeError> {
    let response: ApiVersionsResponse = decode_body(reader).or_else(|_| {
        let (_, reader) = decode_response_header(frame.clone(), ApiKey::ApiVersions, 0)?;
        decode_body(reader)
    })?;
    errors(ApiKey::ApiVersions, [response.error_code], parts);
    Ok(response.throttle_time_ms)
}

fn metadata(
    response: &MetadataResponse,
    decoding: &mut Decoding<'_>,
    parts: &mut Vec<Wire>,
) -> i32 {
    let topics = response.topics.iter().map(|topic| topic.error_code);
    let partitions = response.topics.iter().flat_map(|topic| &topic.partitions);
    let codes = topics.chain(partitions.map(|partition| partition.error_code));
    errors(ApiKey::Metadata, codes.chain([response.error_code]), parts);
    for told in &response.topics {
        let Some(name) = &told.name else { continue };
        let topic = decoding.topics.named(name);
        parts.extend(told.partitions.iter().map(|of| Wire::Leads {
            partition: Partition { topic, partition: of.partition_index },
            leader: of.leader_id,
            leader_epoch: of.leader_epoch,
        }));
    }
    response.throttle_time_ms
}

fn produced(
    correlation_id: i32,
    response: ProduceResponse,
    decoding: &mut Decoding<'_>,
    parts: &mut Vec<Wire>,
) -> Result<i32, DecodeError> {
    for part in response.responses {
        let topic = decoding.topics.named_or_id(&part.name, part.topic_id);
        for partition in part.partition_responses {
            errors(ApiKey::Produce, [partition.error_code], parts);
            parts.push(Wire::Produced {
                correlation_id,
                partition: Partition { topic, partition: partition.index },
                error: partition.error_code,
                base_offset: partition.base_offset,
            });
        }
    }
    Ok(response.throttle_time_ms)
}

fn fetched(
    correlation_id: i32,
    response: FetchResponse,
    decoding: &mut Decoding<'_>,
    parts: &mut Vec<Wire>,
) -> Result<i32, DecodeError> {
    let (session_id, error) = (response.session_id, response.error_code);
    errors(ApiKey::Fetch, [error], parts);
    parts.push(Wire::Fetched { correlation_id, session_id, error });
    for part in response.responses {
        let topic = decoding.topics.named_or_id(&part.topic, part.topic_id);
        for data in part.partitions {
            fetched_partition(correlation_id, topic, data, parts);
        }
    }
    Ok(response.throttle_time_ms)
}

fn fetched_partition(
    correlation_id: i32,
    topic: TopicRef,
    data: PartitionData,
    parts: &mut Vec<Wire>,
) {
    let partition = Partition { topic, partition: data.partition_index };
    let records = data.records.map(|records| records.into_bytes()).unwrap_or_default();
    errors(ApiKey::Fetch, [data.error_code], parts);
    parts.push(Wire::FetchedPartition {
        correlation_id,
        partition,
        error: data.error_code,
        high_watermark: data.high_watermark,
        bytes: len(records.len()),
    });
    // What is broken in the middle of the records is for the client to find; what stands before it was received.
    for batch in Batches::new(records).map_while(Result::ok) {
        if batch.verify_crc().is_err() {
            parts.push(Wire::BrokenBatch { correlation_id, partition });
            break;
        }
        let Ok(last_offset) = batch.header().last_offset() else { break };
        parts.push(Wire::FetchedBatch {
            correlation_id,
            partition,
            base_offset: batch.header().base_offset,
            last_offset,
            bytes: len(batch.bytes().len()),
        });
    }
}
