//! What is measured, and what must hold.

use crate::Side;

/// One piece of work.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// What the programs call it.
    pub name: &'static str,
    /// What of ours may cost how much.
    pub limits: &'static [Limit],
}

/// What is done with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Bytes to values.
    Decode,
    /// Values to bytes of their own.
    Encode,
    /// Values to the end of a buffer that is used again.
    Append,
}

/// At most this many times the instructions of a side.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// The side compared with.
    pub side: Side,
    /// Our instructions by its instructions, at most.
    pub ratio: f64,
}

const fn at_most(ratio: f64, side: Side) -> Limit {
    Limit { side, ratio }
}

const HALF: Limit = at_most(0.5, Side::KafkaProtocol);
const HALF_OF_BOTH: &[Limit] = &[HALF, at_most(0.5, Side::Rskafka)];
const HALF_OF_ONE: &[Limit] = &[HALF];

/// All work, in the order of the table. `rskafka` decodes old versions of a few responses and encodes none.
pub const CASES: &[Case] = &[
    case("batch-encode", &[HALF, at_most(0.5, Side::Rskafka), at_most(1.3, Side::ByHand)]),
    case("batch-build", &[HALF, at_most(0.5, Side::Rskafka)]),
    case("batch-decode-owned", &[HALF, at_most(0.5, Side::Rskafka), at_most(3.0, Side::ByHand)]),
    case("batch-decode-in-place", &[at_most(1.3, Side::ByHand)]),
    case("metadata-v12-decode", HALF_OF_ONE),
    case("metadata-v12-encode", HALF_OF_ONE),
    case("metadata-v4-decode", HALF_OF_BOTH),
    case("fetch-v12-decode", HALF_OF_ONE),
    case("fetch-v12-encode", HALF_OF_ONE),
    case("fetch-v17-decode", HALF_OF_ONE),
    case("fetch-v17-encode", HALF_OF_ONE),
    case("fetch-v4-decode", HALF_OF_BOTH),
    case("api-versions-v0-decode", HALF_OF_BOTH),
    case("api-versions-v0-append", HALF_OF_BOTH),
    case("api-versions-v3-decode", HALF_OF_BOTH),
    case("api-versions-v3-append", HALF_OF_BOTH),
    case("api-versions-v3-encode", HALF_OF_BOTH),
    case("heartbeat-v4-decode", HALF_OF_ONE),
    case("heartbeat-v4-append", HALF_OF_ONE),
    case("heartbeat-v4-encode", HALF_OF_ONE),
];

const fn case(name: &'static str, limits: &'static [Limit]) -> Case {
    Case { name, limits }
}

impl Case {
    /// The case of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        CASES.iter().find(|case| case.name == name)
    }

    /// What the name says of a message: its name, its version, and what is done.
    #[must_use]
    pub fn message(&self) -> Option<(&'static str, i16, Way)> {
        let (message, way) = self.name.rsplit_once('-')?;
        let (message, version) = message.rsplit_once("-v")?;
        let way = match way {
            "decode" => Way::Decode,
            "encode" => Way::Encode,
            _ => Way::Append,
        };
        Some((message, version.parse().ok()?, way))
    }
}
