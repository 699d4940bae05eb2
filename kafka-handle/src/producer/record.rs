//! A record on its way out, borrowed from the application.

use kafka_engine::accumulator::RecordRef;
use kafka_engine::mutant;

/// A header of a record: its key and its value, which may be null. Kafka keeps their order and allows a key twice.
pub type Header<'a> = kafka_engine::accumulator::HeaderRef<'a>;

/// A header with a value.
///
/// ```
/// use kafka_handle::{Record, header};
/// let headers = [header("trace", b"4bf92f35"), header("hop", "1")];
/// let record = Record::to("orders").value("...").headers(&headers);
/// assert_eq!(record.headers[1], (&b"hop"[..], Some(&b"1"[..])));
/// ```
pub fn header<'a>(key: &'a str, value: &'a (impl AsRef<[u8]> + ?Sized)) -> Header<'a> {
    (key.as_bytes(), Some(value.as_ref()))
}

/// A record to send: a small bundle of borrowed parts, copied once, into the batch that it is sent in.
///
/// ```
/// use kafka_handle::Record;
/// let record = Record::to("orders").key("4711").value(br#"{"total": 12}"#);
/// assert_eq!(record.key, Some(&b"4711"[..]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Record<'a> {
    /// The topic's name.
    pub topic: &'a str,
    /// The partition; `None`: chosen by the hash of the key, or if there is none, one that has a leader.
    pub partition: Option<i32>,
    /// Its key, or null.
    pub key: Option<&'a [u8]>,
    /// Its value, or null (which deletes the key in a compacted topic).
    pub value: Option<&'a [u8]>,
    /// Its headers, in order.
    pub headers: &'a [Header<'a>],
    /// Milliseconds since 1970, not negative. `None`: the time at which its batch was opened.
    pub timestamp: Option<i64>,
}

impl<'a> Record<'a> {
    /// A record with nothing in it, for a [`TopicProducer`](crate::TopicProducer), which knows its topic.
    pub const fn new() -> Self {
        Self { topic: "", partition: None, key: None, value: None, headers: &[], timestamp: None }
    }

    /// A record for a topic, with nothing in it yet.
    pub const fn to(topic: &'a str) -> Self {
        Self { topic, ..Self::new() }
    }

    /// With this key.
    #[must_use]
    #[inline]
    pub fn key(mut self, key: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        self.key = Some(key.as_ref());
        self
    }

    /// With this value.
    #[must_use]
    #[inline]
    pub fn value(mut self, value: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        self.value = Some(value.as_ref());
        self
    }

    /// With these headers.
    #[must_use]
    pub const fn headers(mut self, headers: &'a [Header<'a>]) -> Self {
        self.headers = headers;
        self
    }

    /// Into this partition.
    #[must_use]
    pub const fn partition(mut self, partition: i32) -> Self {
        self.partition = Some(partition);
        self
    }

    /// With this timestamp, milliseconds since 1970.
    #[must_use]
    pub const fn timestamp(mut self, timestamp: i64) -> Self {
        self.timestamp = Some(timestamp);
        self
    }

    #[inline]
    pub(crate) fn as_ref(&self) -> RecordRef<'a> {
        RecordRef {
            key: self.key,
            value: self.value,
            headers: if mutant!("headers_lost") { &[] } else { self.headers },
            timestamp: self.timestamp,
        }
    }

    /// About its length on the wire, in bytes, but for headers.
    #[inline]
    pub(crate) fn about_bytes(&self) -> usize {
        /// Lengths, attributes and deltas take so much as a rule.
        const FRAMING: usize = 8;
        self.key
            .map_or(0, <[u8]>::len)
            .saturating_add(self.value.map_or(0, <[u8]>::len))
            .saturating_add(FRAMING)
    }

    /// An upper bound of its length on the wire, in bytes.
    pub(crate) fn bytes_max(&self) -> usize {
        /// Length, attributes, timestamp and offset delta, and the lengths of key, value and headers: at most.
        const FRAMING: usize = 5 + 1 + 10 + 5 + 5 + 5 + 5;
        let mut bytes = FRAMING;
        bytes = bytes.saturating_add(self.key.map_or(0, <[u8]>::len));
        bytes = bytes.saturating_add(self.value.map_or(0, <[u8]>::len));
        for (key, value) in self.headers {
            bytes =
                bytes.saturating_add(10 + key.len()).saturating_add(value.map_or(0, <[u8]>::len));
        }
        bytes
    }
}
