//! Values to send: letters at random, the same in every run, made before the clock starts.

/// Values are cut out of a pool of about this size, in bytes: larger than a compressor's window for one batch would
/// profit from, and small enough to stay in the processor's cache.
const POOL: usize = 64 * 1024;

/// Values of one size.
#[derive(Debug)]
pub(crate) struct Payload {
    pool: Vec<u8>,
    size: usize,
    at: usize,
}

impl Payload {
    pub(crate) fn new(size: usize) -> Self {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let letters = std::iter::repeat_with(|| {
            // xorshift64
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            b'A' + u8::try_from((state >> 32) % 26).unwrap_or(0)
        });
        Self { pool: letters.take(POOL.saturating_add(size)).collect(), size, at: 0 }
    }

    /// The next value.
    #[inline]
    pub(crate) fn next(&mut self) -> &[u8] {
        let from = self.at;
        // A step that has no factor in common with the pool's size visits every place before one comes again.
        self.at = (self.at + 4099) % POOL;
        self.pool.get(from..from.saturating_add(self.size)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_their_size_and_differ() {
        let check = |size: usize| {
            let mut payload = Payload::new(size);
            let mut values = std::collections::BTreeSet::new();
            for _ in 0..1000 {
                let value = payload.next();
                assert!(value.len() == size && value.iter().all(u8::is_ascii_uppercase));
                values.insert(value.to_vec());
            }
            values.len()
        };
        assert_eq!(check(0), 1);
        assert_eq!(check(100), 1000);
        assert_eq!(check(200_000), 1000);
    }
}
