//! What goes to the Java client and comes from it, and its JSON.

use crate::error::{Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// A record header; keys repeat and keep their order.
pub type Header = (String, Option<Vec<u8>>);

/// A record for [`Java::produce`](super::Java::produce).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// The partition; `None` leaves it to the client's partitioner.
    pub partition: Option<i32>,
    /// The key; `None` is null.
    pub key: Option<Vec<u8>>,
    /// The value; `None` is null.
    pub value: Option<Vec<u8>>,
    /// The headers.
    pub headers: Vec<Header>,
    /// Milliseconds since 1970; `None` is the client's clock.
    pub timestamp: Option<i64>,
}

/// Where a record went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Placed {
    /// The partition.
    pub partition: i32,
    /// The offset.
    pub offset: i64,
    /// The timestamp it got, in milliseconds since 1970.
    pub timestamp: i64,
}

/// A record as the Java client read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consumed {
    /// The partition.
    pub partition: i32,
    /// The offset.
    pub offset: i64,
    /// Milliseconds since 1970.
    pub timestamp: i64,
    /// `CreateTime` or `LogAppendTime`.
    pub timestamp_type: String,
    /// The epoch of the leader that appended it.
    pub leader_epoch: Option<i32>,
    /// The key.
    pub key: Option<Vec<u8>>,
    /// The value.
    pub value: Option<Vec<u8>>,
    /// The headers, in order.
    pub headers: Vec<Header>,
}

/// A topic of a listing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Topic {
    /// Its name.
    pub name: String,
    /// Its id, in Kafka's base64 form.
    pub id: String,
    /// Whether it is the cluster's own.
    pub internal: bool,
}

/// A partition and its replicas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leader {
    /// The partition.
    pub partition: i32,
    /// The leader's broker id; `None` while there is none.
    pub leader: Option<i32>,
    /// All replicas, preferred leader first.
    pub replicas: Vec<i32>,
    /// Those in sync.
    pub isr: Vec<i32>,
}

/// A partition's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndOffsets {
    /// The partition.
    pub partition: i32,
    /// The first offset that is there.
    pub start: i64,
    /// One past the last that a consumer may read.
    pub end: i64,
}

impl Record {
    /// A record with this value and nothing else.
    pub fn value(value: impl Into<Vec<u8>>) -> Self {
        Self { value: Some(value.into()), ..Self::default() }
    }

    /// The same for a given partition.
    #[must_use]
    pub fn to(mut self, partition: i32) -> Self {
        self.partition = Some(partition);
        self
    }

    pub(super) fn to_json(&self) -> Value {
        let headers: Vec<Value> = self
            .headers
            .iter()
            .map(|(key, value)| json!([key, encode(value.as_deref())]))
            .collect();
        json!({
            "partition": self.partition,
            "key": encode(self.key.as_deref()),
            "value": encode(self.value.as_deref()),
            "headers": headers,
            "timestamp": self.timestamp,
        })
    }
}

impl Placed {
    pub(super) fn from_json(json: &Value) -> Result<Self> {
        if let Some(error) = json.get("error").and_then(Value::as_str) {
            return Err(Error::Java(error.to_owned()));
        }
        Ok(Self {
            partition: int(json, "partition")?,
            offset: long(json, "offset")?,
            timestamp: long(json, "timestamp")?,
        })
    }
}

impl Consumed {
    pub(super) fn from_json(json: &Value) -> Result<Self> {
        Ok(Self {
            partition: int(json, "partition")?,
            offset: long(json, "offset")?,
            timestamp: long(json, "timestamp")?,
            timestamp_type: text(json, "timestampType")?,
            leader_epoch: int(json, "leaderEpoch").ok(),
            key: decode(json, json.get("key"))?,
            value: decode(json, json.get("value"))?,
            headers: array(json, "headers")?
                .iter()
                .map(|pair| {
                    let key = pair.get(0).and_then(Value::as_str).ok_or_else(|| unusable(json))?;
                    Ok((key.to_owned(), decode(json, pair.get(1))?))
                })
                .collect::<Result<_>>()?,
        })
    }

    /// What of it came from its producer, with the partition it went to.
    pub fn record(&self) -> Record {
        Record {
            partition: Some(self.partition),
            key: self.key.clone(),
            value: self.value.clone(),
            headers: self.headers.clone(),
            timestamp: Some(self.timestamp),
        }
    }
}

impl Topic {
    pub(super) fn from_json(json: &Value) -> Result<Self> {
        let internal =
            json.get("internal").and_then(Value::as_bool).ok_or_else(|| unusable(json))?;
        Ok(Self { name: text(json, "topic")?, id: text(json, "id")?, internal })
    }
}

impl Leader {
    pub(super) fn from_json(json: &Value) -> Result<Self> {
        let ids = |name| -> Result<Vec<i32>> {
            array(json, name)?.iter().map(|id| narrow(json, id.as_i64())).collect()
        };
        let leader = Some(int(json, "leader")?).filter(|id| *id >= 0);
        Ok(Self {
            partition: int(json, "partition")?,
            leader,
            replicas: ids("replicas")?,
            isr: ids("isr")?,
        })
    }
}

impl EndOffsets {
    pub(super) fn from_json(json: &Value) -> Result<Self> {
        Ok(Self {
            partition: int(json, "partition")?,
            start: long(json, "start")?,
            end: long(json, "end")?,
        })
    }
}

/// A committed offset: topic, partition, offset.
pub(super) fn committed(json: &Value) -> Result<(String, i32, i64)> {
    Ok((text(json, "topic")?, int(json, "partition")?, long(json, "offset")?))
}

fn encode(bytes: Option<&[u8]>) -> Option<String> {
    bytes.map(|bytes| STANDARD.encode(bytes))
}

/// Bytes, or null.
fn decode(line: &Value, value: Option<&Value>) -> Result<Option<Vec<u8>>> {
    match value {
        Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => STANDARD.decode(text).map(Some).map_err(|_| unusable(line)),
        _ => Err(unusable(line)),
    }
}

fn long(line: &Value, name: &str) -> Result<i64> {
    line.get(name).and_then(Value::as_i64).ok_or_else(|| unusable(line))
}

fn int(line: &Value, name: &str) -> Result<i32> {
    narrow(line, line.get(name).and_then(Value::as_i64))
}

fn narrow(line: &Value, number: Option<i64>) -> Result<i32> {
    number.and_then(|number| i32::try_from(number).ok()).ok_or_else(|| unusable(line))
}

fn text(line: &Value, name: &str) -> Result<String> {
    line.get(name).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| unusable(line))
}

fn array<'a>(line: &'a Value, name: &str) -> Result<&'a Vec<Value>> {
    line.get(name).and_then(Value::as_array).ok_or_else(|| unusable(line))
}

fn unusable(line: &Value) -> Error {
    Error::Answer(line.to_string())
}
