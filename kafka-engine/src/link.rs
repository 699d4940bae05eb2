//! One connection's framing and decoding.

/// What a link is built from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LinkConfig {
    /// The longest frame taken, in bytes, until [`Output::Limit`](crate::Output::Limit) says otherwise.
    pub frame_bytes_max: usize,
}
