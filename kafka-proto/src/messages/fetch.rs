//! Fetch (key 1), versions 0 to 18, flexible from 12: read record batches.
//!
//! - Version 4 has isolation levels and aborted transactions (KIP-98), version 7 fetch sessions, in which a request and
//!   its response name only the partitions that changed (KIP-227), version 9 leader epochs (KIP-320), version 11 the
//!   rack to read from (KIP-392). zstd needs version 10 (KIP-110).
//! - From version 13 on topics have an id in place of a name (KIP-516). Version 16 names the new leader after
//!   NOT_LEADER_OR_FOLLOWER (KIP-951).
//! - `replica_state`, `last_fetched_epoch`, `replica_directory_id`, `high_watermark` and `snapshot_id` are for brokers.
//! - An empty partition takes 18 bytes in the oldest versions and 176 decoded, hence the memory factor of the response.
//! - 4.0 dropped versions 0 to 3 (KIP-896).

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Records, Str, Uuid},
};

messages! {
    /// Asks for records of partitions.
    FetchRequest -> FetchResponse = key 1, versions 0..=18, flexible 12.., kips [
        1: 13, 2: 31, 2: 32, 3: 74, 4: 98, 5: 107, 6: 112, 7: 227, 8: 219, 9: 320, 10: 110, 11: 392, 12: 595, 13: 516,
        14: 405, 15: 903, 16: 951, 17: 853, 18: 1166
    ] {
        /// The cluster that the replica means to reach.
        cluster_id: Option<Str> [12.., null 12.., tag 0, ignorable],
        /// The replica that asks; -1 for clients.
        replica_id: i32 [0..=14] = -1,
        /// The replica that asks.
        replica_state: ReplicaState [15.., tag 1],
        /// Milliseconds to wait for `min_bytes`.
        max_wait_ms: i32 [0..],
        /// Bytes worth answering for.
        min_bytes: i32 [0..],
        /// Bytes after which the broker stops adding partitions.
        max_bytes: i32 [3.., ignorable] = 0x7fffffff,
        /// 0 reads all, 1 only what is committed.
        isolation_level: i8 [4.., ignorable],
        /// The fetch session, or 0.
        session_id: i32 [7.., ignorable],
        /// Number of the request in the session; 0 starts one, -1 wants none.
        session_epoch: i32 [7.., ignorable] = -1,
        /// The topics; in a session, those with something new.
        topics: Vec<FetchTopic> [0..],
        /// Partitions to drop from the session.
        forgotten_topics_data: Vec<ForgottenTopic> [7..],
        /// The client's rack.
        rack_id: Str [11.., ignorable],
    }

    /// The replica that asks.
    ReplicaState {
        /// Its id; -1 for clients.
        replica_id: i32 [15..] = -1,
        /// Its epoch, or -1.
        replica_epoch: i64 [15..] = -1,
    }

    /// A topic to read.
    FetchTopic {
        /// Its name.
        topic: Str [0..=12, ignorable],
        /// Its id.
        topic_id: Uuid [13.., ignorable],
        /// The partitions.
        partitions: Vec<FetchPartition> [0..],
    }

    /// A partition to read.
    FetchPartition {
        /// Its number.
        partition: i32 [0..],
        /// The leader epoch that the client knows, or -1.
        current_leader_epoch: i32 [9.., ignorable] = -1,
        /// First offset to read.
        fetch_offset: i64 [0..],
        /// Epoch of the last record that the replica has, or -1.
        last_fetched_epoch: i32 [12..] = -1,
        /// First offset that the replica has, or -1.
        log_start_offset: i64 [5.., ignorable] = -1,
        /// Bytes of this partition after which the broker stops.
        partition_max_bytes: i32 [0..],
        /// The directory that the replica is in.
        replica_directory_id: Uuid [17.., tag 0, ignorable],
        /// The high watermark that the replica knows.
        high_watermark: i64 [18.., tag 1, ignorable] = 9223372036854775807,
    }

    /// A topic of which partitions leave the session.
    ForgottenTopic {
        /// Its name.
        topic: Str [7..=12, ignorable],
        /// Its id.
        topic_id: Uuid [13.., ignorable],
        /// Numbers of the partitions.
        partitions: Vec<i32> [7..],
    }

    /// Records of partitions.
    FetchResponse = key 1, versions 0..=18, flexible 12.., memory 12 {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [1.., ignorable],
        /// 0, or why there is no answer.
        error_code: i16 [7.., ignorable],
        /// The fetch session, or 0.
        session_id: i32 [7..],
        /// The topics.
        responses: Vec<FetchableTopicResponse> [0..],
        /// Where the leaders named in `current_leader` are.
        node_endpoints: Vec<NodeEndpoint> [16.., tag 0],
    }

    /// A topic's records.
    FetchableTopicResponse {
        /// Its name.
        topic: Str [0..=12, ignorable],
        /// Its id.
        topic_id: Uuid [13.., ignorable],
        /// The partitions.
        partitions: Vec<PartitionData> [0..],
    }

    /// A partition's records.
    PartitionData {
        /// Its number.
        partition_index: i32 [0..],
        /// 0, or why there are no records.
        error_code: i16 [0..],
        /// Offset up to which records are replicated.
        high_watermark: i64 [0..],
        /// Offset up to which transactions are decided, or -1.
        last_stable_offset: i64 [4.., ignorable] = -1,
        /// First offset of the log, or -1.
        log_start_offset: i64 [5.., ignorable] = -1,
        /// Where the replica's log departs from the leader's.
        diverging_epoch: EpochEndOffset [12.., tag 0],
        /// The leader, if it is another broker.
        current_leader: LeaderIdAndEpoch [12.., tag 1],
        /// The snapshot to fetch before anything else.
        snapshot_id: SnapshotId [12.., tag 2],
        /// Aborted transactions among the records; null where everything is read.
        aborted_transactions: Option<Vec<AbortedTransaction>> [4.., null 4.., ignorable],
        /// The replica to read from, or -1.
        preferred_read_replica: i32 [11..] = -1,
        /// The records; the last batch may be cut short.
        records: Option<Records> [0.., null 0..],
    }

    /// Where an epoch ends.
    EpochEndOffset {
        /// The epoch, or -1.
        epoch: i32 [12..] = -1,
        /// Offset after its last record, or -1.
        end_offset: i64 [12..] = -1,
    }

    /// A partition's leader.
    LeaderIdAndEpoch {
        /// Its id, or -1.
        leader_id: i32 [12..] = -1,
        /// Its epoch, or -1.
        leader_epoch: i32 [12..] = -1,
    }

    /// A snapshot.
    SnapshotId {
        /// Offset after the last record in it, or -1.
        end_offset: i64 [0..] = -1,
        /// Epoch of that record, or -1.
        epoch: i32 [0..] = -1,
    }

    /// An aborted transaction.
    AbortedTransaction {
        /// Its producer.
        producer_id: i64 [4..],
        /// Its first offset in the partition.
        first_offset: i64 [4..],
    }

    /// Where a broker is.
    NodeEndpoint {
        /// Its id.
        node_id: i32 [16..],
        /// Host name or address.
        host: Str [16..],
        /// Port.
        port: i32 [16..],
        /// Rack, if it is in one.
        rack: Option<Str> [16.., null 16..],
    }
}
