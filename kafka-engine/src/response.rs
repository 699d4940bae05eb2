//! A decoded response, as a link hands it to the engine.

use alloc::boxed::Box;
use alloc::vec::Vec;

use kafka_proto::messages::{
    ApiVersionsResponse, CreatePartitionsResponse, CreateTopicsResponse, DeleteRecordsResponse,
    DeleteTopicsResponse, FetchResponse, InitProducerIdResponse, ListOffsetsResponse,
    MetadataResponse, OffsetForLeaderEpochResponse, ProduceResponse,
};

/// A response to the oldest request on its connection that has not been answered.
#[derive(Debug)]
pub struct Response {
    /// The correlation id, already checked against what was expected.
    pub correlation_id: i32,
    /// The message.
    pub body: ResponseBody,
    /// Length of the frame in bytes.
    pub frame_bytes: usize,
}

/// The message of a response.
#[derive(Debug)]
#[non_exhaustive]
pub enum ResponseBody {
    /// Which versions the broker speaks.
    ApiVersions(Box<ApiVersionsResponse>),
    /// Nodes and topics.
    Metadata(Box<MetadataResponse>),
    /// What became of batches.
    Produce(Box<ProduceResponse>),
    /// Records, each partition's trimmed to whole batches.
    Fetch(Box<Fetched>),
    /// Offsets by timestamp.
    ListOffsets(Box<ListOffsetsResponse>),
    /// Where leader epochs end.
    OffsetForLeaderEpoch(Box<OffsetForLeaderEpochResponse>),
    /// A producer id and epoch.
    InitProducerId(Box<InitProducerIdResponse>),
    /// Topics created.
    CreateTopics(Box<CreateTopicsResponse>),
    /// Topics deleted.
    DeleteTopics(Box<DeleteTopicsResponse>),
    /// Records deleted by offset.
    DeleteRecords(Box<DeleteRecordsResponse>),
    /// Topics grown.
    CreatePartitions(Box<CreatePartitionsResponse>),
}

/// A Fetch response and what a walk over its batch headers found, so that the engine need not walk them.
#[derive(Debug)]
pub struct Fetched {
    /// The response. Each partition's records end with a whole batch: a partial tail is cut off.
    pub response: FetchResponse,
    /// One entry a partition, in the response's order, topic by topic.
    pub spans: Vec<Span>,
    /// The leader epochs of the batches, one entry a partition in the same order.
    pub epochs: Vec<BatchEpochs>,
}

/// Under which leader epochs batches were appended: the first offset of each batch whose epoch is another than that of
/// the batch before it, and the epoch.
pub type BatchEpochs = Vec<(i64, i32)>;

/// What the batch headers of one partition's records say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    /// There is no whole batch; `partial`: but the beginning of one.
    Empty {
        /// Whether bytes of an unfinished batch were there.
        partial: bool,
    },
    /// Whole batches.
    Batches {
        /// One past the last offset of the last batch: where to fetch next.
        next_offset: i64,
    },
    /// A header that can't be right, at this offset as far as is known; what precedes it was kept.
    Broken {
        /// One past the last offset of the last batch before it, if there is one.
        next_offset: Option<i64>,
        /// How it is broken.
        reason: &'static str,
    },
}
