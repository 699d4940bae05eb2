//! `convert` of kafka-fuzz, for libFuzzer.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    kafka_fuzz::convert(data);
});
