//! Produce (key 0), versions 0 to 13, flexible from 9: append record batches.
//!
//! - Versions 0 and 1 carry message format 0, version 2 format 1, from 3 on exactly one batch of format 2 per
//!   partition. 4.x advertises versions 0 to 2 and refuses them (KAFKA-18659).
//! - `acks` 0 has no response at all. -1 waits for all in-sync replicas.
//! - zstd needs version 7 (KIP-110), version 8 names the records that were refused (KIP-467), version 10 the new leader
//!   after NOT_LEADER_OR_FOLLOWER (KIP-951), version 12 is for transactions of version 2 (KIP-890), and from 13 on
//!   topics have an id in place of a name (KIP-516).
//! - A topic with one partition takes as few as 13 bytes and 136 decoded, hence the memory factor of the request.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Records, Str, Uuid},
};

messages! {
    /// Appends records to partitions.
    ProduceRequest -> ProduceResponse = key 0, versions 0..=13, flexible 9.., memory 12,
        kips [1: 13, 2: 31, 2: 32, 3: 98, 4: 112, 6: 219, 7: 110, 8: 467, 9: 482, 10: 951, 11: 890, 12: 890, 13: 516] {
        /// The transaction's producer; null outside transactions.
        transactional_id: Option<Str> [3.., null 3..],
        /// Acknowledgements to wait for: 0, 1, or -1 for all.
        acks: i16 [0..],
        /// Milliseconds to wait for them.
        timeout_ms: i32 [0..],
        /// The topics.
        topic_data: Vec<TopicProduceData> [0..],
    }

    /// Records for a topic.
    TopicProduceData {
        /// Its name.
        name: Str [0..=12, ignorable],
        /// Its id.
        topic_id: Uuid [13.., ignorable],
        /// The partitions.
        partition_data: Vec<PartitionProduceData> [0..],
    }

    /// Records for a partition.
    PartitionProduceData {
        /// Its number.
        index: i32 [0..],
        /// The records.
        records: Option<Records> [0.., null 0..],
    }

    /// What became of each partition's records.
    ProduceResponse = key 0, versions 0..=13, flexible 9.. {
        /// The topics.
        responses: Vec<TopicProduceResponse> [0..],
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [1.., ignorable],
        /// Where the leaders named in `current_leader` are.
        node_endpoints: Vec<NodeEndpoint> [10.., tag 0],
    }

    /// A topic's outcomes.
    TopicProduceResponse {
        /// Its name.
        name: Str [0..=12, ignorable],
        /// Its id.
        topic_id: Uuid [13.., ignorable],
        /// The partitions.
        partition_responses: Vec<PartitionProduceResponse> [0..],
    }

    /// A partition's outcome.
    PartitionProduceResponse {
        /// Its number.
        index: i32 [0..],
        /// 0, or why the records were not appended.
        error_code: i16 [0..],
        /// Offset of the first record.
        base_offset: i64 [0..],
        /// The broker's time of appending, if the topic is configured to use it, or -1.
        log_append_time_ms: i64 [2.., ignorable] = -1,
        /// First offset of the log, or -1.
        log_start_offset: i64 [5.., ignorable] = -1,
        /// The records to blame, if the batch was refused.
        record_errors: Vec<BatchIndexAndErrorMessage> [8.., ignorable],
        /// What is common to the refused records.
        error_message: Option<Str> [8.., null 8.., ignorable, lossy],
        /// The leader, if it is another broker.
        current_leader: LeaderIdAndEpoch [10.., tag 0],
    }

    /// A record to blame.
    BatchIndexAndErrorMessage {
        /// Its index in the batch.
        batch_index: i32 [8..],
        /// What is wrong with it.
        batch_index_error_message: Option<Str> [8.., null 8.., lossy],
    }

    /// A partition's leader.
    LeaderIdAndEpoch {
        /// Its id, or -1.
        leader_id: i32 [10..] = -1,
        /// Its epoch, or -1.
        leader_epoch: i32 [10..] = -1,
    }

    /// Where a broker is.
    NodeEndpoint {
        /// Its id.
        node_id: i32 [10..],
        /// Host name or address.
        host: Str [10..],
        /// Port.
        port: i32 [10..],
        /// Rack, if it is in one.
        rack: Option<Str> [10.., null 10..],
    }
}
