//! The error codes that today's client can be answered with, by API: a sweep that never met one of them says so.
//!
//! What is here is what Kafka's brokers of some release answer a client with that writes without transactions, reads
//! without a group, and administers topics, over connections without authentication. So there is nothing here of
//! - transactions and groups (COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR, INVALID_TXN_STATE, FENCED_INSTANCE_ID, ...), SASL
//!   and delegation tokens, quorums, tiered storage, share groups: the client doesn't speak their APIs;
//! - what only a client that breaks the protocol is told: INVALID_REQUIRED_ACKS, ILLEGAL_SASL_STATE, INVALID_REQUEST (the
//!   same topic or partition twice in a request), UNSUPPORTED_VERSION (but for ApiVersions, where it is how versions
//!   are found), INVALID_REPLICA_ASSIGNMENT (replicas are never named), REBOOTSTRAP_REQUIRED (the client doesn't say which
//!   cluster it expects), UNKNOWN_TOPIC_ID where topics go by name;
//! - what is told to followers only: OFFSET_MOVED_TO_TIERED_STORAGE, INVALID_FETCH_SIZE, FENCED_LEADER_EPOCH in Produce.
//!
//! Codes for authorization are here though the brokers have no lists of rights: they come at any time, when rights are
//! taken away.

use kafka_proto::{ApiKey, ErrorCode};

use crate::{At, Fault, Rng};

/// How it comes about that an API is answered with a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// By what happens to a cluster. If a broker were just made to say it, it would say what is not so.
    Itself,
    /// A broker refuses to do what it was asked, for a reason of its own.
    Refused,
    /// It has done what it was asked.
    Done,
}

use Way::{Done, Itself, Refused};

/// All codes by API.
#[rustfmt::skip]
const CODES: &[(ApiKey, &[(ErrorCode, Way)])] = &[
    (ApiKey::Produce, &[
        (ErrorCode::UNKNOWN_SERVER_ERROR, Refused),
        (ErrorCode::CORRUPT_MESSAGE, Refused),
        (ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, Refused),
        (ErrorCode::NOT_LEADER_OR_FOLLOWER, Refused),
        (ErrorCode::REQUEST_TIMED_OUT, Done),
        (ErrorCode::MESSAGE_TOO_LARGE, Refused),
        // An internal topic, which clients may not write to.
        (ErrorCode::INVALID_TOPIC_EXCEPTION, Refused),
        // Longer than a segment.
        (ErrorCode::RECORD_LIST_TOO_LARGE, Refused),
        (ErrorCode::NOT_ENOUGH_REPLICAS, Refused),
        (ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND, Done),
        (ErrorCode::TOPIC_AUTHORIZATION_FAILED, Refused),
        // Idempotence was a right of its own before 3.0.
        (ErrorCode::CLUSTER_AUTHORIZATION_FAILED, Refused),
        (ErrorCode::INVALID_TIMESTAMP, Itself),
        // Up to 3.x a topic may have `message.format.version` 0.10, which has no producer ids and no Zstandard.
        (ErrorCode::UNSUPPORTED_FOR_MESSAGE_FORMAT, Refused),
        (ErrorCode::UNSUPPORTED_COMPRESSION_TYPE, Refused),
        (ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER, Itself),
        // 0.11 answers a repetition with it that is older than what it remembers.
        (ErrorCode::DUPLICATE_SEQUENCE_NUMBER, Done),
        (ErrorCode::INVALID_PRODUCER_EPOCH, Refused),
        (ErrorCode::KAFKA_STORAGE_ERROR, Refused),
        // Up to 2.4, when the broker has forgotten a producer.
        (ErrorCode::UNKNOWN_PRODUCER_ID, Refused),
        (ErrorCode::INVALID_RECORD, Refused),
        (ErrorCode::UNKNOWN_TOPIC_ID, Refused),
    ]),
    (ApiKey::Fetch, &[
        (ErrorCode::UNKNOWN_SERVER_ERROR, Refused),
        (ErrorCode::OFFSET_OUT_OF_RANGE, Itself),
        (ErrorCode::CORRUPT_MESSAGE, Refused),
        (ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, Refused),
        (ErrorCode::NOT_LEADER_OR_FOLLOWER, Refused),
        (ErrorCode::REPLICA_NOT_AVAILABLE, Refused),
        (ErrorCode::TOPIC_AUTHORIZATION_FAILED, Refused),
        (ErrorCode::KAFKA_STORAGE_ERROR, Refused),
        (ErrorCode::FETCH_SESSION_ID_NOT_FOUND, Itself),
        // Of the whole answer: the session is not where the client believes it to be.
        (ErrorCode::INVALID_FETCH_SESSION_EPOCH, Done),
        (ErrorCode::FETCH_SESSION_TOPIC_ID_ERROR, Done),
        (ErrorCode::FENCED_LEADER_EPOCH, Refused),
        (ErrorCode::UNKNOWN_LEADER_EPOCH, Refused),
        // Zstandard for a version of Fetch that came before it.
        (ErrorCode::UNSUPPORTED_COMPRESSION_TYPE, Refused),
        (ErrorCode::UNKNOWN_TOPIC_ID, Refused),
        (ErrorCode::INCONSISTENT_TOPIC_ID, Refused),
    ]),
    (ApiKey::ListOffsets, &[
        (ErrorCode::UNKNOWN_SERVER_ERROR, Refused),
        (ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, Refused),
        (ErrorCode::LEADER_NOT_AVAILABLE, Refused),
        (ErrorCode::NOT_LEADER_OR_FOLLOWER, Refused),
        (ErrorCode::TOPIC_AUTHORIZATION_FAILED, Refused),
        (ErrorCode::UNSUPPORTED_FOR_MESSAGE_FORMAT, Refused),
        (ErrorCode::KAFKA_STORAGE_ERROR, Refused),
        (ErrorCode::FENCED_LEADER_EPOCH, Refused),
        (ErrorCode::UNKNOWN_LEADER_EPOCH, Refused),
        (ErrorCode::OFFSET_NOT_AVAILABLE, Refused),
    ]),
    (ApiKey::Metadata, &[
        (ErrorCode::UNKNOWN_SERVER_ERROR, Refused),
        (ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, Refused),
        (ErrorCode::LEADER_NOT_AVAILABLE, Refused),
        (ErrorCode::INVALID_TOPIC_EXCEPTION, Refused),
        (ErrorCode::TOPIC_AUTHORIZATION_FAILED, Refused),
        // A topic that is created by asking for it, where there are too few brokers.
        (ErrorCode::INVALID_REPLICATION_FACTOR, Refused),
        // The leader has no listener of the name that the client came in by.
        (ErrorCode::LISTENER_NOT_FOUND, Refused),
    ]),
    (ApiKey::ApiVersions, &[
        (ErrorCode::UNKNOWN_SERVER_ERROR, Refused),
        (ErrorCode::UNSUPPORTED_VERSION, Itself),
    ]),
    (ApiKey::CreateTopics, &[
        (ErrorCode::UNKNOWN_SERVER_ERROR, Refused),
        (ErrorCode::REQUEST_TIMED_OUT, Done),
        (ErrorCode::INVALID_TOPIC_EXCEPTION, Refused),
        (ErrorCode::TOPIC_AUTHORIZATION_FAILED, Refused),
        // Up to 1.1 in place of the former.
        (ErrorCode::CLUSTER_AUTHORIZATION_FAILED, Refused),
        (ErrorCode::TOPIC_ALREADY_EXISTS, Itself),
        (ErrorCode::INVALID_PARTITIONS, Refused),
        (ErrorCode::INVALID_REPLICATION_FACTOR, Refused),
        (ErrorCode::INVALID_CONFIG, Refused),
        (ErrorCode::NOT_CONTROLLER, Refused),
        (ErrorCode::POLICY_VIOLATION, Refused),
        (ErrorCode::THROTTLING_QUOTA_EXCEEDED, Refused),
    ]),
    (ApiKey::DeleteTopics, &[
        (ErrorCode::UNKNOWN_SERVER_ERROR, Refused),
        (ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, Itself),
        (ErrorCode::REQUEST_TIMED_OUT, Done),
        (ErrorCode::TOPIC_AUTHORIZATION_FAILED, Refused),
        (ErrorCode::NOT_CONTROLLER, Refused),
        (ErrorCode::TOPIC_DELETION_DISABLED, Refused),
        (ErrorCode::THROTTLING_QUOTA_EXCEEDED, Refused),
    ]),
    (ApiKey::DeleteRecords, &[
        (ErrorCode::UNKNOWN_SERVER_ERROR, Refused),
        (ErrorCode::OFFSET_OUT_OF_RANGE, Refused),
        (ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, Refused),
        (ErrorCode::NOT_LEADER_OR_FOLLOWER, Refused),
        (ErrorCode::REQUEST_TIMED_OUT, Done),
        (ErrorCode::INVALID_TOPIC_EXCEPTION, Refused),
        (ErrorCode::TOPIC_AUTHORIZATION_FAILED, Refused),
        (ErrorCode::POLICY_VIOLATION, Refused),
        (ErrorCode::KAFKA_STORAGE_ERROR, Refused),
    ]),
    (ApiKey::InitProducerId, &[
        (ErrorCode::UNKNOWN_SERVER_ERROR, Refused),
        (ErrorCode::COORDINATOR_LOAD_IN_PROGRESS, Refused),
        (ErrorCode::CLUSTER_AUTHORIZATION_FAILED, Refused),
    ]),
    (ApiKey::OffsetForLeaderEpoch, &[
        (ErrorCode::UNKNOWN_SERVER_ERROR, Refused),
        (ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, Refused),
        (ErrorCode::NOT_LEADER_OR_FOLLOWER, Refused),
        (ErrorCode::TOPIC_AUTHORIZATION_FAILED, Refused),
        (ErrorCode::KAFKA_STORAGE_ERROR, Refused),
        (ErrorCode::FENCED_LEADER_EPOCH, Refused),
        (ErrorCode::UNKNOWN_LEADER_EPOCH, Refused),
    ]),
    (ApiKey::CreatePartitions, &[
        (ErrorCode::UNKNOWN_SERVER_ERROR, Refused),
        (ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, Refused),
        (ErrorCode::REQUEST_TIMED_OUT, Done),
        (ErrorCode::INVALID_TOPIC_EXCEPTION, Refused),
        (ErrorCode::TOPIC_AUTHORIZATION_FAILED, Refused),
        (ErrorCode::INVALID_PARTITIONS, Refused),
        (ErrorCode::INVALID_REPLICATION_FACTOR, Refused),
        (ErrorCode::NOT_CONTROLLER, Refused),
        (ErrorCode::POLICY_VIOLATION, Refused),
        // With ZooKeeper, a topic whose replicas are being moved can't grow.
        (ErrorCode::REASSIGNMENT_IN_PROGRESS, Refused),
        (ErrorCode::THROTTLING_QUOTA_EXCEEDED, Refused),
    ]),
];

/// All that a sweep has to meet: APIs and codes.
pub(super) fn all() -> impl Iterator<Item = (ApiKey, ErrorCode)> {
    CODES.iter().flat_map(|(api, codes)| codes.iter().map(|(code, _)| (*api, *code)))
}

/// A fault that has an API answer with one of its codes, those left out that come about by themselves.
pub(super) fn draw(api: ApiKey, rng: &mut Rng) -> Option<Fault> {
    let (_, codes) = CODES.iter().find(|(of, _)| *of == api)?;
    let (code, way) = *rng.pick(codes)?;
    let at = At::any();
    match way {
        Itself => None,
        Refused => Some(Fault::Refuse { at, code }),
        Done => Some(Fault::FailAfter { at, code }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_one_place() {
        let mut seen = Vec::new();
        for (api, code) in all() {
            assert!(code.is_known() && code.is_error(), "{api:?} {code}");
            assert!(!seen.contains(&(api, code)), "{api:?} {code} is there twice");
            seen.push((api, code));
        }
    }
}
