//! Holding clients back: answers that say for how long (KIP-13, KIP-219).
//!
//! A broker since 2.0 answers at once and stays deaf on the connection for as long as it said; before that it held the
//! answer back. A Fetch that is held back since then reads nothing.

use core::time::Duration;

use kafka_proto::messages::{
    AlterConfigsResponse, ApiVersionsResponse, CreatePartitionsResponse, CreateTopicsResponse,
    DeleteRecordsResponse, DeleteTopicsResponse, DescribeClusterResponse, DescribeConfigsResponse,
    FetchResponse, IncrementalAlterConfigsResponse, InitProducerIdResponse, ListOffsetsResponse,
    MetadataResponse, OffsetForLeaderEpochResponse, ProduceResponse,
};

/// A response that can say for how long the client is held back.
pub(crate) trait Throttled {
    /// The field of the response; versions that don't have it leave it out.
    fn throttle_time_ms(&mut self) -> &mut i32;

    /// Says it.
    fn throttle(&mut self, silence: Duration) {
        if !silence.is_zero() {
            *self.throttle_time_ms() = i32::try_from(silence.as_millis()).unwrap_or(i32::MAX);
        }
    }
}

macro_rules! throttled {
    ($($response:ty),* $(,)?) => {$(
        impl Throttled for $response {
            fn throttle_time_ms(&mut self) -> &mut i32 {
                &mut self.throttle_time_ms
            }
        }
    )*};
}

throttled! {
    AlterConfigsResponse,
    ApiVersionsResponse,
    CreatePartitionsResponse,
    CreateTopicsResponse,
    DeleteRecordsResponse,
    DeleteTopicsResponse,
    DescribeClusterResponse,
    DescribeConfigsResponse,
    FetchResponse,
    IncrementalAlterConfigsResponse,
    InitProducerIdResponse,
    ListOffsetsResponse,
    MetadataResponse,
    OffsetForLeaderEpochResponse,
    ProduceResponse,
}
