//! A walk over the batch headers of a Fetch response.

use alloc::vec::Vec;

use bytes::Bytes;
use kafka_proto::messages::FetchResponse;
use kafka_proto::records::{BatchHeader, Batches};
use kafka_proto::{DecodeError, DecodeErrorKind, Records};

use crate::response::{BatchEpochs, Fetched, Span};

/// Walks over all batch headers, and cuts off what is not a whole batch.
pub(super) fn walk(mut response: FetchResponse) -> Fetched {
    let partitions = response.responses.iter().map(|topic| topic.partitions.len()).sum();
    let mut spans = Vec::with_capacity(partitions);
    let mut epochs = Vec::with_capacity(partitions);
    for partition in response.responses.iter_mut().flat_map(|topic| &mut topic.partitions) {
        let bytes = partition.records.take().map(Records::into_bytes).unwrap_or_default();
        let mut changes = BatchEpochs::new();
        let (span, whole) = span(&bytes, &mut changes);
        spans.push(span);
        epochs.push(changes);
        partition.records = Some(Records::from(bytes.slice(..whole.min(bytes.len()))));
    }
    Fetched { response, spans, epochs }
}

/// What the headers say, and how many bytes the sound batches take that come before anything else.
fn span(bytes: &Bytes, epochs: &mut BatchEpochs) -> (Span, usize) {
    let mut batches = Batches::new(bytes.clone());
    let mut whole = 0_usize;
    let mut next_offset = None;
    let mut broken = None;
    for batch in batches.by_ref() {
        match batch.and_then(|batch| Ok((after(batch.header())?, batch))) {
            // Offsets that go back are for the reader to skip; the position never does.
            Ok((after, batch)) => {
                let BatchHeader { base_offset, partition_leader_epoch, .. } = *batch.header();
                if epochs.last().is_none_or(|(_, last)| *last != partition_leader_epoch) {
                    epochs.push((base_offset, partition_leader_epoch));
                }
                next_offset = next_offset.max(Some(after));
                whole = whole.saturating_add(batch.bytes().len());
            }
            Err(error) => {
                broken = Some(reason(&error));
                break;
            }
        }
    }
    let span = match (broken, next_offset) {
        (Some(reason), next_offset) => Span::Broken { next_offset, reason },
        (None, Some(next_offset)) => Span::Batches { next_offset },
        (None, None) => Span::Empty { partial: batches.partial_tail() },
    };
    (span, whole)
}

/// The offset behind a batch.
fn after(header: &BatchHeader) -> Result<i64, DecodeError> {
    if header.base_offset < 0 {
        return Err(DecodeErrorKind::Corrupt("negative base offset").into());
    }
    Ok(header.last_offset()?.saturating_add(1))
}

fn reason(error: &DecodeError) -> &'static str {
    match error.kind() {
        DecodeErrorKind::Corrupt(reason) => reason,
        DecodeErrorKind::UnsupportedMagic(0 | 1) => {
            "written in the message format of brokers before 0.11"
        }
        DecodeErrorKind::UnsupportedMagic(_) => "unknown message format",
        _ => "broken batch header",
    }
}
