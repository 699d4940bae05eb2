//! Letting scripted faults loose on the inside of a response.

use kafka_proto::messages::api_versions::ApiVersionsResponse;
use kafka_proto::messages::init_producer_id::InitProducerIdResponse;

use crate::fault::{At, Fault};

/// A response that faults can be let loose on.
pub(crate) trait Tamper {
    /// Changes the response as the fault says, and tells whether it found its place.
    fn tamper(&mut self, fault: &Fault) -> bool;
}

/// Applies an [`Fault::Omit`] or [`Fault::Duplicate`] to the partitions of one topic.
pub(crate) fn tamper_list<P: Clone>(
    partitions: &mut Vec<P>,
    fault: &Fault,
    matches: impl Fn(&At, &P) -> bool,
) -> bool {
    let before = partitions.len();
    match fault {
        Fault::Omit { at } => partitions.retain(|partition| !matches(at, partition)),
        Fault::Duplicate { at } => {
            let again: Vec<P> =
                partitions.iter().filter(|partition| matches(at, partition)).cloned().collect();
            partitions.extend(again);
        }
        _ => {}
    }
    partitions.len() != before
}

/// Applies a [`Fault::FailAfter`] to the partitions of one topic.
pub(crate) fn fail_list<P>(
    partitions: &mut [P],
    fault: &Fault,
    matches: impl Fn(&At, &P) -> bool,
    fail: impl Fn(&mut P, i16),
) -> bool {
    let Fault::FailAfter { at, code } = fault else {
        return false;
    };
    let mut met = false;
    for partition in partitions.iter_mut().filter(|partition| matches(at, partition)) {
        fail(partition, code.0);
        met = true;
    }
    met
}

impl Tamper for ApiVersionsResponse {
    fn tamper(&mut self, fault: &Fault) -> bool {
        let Fault::FailAfter { code, .. } = fault else {
            return false;
        };
        self.error_code = code.0;
        true
    }
}

impl Tamper for InitProducerIdResponse {
    fn tamper(&mut self, fault: &Fault) -> bool {
        let Fault::FailAfter { code, .. } = fault else {
            return false;
        };
        *self = Self { error_code: code.0, ..Self::default() };
        true
    }
}
