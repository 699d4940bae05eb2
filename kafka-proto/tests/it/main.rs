//! Messages and frames against their bytes: known ones, random ones and hostile ones.

mod frames;
mod generate;
mod hostile;
mod known_bytes;
mod roundtrip;
mod tables;
