//! Messages and frames against their bytes: known ones, random ones and hostile ones.

mod frames;
mod generate;
mod hostile;
#[cfg(feature = "json")]
mod json;
mod known_bytes;
mod roundtrip;
mod tables;
