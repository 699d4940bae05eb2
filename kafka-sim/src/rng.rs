//! The only source of randomness: a counter-based generator keyed by the seed.

use kafka_proto::Uuid;

/// By how much the counter goes on with each number.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// SplitMix64: small, fast, and good enough for identifiers that only have to differ.
#[derive(Clone, Debug)]
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Leaves out so many stretches of 2^32 numbers each.
    pub(crate) fn leave_out(&mut self, stretches: u64) {
        self.0 = self.0.wrapping_add(STEP.wrapping_mul(stretches << 32));
    }

    pub(crate) fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A version 4 UUID, as Kafka makes for topics and clusters.
    pub(crate) fn uuid(&mut self) -> Uuid {
        let bits = (u128::from(self.next_u64()) << 64) | u128::from(self.next_u64());
        let version = bits & !(0xf << 76) | (0x4 << 76);
        let variant = version & !(0x3 << 62) | (0x2 << 62);
        Uuid(variant.to_be_bytes())
    }
}
