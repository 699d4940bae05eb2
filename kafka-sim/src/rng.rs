//! The only source of randomness: a counter-based generator keyed by the seed.

use core::ops::Range;
use core::time::Duration;

use kafka_proto::Uuid;

/// By how much the counter goes on with each number.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// SplitMix64: numbers that follow from a seed, in every build alike. Good enough for identifiers that only have to differ
/// and for choosing what to try; not for secrets.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// A generator whose numbers follow from `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A generator of its own for a part of the run, so that what is drawn for one part changes nothing in another.
    #[must_use]
    pub fn split(&self, part: u64) -> Self {
        let mut seed = Self(self.0 ^ part.wrapping_mul(0xd6e8_feb8_6659_fd93));
        seed.next_u64();
        Self(seed.next_u64())
    }

    /// A number below `bound`; 0 when that is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        // The high half of the product: no division, and no bias that a simulation could see.
        let product = u128::from(self.next_u64()) * u128::from(bound);
        (product >> 64) as u64
    }

    /// A number in a range; its start when the range is empty.
    pub fn between(&mut self, range: Range<u64>) -> u64 {
        range.start.saturating_add(self.below(range.end.saturating_sub(range.start)))
    }

    /// A duration in a range.
    pub fn duration(&mut self, range: &Range<Duration>) -> Duration {
        let nanos = |duration: Duration| u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        Duration::from_nanos(self.between(nanos(range.start)..nanos(range.end)))
    }

    /// Whether something happens that does so in `percent` of a hundred cases.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of several; `None` of none.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        let at = usize::try_from(self.below(of.len() as u64)).ok()?;
        of.get(at)
    }

    /// 32 bytes, as a client's seed.
    #[must_use]
    pub fn seed(&mut self) -> [u8; 32] {
        let mut seed = [0; 32];
        for part in seed.chunks_mut(8) {
            let word = self.next_u64().to_le_bytes();
            let (word, _) = word.split_at(part.len());
            part.copy_from_slice(word);
        }
        seed
    }

    /// Leaves out so many stretches of 2^32 numbers each.
    pub(crate) fn leave_out(&mut self, stretches: u64) {
        self.0 = self.0.wrapping_add(STEP.wrapping_mul(stretches << 32));
    }

    /// The next number.
    pub fn next_u64(&mut self) -> u64 {
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
