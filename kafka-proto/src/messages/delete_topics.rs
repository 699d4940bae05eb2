//! DeleteTopics (key 20), versions 0 to 6, flexible from 4.
//!
//! - Version 3 answers TOPIC_DELETION_DISABLED where a broker is configured so (KIP-322), version 5 may be throttled by
//!   THROTTLING_QUOTA_EXCEEDED and has error messages (KIP-599), version 6 names topics by name or by id (KIP-516).
//! - A topic of version 0 takes as few as 8 bytes and 96 decoded, hence the memory factor of the response.
//! - 4.0 dropped version 0 (KIP-896).

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// Deletes topics.
    DeleteTopicsRequest -> DeleteTopicsResponse = key 20, versions 0..=6, flexible 4..,
        kips [0: 4, 1: 124, 2: 219, 3: 322, 4: 482, 5: 599, 6: 516] {
        /// The topics, from version 6 on.
        topics: Vec<DeleteTopicState> [6..],
        /// Names of the topics, before version 6.
        topic_names: Vec<Str> [0..=5, ignorable],
        /// Milliseconds to wait for the topics to be gone.
        timeout_ms: i32 [0..],
    }

    /// A topic to delete.
    DeleteTopicState {
        /// Its name; null to name it by id.
        name: Option<Str> [6.., null 6..],
        /// Its id; zero to name it by name.
        topic_id: Uuid [6..],
    }

    /// What became of each topic.
    DeleteTopicsResponse = key 20, versions 0..=6, flexible 4.., memory 12 {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [1.., ignorable],
        /// The topics.
        responses: Vec<DeletableTopicResult> [0..],
    }

    /// A topic's outcome.
    DeletableTopicResult {
        /// Its name; null when deleted by an id that nobody knows.
        name: Option<Str> [0.., null 6..],
        /// Its id.
        topic_id: Uuid [6.., ignorable],
        /// 0, or why it was not deleted.
        error_code: i16 [0..],
        /// Why it was not deleted.
        error_message: Option<Str> [5.., null 5.., ignorable, lossy],
    }
}
