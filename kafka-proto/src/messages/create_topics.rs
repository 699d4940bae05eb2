//! CreateTopics (key 19), versions 0 to 7, flexible from 5.
//!
//! - Version 1 can validate without creating. Version 4 takes the broker's defaults for partitions and replication
//!   factor, written as -1 (KIP-464), version 5 answers with the configuration in force (KIP-525), version 6 may be
//!   throttled by THROTTLING_QUOTA_EXCEEDED (KIP-599), version 7 answers with the topic's id (KIP-516).
//! - A topic of version 0 takes as few as 8 bytes and 128 decoded, hence the memory factor of the response.
//! - A configuration entry takes as few as 7 bytes and 72 decoded, hence that of the request.
//! - 4.0 dropped versions 0 and 1 (KIP-896).

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// Creates topics.
    CreateTopicsRequest -> CreateTopicsResponse = key 19, versions 0..=7, flexible 5.., memory 12,
        kips [0: 4, 1: 108, 2: 124, 3: 219, 4: 464, 5: 482, 5: 525, 6: 599, 7: 516] {
        /// The topics.
        topics: Vec<CreatableTopic> [0..],
        /// Milliseconds to wait for the topics to be there.
        timeout_ms: i32 [0..] = 60000,
        /// Whether to check only.
        validate_only: bool [1..] = false,
    }

    /// A topic to create.
    CreatableTopic {
        /// Its name.
        name: Str [0..],
        /// Number of partitions; -1 for the broker's default, or when assigned by hand.
        num_partitions: i32 [0..],
        /// Replicas of each partition; -1 for the broker's default, or when assigned by hand.
        replication_factor: i16 [0..],
        /// Partitions assigned by hand, if not empty.
        assignments: Vec<CreatableReplicaAssignment> [0..],
        /// Configuration beside the defaults.
        configs: Vec<CreatableTopicConfig> [0..],
    }

    /// A partition assigned by hand.
    CreatableReplicaAssignment {
        /// Its number.
        partition_index: i32 [0..],
        /// Brokers to hold it, the first one preferred as leader.
        broker_ids: Vec<i32> [0..],
    }

    /// One configuration entry.
    CreatableTopicConfig {
        /// Its key.
        name: Str [0..],
        /// Its value.
        value: Option<Str> [0.., null 0..],
    }

    /// What became of each topic.
    CreateTopicsResponse = key 19, versions 0..=7, flexible 5.., memory 16 {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [2.., ignorable],
        /// The topics.
        topics: Vec<CreatableTopicResult> [0..],
    }

    /// A topic's outcome.
    CreatableTopicResult {
        /// Its name.
        name: Str [0..],
        /// Its id.
        topic_id: Uuid [7.., ignorable],
        /// 0, or why it was not created.
        error_code: i16 [0..],
        /// Why it was not created.
        error_message: Option<Str> [1.., null 0.., ignorable, lossy],
        /// 0, or why the configuration is not in the answer.
        topic_config_error_code: i16 [5.., tag 0, ignorable],
        /// Number of partitions, or -1.
        num_partitions: i32 [5.., ignorable] = -1,
        /// Replicas of each partition, or -1.
        replication_factor: i16 [5.., ignorable] = -1,
        /// The configuration in force.
        configs: Option<Vec<CreatableTopicConfigs>> [5.., null 5.., ignorable],
    }

    /// One configuration entry in force.
    CreatableTopicConfigs {
        /// Its key.
        name: Str [5..],
        /// Its value; null if it is sensitive.
        value: Option<Str> [5.., null 5..],
        /// Whether it can't be changed.
        read_only: bool [5..],
        /// Where the value comes from, or -1.
        config_source: i8 [5.., ignorable] = -1,
        /// Whether it is a secret.
        is_sensitive: bool [5..],
    }
}
