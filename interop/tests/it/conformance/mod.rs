//! Our schemas, codecs and record formats against Kafka's own classes.
//!
//! The truth is what two releases say: 4.4.0 for all versions that it has, and 3.9.2 for those that 4.0 dropped.
//! Releases after these are compared by adding them to [`RELEASES`]; what they have and we don't is then named.

mod batches;
mod codecs;
mod compare;
mod doctored;
#[path = "../../../../kafka-proto/tests/it/generate.rs"]
mod generate;
mod messages;
mod records;
mod schemas;
mod spec;
mod table;

use kafka_interop::conformance::Classes;
use kafka_interop::maven::{LAST_BEFORE_4, LATEST};
use serde_json::Value;

/// The releases that are compared, the newest first.
const RELEASES: [&str; 2] = [LATEST, LAST_BEFORE_4];

/// All lines of an answer to a command that reads nothing.
fn lines(classes: &Classes, words: &[&str]) -> Vec<Value> {
    let mut lines = Vec::new();
    classes.ask(words, std::iter::empty(), |line| lines.push(line)).unwrap();
    assert!(!lines.is_empty(), "{words:?} of {} gave nothing", classes.version());
    lines
}

fn hex(bytes: &[u8]) -> String {
    let digits = b"0123456789abcdef";
    let pairs = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    pairs.map(|digit| digits[usize::from(digit)] as char).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digit = |digit: u8| if digit <= b'9' { digit - b'0' } else { digit - b'a' + 10 };
    text.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}
