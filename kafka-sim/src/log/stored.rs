//! A batch at rest.

use bytes::Bytes;
use kafka_proto::compress::decompress;
use kafka_proto::records::{BatchHeader, Codec};

/// How many bytes the records of one batch may take when they are inflated to look inside.
pub(crate) const INFLATED_MAX: usize = 256 << 20;

/// One batch of a log, with what finding it takes.
#[derive(Clone, Debug)]
pub(crate) struct StoredBatch {
    pub(crate) base_offset: i64,
    pub(crate) last_offset: i64,
    pub(crate) max_timestamp: i64,
    /// The largest timestamp from the first batch of the log to this one: it only grows, so it can
    /// be searched.
    pub(crate) max_timestamp_so_far: i64,
    /// Bytes of all batches before this one, since the log began.
    pub(crate) position: u64,
    /// The header as it goes out.
    pub(crate) head: Bytes,
    /// The records, as compressed by the producer.
    pub(crate) payload: Bytes,
}

impl StoredBatch {
    /// `None` where the last offset would pass the end of all offsets.
    pub(crate) fn new(header: &BatchHeader, payload: Bytes, position: u64) -> Option<Self> {
        Some(Self {
            base_offset: header.base_offset,
            last_offset: header.last_offset().ok()?,
            max_timestamp: header.max_timestamp,
            max_timestamp_so_far: header.max_timestamp,
            position,
            head: Bytes::copy_from_slice(&header.to_bytes()),
            payload,
        })
    }

    /// Bytes on the wire and in a file.
    pub(crate) fn len(&self) -> usize {
        self.head.len().saturating_add(self.payload.len())
    }

    /// The header as stamped.
    pub(crate) fn header(&self) -> BatchHeader {
        BatchHeader::parse(&self.head).unwrap_or_default()
    }

    /// The records section, inflated; `None` for what no codec of this build can read.
    pub(crate) fn inflated(&self) -> Option<Bytes> {
        inflate(&self.header(), &self.payload)
    }
}

/// Inflates the records section of a batch.
pub(crate) fn inflate(header: &BatchHeader, payload: &Bytes) -> Option<Bytes> {
    match header.attributes.codec().ok()? {
        Codec::None => Some(payload.clone()),
        codec => decompress(codec, payload, INFLATED_MAX).ok().map(Bytes::from),
    }
}

/// Cuts a whole batch into its header and its records section; `None` for anything else.
pub(crate) fn split(bytes: &Bytes) -> Option<(BatchHeader, Bytes)> {
    let header = BatchHeader::parse(bytes).ok()?;
    let len = header.total_len();
    (len <= bytes.len()).then(|| (header, bytes.slice(BatchHeader::LEN..len)))
}
