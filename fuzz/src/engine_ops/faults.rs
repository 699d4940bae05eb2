//! Faults of brokers that are honest all the same: what they say was not done was not done, and the other way round.

use std::time::Duration;

use kafka_engine::config::Acks;
use kafka_proto::{ApiKey, ErrorCode};
use kafka_sim::{At, Fault};

use super::{Story, TOPIC};
use crate::input::Input;

const APIS: [ApiKey; 6] = [
    ApiKey::Produce,
    ApiKey::Fetch,
    ApiKey::Metadata,
    ApiKey::ListOffsets,
    ApiKey::InitProducerId,
    ApiKey::ApiVersions,
];

/// What a broker may say of something that it has done.
const DONE_ALL_THE_SAME: [ErrorCode; 3] = [
    ErrorCode::REQUEST_TIMED_OUT,
    ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND,
    ErrorCode::UNKNOWN_SERVER_ERROR,
];

/// And when it waits for replicas, and is deposed or loses its disk meanwhile.
const DONE_BY_A_REPLICA: [ErrorCode; 2] =
    [ErrorCode::NOT_LEADER_OR_FOLLOWER, ErrorCode::KAFKA_STORAGE_ERROR];

/// The most requests that are still to go wrong.
const FAULTS: usize = 12;

/// Codes from 0 up to this one are tried.
const CODES: usize = 134;

impl Story {
    /// Has the next requests of an API go wrong.
    pub(super) fn fault(&mut self, input: &mut Input<'_>) {
        let api = input.pick(&APIS);
        let times = input.below(4) as u32 + 1;
        let at = match input.flag() {
            true => At::partition(TOPIC, self.partition(input)),
            false => At::any(),
        };
        let fault = match input.below(16) {
            0..4 => match refusal(input) {
                Some(code) => Fault::Refuse { at, code },
                None => return,
            },
            4 => Fault::FailAfter { at, code: self.done_all_the_same(input) },
            5 => Fault::Omit { at },
            6 => Fault::Duplicate { at },
            7 => Fault::Leaderless { at },
            8 => Fault::CloseBefore,
            9 => Fault::CloseAfter,
            10 => Fault::Swallow,
            11 => {
                let millis = input.pick(&[10, 1_000, 20_000, 40_000]);
                Fault::Delay(Duration::from_millis(millis))
            }
            12 => Fault::Garbage,
            13 => Fault::WrongCorrelationId,
            14 => Fault::RepeatResponse,
            _ => Fault::HugeLength,
        };
        // Duplicates add up: each doubles what the one before has doubled.
        let most = if matches!(fault, Fault::Duplicate { .. }) { 1 } else { FAULTS };
        if self.world.cluster.pending_faults() < most {
            self.world.cluster.fail_times(api, fault, times);
        }
    }

    fn done_all_the_same(&self, input: &mut Input<'_>) -> ErrorCode {
        if self.settings.acks == Acks::All && input.flag() {
            return input.pick(&DONE_BY_A_REPLICA);
        }
        input.pick(&DONE_ALL_THE_SAME)
    }
}

/// Any error but one that says that it was done before.
fn refusal(input: &mut Input<'_>) -> Option<ErrorCode> {
    let code = ErrorCode(input.below(CODES) as i16 - 1);
    let done_before = [ErrorCode::NONE, ErrorCode::DUPLICATE_SEQUENCE_NUMBER];
    (!done_before.contains(&code)).then_some(code)
}
