//! `message_sets` of kafka-fuzz, for libFuzzer.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    kafka_fuzz::message_sets(data);
});
