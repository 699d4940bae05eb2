//! What a broker's answer means for a batch.

use alloc::format;
use alloc::string::{String, ToString};

use kafka_proto::ErrorCode;
use kafka_proto::messages::produce::PartitionProduceResponse;

use super::outbox::Staged;
use crate::config::Acks;
use crate::engine::metadata::is_stale;
use crate::error::{Error, ErrorKind};

/// What becomes of a batch.
#[derive(Debug)]
pub(super) enum Verdict {
    /// The broker has it.
    Appended { base_offset: Option<i64>, log_append_time: Option<i64> },
    /// Send it again. `maybe_appended`: it may be in the log all the same; `stale`: the leader has moved.
    Retry { maybe_appended: bool, stale: bool, error: Error },
    /// Its sequence does not follow on what the broker knows.
    OutOfSequence { error: Error },
    /// It is longer than the broker takes.
    TooLarge,
    /// It is refused for good, and not appended.
    Refused { error: Error },
}

/// Reads one partition's answer to a request with these `acks`.
pub(super) fn judge(response: &PartitionProduceResponse, topic: &str, acks: Acks) -> Verdict {
    let code = ErrorCode::from(response.error_code);
    let error = || broker_error(code, response, topic);
    match code {
        ErrorCode::NONE => Verdict::Appended {
            base_offset: (response.base_offset >= 0).then_some(response.base_offset),
            log_append_time: (response.log_append_time_ms >= 0)
                .then_some(response.log_append_time_ms),
        },
        // The broker has the batch already and has forgotten where.
        ErrorCode::DUPLICATE_SEQUENCE_NUMBER => {
            Verdict::Appended { base_offset: None, log_append_time: None }
        }
        ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER
        | ErrorCode::UNKNOWN_PRODUCER_ID
        | ErrorCode::INVALID_PRODUCER_EPOCH => Verdict::OutOfSequence { error: error() },
        ErrorCode::MESSAGE_TOO_LARGE | ErrorCode::RECORD_LIST_TOO_LARGE => Verdict::TooLarge,
        // Both are told after the leader has appended: replicas may yet take it.
        ErrorCode::REQUEST_TIMED_OUT | ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND => {
            let maybe_appended = !mutant!("after_append_is_not_appended");
            Verdict::Retry { maybe_appended, stale: false, error: error() }
        }
        // A leader tells these before it appends, but also when it is deposed, or loses its disk, while a batch that it
        // has appended waits for the replicas: one of them may have it, and lead.
        ErrorCode::NOT_LEADER_OR_FOLLOWER | ErrorCode::KAFKA_STORAGE_ERROR if acks == Acks::All => {
            let maybe_appended = !mutant!("deposed_is_not_appended");
            Verdict::Retry { maybe_appended, stale: is_stale(code), error: error() }
        }
        code if code.is_retriable() && mutant!("refused_is_success") => {
            Verdict::Appended { base_offset: None, log_append_time: None }
        }
        code if code.is_retriable() && mutant!("refused_is_final") => {
            Verdict::Refused { error: error() }
        }
        code if code.is_retriable() => {
            Verdict::Retry { maybe_appended: false, stale: is_stale(code), error: error() }
        }
        // What the codes of a newer broker mean is not known, so neither is the batch's fate.
        ErrorCode::UNKNOWN_SERVER_ERROR => {
            Verdict::Refused { error: error().with_written(crate::error::Written::Unknown) }
        }
        code if !code.is_known() => {
            Verdict::Refused { error: error().with_written(crate::error::Written::Unknown) }
        }
        _ => Verdict::Refused { error: error() },
    }
}

/// The error of a record of a batch that was refused for some of its records (KIP-467).
pub(super) fn record_error(
    response: &PartitionProduceResponse,
    index: u32,
    error: &Error,
) -> Option<Error> {
    let culprit =
        response.record_errors.iter().find(|entry| u32::try_from(entry.batch_index) == Ok(index));
    let ErrorKind::Broker { code, context, .. } = error.kind() else {
        return None;
    };
    let message = match culprit {
        Some(entry) => entry.batch_index_error_message.as_ref().map(|words| words.to_string()),
        None if response.record_errors.is_empty() => return None,
        None => Some("another record of the same batch is invalid".into()),
    };
    Some(Error::new(ErrorKind::Broker { code: *code, context: context.clone(), message }))
}

/// The error of a single record that the broker finds too large.
pub(super) fn record_too_large(staged: &Staged) -> Error {
    Error::new(ErrorKind::RecordTooLarge {
        bytes: staged.batch.raw_bytes,
        limit: None,
        setting: "the broker's message.max.bytes or the topic's max.message.bytes",
    })
}

fn broker_error(code: ErrorCode, response: &PartitionProduceResponse, topic: &str) -> Error {
    Error::new(ErrorKind::Broker {
        code,
        context: context(topic, response.index),
        message: message(response),
    })
}

fn context(topic: &str, partition: i32) -> String {
    format!("produce to {topic}-{partition}")
}

fn message(response: &PartitionProduceResponse) -> Option<String> {
    response.error_message.as_ref().map(|words| words.to_string())
}
