//! The codec beside those of `kafka-protocol` and `rskafka`, and beside loops written by hand.
//!
//! Each [`Case`] is work that every [`Side`] does on the same bytes. `codec-run` does it once for callgrind to count,
//! `codec-table` counts all and prints the ratios, `cargo bench` takes the time.

pub mod bytes_of;
mod case;
mod sides;

pub use self::{
    case::{CASES, Case, Limit, Way},
    sides::{Outcome, SIDES, Side, Work, measured},
};

/// What any of the crates may fail with; on the bytes of a bench none does.
pub type Failure = Box<dyn std::error::Error>;
