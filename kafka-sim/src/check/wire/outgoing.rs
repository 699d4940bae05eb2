//! Request frames.

use bytes::Bytes;
use kafka_proto::header::{decode_body, decode_request_header, peek_request};
use kafka_proto::messages::fetch::FetchRequest;
use kafka_proto::messages::produce::{PartitionProduceData, ProduceRequest};
use kafka_proto::records::{Batches, RecordBatch};
use kafka_proto::wire::Reader;
use kafka_proto::{ApiKey, DecodeError};

use super::{Decoding, Wire, len};
use crate::check::ids::{Partition, RecordId, TopicRef};
use crate::check::payload;

/// Batches are rarely longer, whatever the settings of a producer.
const NARROW: i32 = 64 * 1024;

/// Says what is in a request frame, which comes without its length prefix.
pub(in crate::check) fn decode_request(
    frame: &Bytes,
    decoding: &mut Decoding<'_>,
    out: &mut impl FnMut(Wire),
) {
    let bytes = len(frame.len());
    let Ok(start) = peek_request(frame) else {
        return out(Wire::Undecodable { outgoing: true, bytes });
    };
    let correlation_id = start.correlation_id;
    let Ok((_, reader)) = decode_request_header(frame.clone()) else {
        return out(Wire::Undecodable { outgoing: true, bytes });
    };
    let (api, version) = (start.api_key, start.api_version);
    out(Wire::Request { api, version, correlation_id, bytes });
    let (decoded, answered) = match ApiKey::from_i16(api) {
        Some(ApiKey::Produce) => produce(correlation_id, reader, decoding, out),
        Some(ApiKey::Fetch) => (fetch(correlation_id, reader, decoding, out), true),
        _ => (Ok(()), true),
    };
    if decoded.is_err() {
        out(Wire::Undecodable { outgoing: true, bytes });
    }
    if answered {
        decoding.awaited.push(decoding.conn, start);
    }
}

fn produce(
    correlation_id: i32,
    reader: Reader,
    decoding: &mut Decoding<'_>,
    out: &mut impl FnMut(Wire),
) -> (Result<(), DecodeError>, bool) {
    let request: ProduceRequest = match decode_body(reader) {
        Ok(request) => request,
        Err(error) => return (Err(error), true),
    };
    out(Wire::Produce { correlation_id, acks: request.acks });
    let mut decoded = Ok(());
    for data in request.topic_data {
        let topic = decoding.topics.named_or_id(&data.name, data.topic_id);
        for partition in data.partition_data {
            let part = batches(correlation_id, topic, partition, out);
            decoded = decoded.and(part);
        }
    }
    (decoded, request.acks != 0)
}

fn batches(
    correlation_id: i32,
    topic: TopicRef,
    data: PartitionProduceData,
    out: &mut impl FnMut(Wire),
) -> Result<(), DecodeError> {
    let partition = Partition { topic, partition: data.index };
    let records = data.records.map(|records| records.into_bytes()).unwrap_or_default();
    for batch in Batches::new(records) {
        let batch = batch?;
        batch.verify_crc()?;
        let header = batch.header();
        out(Wire::Batch {
            correlation_id,
            partition,
            producer_id: header.producer_id,
            epoch: header.producer_epoch,
            sequence: header.base_sequence,
            records: header.records_count,
            bytes: len(batch.bytes().len()),
            crc: header.crc,
            first: first_record(&batch),
        });
    }
    Ok(())
}

/// The longest batch, inflated, that is looked into.
const INFLATED_MAX: usize = 16 << 20;

/// The record that a batch begins with, if it is one of ours.
fn first_record(batch: &RecordBatch) -> Option<RecordId> {
    let records = batch.records(INFLATED_MAX).ok()?;
    let first = records.iter().next()?.ok()?;
    payload::peek(first.value?).map(|payload| payload.rid)
}

fn fetch(
    correlation_id: i32,
    reader: Reader,
    decoding: &mut Decoding<'_>,
    out: &mut impl FnMut(Wire),
) -> Result<(), DecodeError> {
    let request: FetchRequest = decode_body(reader)?;
    out(Wire::Fetch {
        correlation_id,
        session_id: request.session_id,
        session_epoch: request.session_epoch,
        max_wait_ms: request.max_wait_ms,
        min_bytes: request.min_bytes,
    });
    let mut narrow = request.max_bytes < NARROW;
    for asked in request.topics {
        let topic = decoding.topics.named_or_id(&asked.topic, asked.topic_id);
        for spot in asked.partitions {
            let partition = Partition { topic, partition: spot.partition };
            out(Wire::FetchPartition {
                correlation_id,
                partition,
                offset: spot.fetch_offset,
                leader_epoch: spot.current_leader_epoch,
            });
            narrow |= spot.partition_max_bytes < NARROW;
        }
    }
    for forgotten in request.forgotten_topics_data {
        let topic = decoding.topics.named_or_id(&forgotten.topic, forgotten.topic_id);
        for partition in forgotten.partitions {
            out(Wire::Forgotten { correlation_id, partition: Partition { topic, partition } });
        }
    }
    if narrow {
        out(Wire::Narrow { correlation_id });
    }
    Ok(())
}
