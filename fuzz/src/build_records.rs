//! Records into a batch and out again, with every codec.

use kafka_proto::records::{BatchBuilder, Batches, Codec, record_size};

use crate::input::Input;

/// The most that one batch may inflate to, in bytes.
const LIMIT: usize = 16 << 20;
/// The most records in a batch.
const RECORDS: usize = 100;
/// A length byte from here on stands for a longer field, which is a short one repeated.
const REPEATED: usize = 200;

#[derive(Debug, Default)]
struct Original {
    delta: i32,
    timestamp: i64,
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    headers: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

/// The bytes say which records, and what is in their batch's header.
pub fn build_records(data: &[u8]) {
    let mut input = Input::new(data);
    let level = input.flag().then(|| input.below(9) as i32 + 1);
    let base_offset = input.i64() & (i64::MAX >> 1);
    let producer = input.flag().then(|| (input.i64(), input.u16() as i16, input.i64() as i32));
    let transactional = input.flag();
    let log_append_time = input.flag().then(|| input.i64());
    let records = originals(&mut input);
    for codec in Codec::ALL {
        let mut builder = BatchBuilder::new(codec).with_transactional(transactional);
        if let Some(level) = level {
            builder = builder.with_level(level);
        }
        if let Some((id, epoch, sequence)) = producer {
            builder = builder.with_producer(id, epoch, sequence);
        }
        if let Some(timestamp) = log_append_time {
            builder = builder.with_log_append_time(timestamp);
        }
        check(builder, codec, base_offset, log_append_time, &records);
    }
}

fn originals(input: &mut Input<'_>) -> Vec<Original> {
    let mut records: Vec<Original> = Vec::new();
    let mut delta: i32 = 0;
    while !input.is_empty() && records.len() < RECORDS {
        let shape = input.byte();
        delta = delta.saturating_add(if shape & 1 == 0 { 0 } else { i32::from(input.u16()) });
        let timestamp = match shape & 6 {
            0 => 1_700_000_000_000 + i64::from(input.byte()),
            2 => records.last().map_or(0, |record| record.timestamp),
            _ => input.i64(),
        };
        let key = (shape & 8 != 0).then(|| field(input));
        let value = (shape & 16 == 0).then(|| field(input));
        let headers = match shape >> 5 {
            0..4 => Vec::new(),
            some => {
                (0..some - 3).map(|_| (field(input), input.flag().then(|| field(input)))).collect()
            }
        };
        records.push(Original { delta, timestamp, key, value, headers });
        match delta.checked_add(1) {
            Some(next) => delta = next,
            None => break,
        }
    }
    records
}

fn field(input: &mut Input<'_>) -> Vec<u8> {
    match usize::from(input.byte()) {
        short @ 0..REPEATED => input.take(short).to_vec(),
        long => input.take(16).repeat((long - REPEATED + 1) * 20),
    }
}

fn check(
    mut builder: BatchBuilder,
    codec: Codec,
    base_offset: i64,
    log_append_time: Option<i64>,
    records: &[Original],
) {
    let mut size = 0;
    let base_timestamp = records.first().map_or(-1, |record| record.timestamp);
    for record in records {
        let headers: Vec<_> =
            record.headers.iter().map(|(key, value)| (key.as_slice(), value.as_deref())).collect();
        let (key, value) = (record.key.as_deref(), record.value.as_deref());
        builder.push_at(record.delta, record.timestamp, key, value, &headers).expect("in order");
        let delta = record.timestamp.wrapping_sub(base_timestamp);
        size += record_size(delta, record.delta, key, value, &headers);
    }
    assert_eq!(builder.len(), records.len());
    let bytes = builder.build(base_offset).expect("short enough");
    let mut batches = Batches::new(bytes.clone());
    let batch = batches.next().expect("a batch").expect("a sound header");
    assert!(batches.next().is_none() && !batches.partial_tail());
    assert_eq!(batch.verify_crc(), Ok(()));
    let header = batch.header();
    assert_eq!(header.base_offset, base_offset);
    let used = if records.is_empty() { Codec::None } else { codec };
    assert_eq!(header.attributes.codec(), Ok(used));
    let payload = batch.payload(LIMIT).expect("within the limit");
    assert_eq!(payload.len(), size);
    let read = batch.records(LIMIT).expect("within the limit");
    let mut read = read.iter();
    for record in records {
        let found = read.next().expect("as many as were pushed").expect("sound");
        assert_eq!(found.offset, base_offset + i64::from(record.delta));
        assert_eq!(found.timestamp, log_append_time.unwrap_or(record.timestamp));
        assert_eq!((found.key, found.value), (record.key.as_deref(), record.value.as_deref()));
        let headers: Vec<_> = found
            .headers
            .iter()
            .map(|(key, value)| (key.to_vec(), value.map(<[u8]>::to_vec)))
            .collect();
        assert_eq!(headers, record.headers);
    }
    assert!(read.next().is_none());
}
