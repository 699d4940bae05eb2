//! Message sets of magic 0 and 1: the formats of brokers before 0.11, and of what their clients send.
//!
//! ```text
//! Offset        i64
//! Size          i32, bytes that follow
//! Crc           u32, CRC-32 (of gzip, not Castagnoli's) of everything from the magic on
//! Magic         i8, 0 or 1
//! Attributes    i8: bits 0 to 2 codec, bit 3 timestamp type (in magic 1)
//! Timestamp     i64, in magic 1 (KIP-32)
//! Key           i32 length (-1 is null), bytes
//! Value         i32 length (-1 is null), bytes
//! ```
//! A message set is such messages back to back. A compressed one is a single message, the wrapper, whose value is the
//! compressed set, and whose offset is that of the last message within. In magic 0 the messages within have the offsets
//! that they have in the partition, so that a broker has to compress again what it appends; in magic 1 they count from
//! the first of them (KIP-31). If the broker stamps, only the wrapper's timestamp is right.

mod builder;
mod entry;
mod header;
mod iter;

pub use builder::{MessageSetBuilder, message_size};
pub use entry::MessageEntry;
pub use header::MessageHeader;
pub use iter::{MessageIter, MessageRecords};
