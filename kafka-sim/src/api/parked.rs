//! Requests that are not answered yet: what they wait for.

use super::{fetch, produce};
use crate::state::State;
use crate::{ConnId, Time};

/// A request that waits.
#[derive(Debug)]
pub(crate) enum Parked {
    /// For records.
    Fetch(Box<fetch::Parked>),
    /// For replicas.
    Produce(Box<produce::Parked>),
}

impl Parked {
    /// When it is answered with what there is.
    pub(crate) fn deadline(&self) -> Time {
        match self {
            Self::Fetch(parked) => parked.deadline,
            Self::Produce(parked) => parked.deadline,
        }
    }

    /// Whether it may be able to go on, after so many bytes more can be read of a partition that it
    /// waits for; `None`: after the partition itself has changed.
    pub(crate) fn is_worth_a_look(&mut self, bytes: Option<u64>) -> bool {
        match self {
            Self::Fetch(parked) => {
                parked.missing = parked.missing.saturating_sub(bytes.unwrap_or(u64::MAX));
                parked.missing == 0
            }
            Self::Produce(_) => true,
        }
    }

    /// Takes its connection off the lists of those that wait for a partition.
    pub(crate) fn stop_waiting(&self, state: &mut State, conn: ConnId) {
        match self {
            Self::Fetch(parked) => fetch::stop_waiting(state, parked, conn),
            Self::Produce(parked) => produce::stop_waiting(state, parked, conn),
        }
    }
}
