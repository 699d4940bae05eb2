//! Bodies of every response, header and data message in every version: what can be decoded can be encoded, and comes
//! back the same.

use bytes::Bytes;
use kafka_proto::Reader;

use crate::messages::select;

/// The first two bytes name a message and a version; the rest is its body.
pub fn response(data: &[u8]) {
    if let Some((codec, version, body)) = select(data) {
        (codec.round_trip)(Reader::new(Bytes::copy_from_slice(body), version, false));
    }
}
