//! Who does the work.

mod by_hand;
mod kafka_protocol;
mod ours;
mod rskafka;

use std::hint::black_box;

use bytes::Bytes;

use crate::{Case, Failure};

/// One codec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// kafka-proto.
    Ours,
    /// The crate kafka-protocol.
    KafkaProtocol,
    /// The crate rskafka.
    Rskafka,
    /// A loop over the bytes that can do nothing else.
    ByHand,
}

/// All sides, in the order of the table.
pub const SIDES: [Side; 4] = [Side::Ours, Side::KafkaProtocol, Side::Rskafka, Side::ByHand];

/// What came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Bytes.
    Encoded(Bytes),
    /// Bytes, in the buffer that is used again.
    Appended,
    /// Values, of which this many were counted: records, partitions, or 1 for a request. They are dropped by then.
    Decoded(usize),
}

/// Work that is prepared, and can be done any number of times. It is given an empty buffer that has had the size it needs.
pub type Work = Box<dyn FnMut(&mut Vec<u8>) -> Result<Outcome, Failure>>;

impl Side {
    /// What the programs call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::KafkaProtocol => "kafka-protocol",
            Self::Rskafka => "rskafka",
            Self::ByHand => "by-hand",
        }
    }

    /// The side of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        SIDES.into_iter().find(|side| side.name() == name)
    }

    /// Prepares a case; `None` where the side has no such thing.
    ///
    /// # Errors
    /// None, for the cases there are.
    pub fn prepare(self, case: &Case) -> Result<Option<Work>, Failure> {
        match self {
            Self::Ours => ours::prepare(case),
            Self::KafkaProtocol => kafka_protocol::prepare(case),
            Self::Rskafka => rskafka::prepare(case),
            Self::ByHand => by_hand::prepare(case),
        }
    }
}

/// Does the work once. Callgrind counts what happens in here.
///
/// # Errors
/// None, for the cases there are.
#[inline(never)]
pub fn measured(work: &mut Work, buf: &mut Vec<u8>) -> Result<(), Failure> {
    black_box(work(buf)?);
    black_box(buf);
    Ok(())
}

fn work(mut work: impl FnMut() -> Result<Outcome, Failure> + 'static) -> Option<Work> {
    Some(Box::new(move |_| work()))
}

fn appending(mut work: impl FnMut(&mut Vec<u8>) -> Result<(), Failure> + 'static) -> Option<Work> {
    Some(Box::new(move |buf| work(buf).map(|()| Outcome::Appended)))
}
