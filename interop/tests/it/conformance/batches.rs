//! Record batches and message sets, told in the JSON that the Java side tells them in, and built from it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use kafka_proto::records::{
    BatchBuilder, Codec, ControlRecord, MessageSetBuilder, Record, RecordSet, RecordSets,
};
use kafka_proto::{DecodeError, EncodeError};
use serde_json::{Value, json};

/// More than any batch of these tests inflates to.
pub(super) const LIMIT: usize = 1 << 24;

/// What we see in the bytes. `checked` is whether the checksums have to be right.
pub(super) fn tell(bytes: Bytes, checked: bool) -> Result<Value, DecodeError> {
    RecordSets::new(bytes).map(|set| tell_set(&set?, checked)).collect()
}

fn tell_set(set: &RecordSet, checked: bool) -> Result<Value, DecodeError> {
    if checked {
        set.verify_crc()?;
    }
    let mut told = json!({
        "magic": set.magic(),
        "codec": set.codec()?.name(),
        "log_append_time": set.is_log_append_time(),
        "last_offset": set.last_offset()?,
        "max_timestamp": set.max_timestamp(),
    });
    if let RecordSet::Batch(batch) = set {
        let header = batch.header();
        told["base_offset"] = header.base_offset.into();
        told["leader_epoch"] = header.partition_leader_epoch.into();
        told["producer_id"] = header.producer_id.into();
        told["producer_epoch"] = header.producer_epoch.into();
        told["base_sequence"] = header.base_sequence.into();
        told["transactional"] = header.attributes.is_transactional().into();
        told["control"] = header.attributes.is_control().into();
        told["count"] = header.records_count.into();
    }
    let records = set.records(LIMIT)?;
    let records = records.iter().map(|record| tell_record(&record?, set.is_control()));
    told["records"] = records.collect::<Result<Value, DecodeError>>()?;
    Ok(told)
}

fn tell_record(record: &Record<'_>, control: bool) -> Result<Value, DecodeError> {
    let headers = record.headers.iter().map(|(key, value)| {
        json!([str::from_utf8(key).unwrap(), value.map(|value| STANDARD.encode(value))])
    });
    let mut told = json!({
        "offset": record.offset,
        "timestamp": record.timestamp,
        "key": record.key.map(|key| STANDARD.encode(key)),
        "value": record.value.map(|value| STANDARD.encode(value)),
        "headers": headers.collect::<Value>(),
    });
    if control {
        told["control"] = ControlRecord::parse(record)?.kind.number().into();
    }
    Ok(told)
}

/// The same batches and message sets by our builders.
pub(super) fn build(told: &Value) -> Result<Vec<u8>, EncodeError> {
    let mut bytes = Vec::new();
    for set in told.as_array().unwrap() {
        let built = if set["magic"] == 2 { build_batch(set)? } else { build_messages(set)? };
        bytes.extend_from_slice(&built);
    }
    Ok(bytes)
}

fn build_batch(told: &Value) -> Result<Bytes, EncodeError> {
    let base = number(&told["base_offset"]);
    let mut batch = BatchBuilder::new(codec(told))
        .with_producer(
            number(&told["producer_id"]),
            number(&told["producer_epoch"]) as i16,
            number(&told["base_sequence"]) as i32,
        )
        .with_transactional(told["transactional"] == true)
        .with_leader_epoch(number(&told["leader_epoch"]) as i32);
    if told["control"] == true {
        batch = batch.with_control();
    }
    if told["log_append_time"] == true {
        batch = batch.with_log_append_time(number(&told["max_timestamp"]));
    }
    for record in told["records"].as_array().unwrap() {
        let fields = Fields::of(record);
        let headers: Vec<(&[u8], Option<&[u8]>)> =
            fields.headers.iter().map(|(key, value)| (key.as_bytes(), value.as_deref())).collect();
        let (key, value) = (fields.key.as_deref(), fields.value.as_deref());
        let delta = (fields.offset - base) as i32;
        batch.push_at(delta, fields.timestamp, key, value, &headers)?;
    }
    batch.build(base)
}

fn build_messages(told: &Value) -> Result<Bytes, EncodeError> {
    let records = told["records"].as_array().unwrap();
    let base = number(&records[0]["offset"]);
    let mut set = MessageSetBuilder::new(number(&told["magic"]) as i8, codec(told))?;
    if told["log_append_time"] == true {
        set = set.with_log_append_time(number(&told["max_timestamp"]));
    }
    for record in records {
        let Fields { offset, timestamp, key, value, .. } = Fields::of(record);
        set.push_at((offset - base) as i32, timestamp, key.as_deref(), value.as_deref())?;
    }
    set.build(base)
}

/// A record that was told.
struct Fields {
    offset: i64,
    timestamp: i64,
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    headers: Vec<(String, Option<Vec<u8>>)>,
}

impl Fields {
    fn of(told: &Value) -> Self {
        let bytes = |value: &Value| value.as_str().map(|text| STANDARD.decode(text).unwrap());
        let header = |pair: &Value| (pair[0].as_str().unwrap().to_owned(), bytes(&pair[1]));
        Self {
            offset: number(&told["offset"]),
            timestamp: number(&told["timestamp"]),
            key: bytes(&told["key"]),
            value: bytes(&told["value"]),
            headers: told["headers"].as_array().unwrap().iter().map(header).collect(),
        }
    }
}

fn codec(told: &Value) -> Codec {
    let named = |codec: &Codec| told["codec"] == codec.name();
    (0..5).filter_map(Codec::from_number).find(named).unwrap()
}

pub(super) fn number(value: &Value) -> i64 {
    value.as_i64().unwrap()
}
