//! Request frames, header and body, of every API and version, as a broker reads them.

use bytes::Bytes;
use kafka_proto::decode_request_header;
use kafka_proto::schema::MessageKind;

use crate::messages::of_api;

/// The bytes are a request frame without its length prefix.
pub fn request(data: &[u8]) {
    match decode_request_header(Bytes::copy_from_slice(data)) {
        Ok((header, body)) => {
            let codec = of_api(header.request_api_key, MessageKind::Request);
            (codec.expect("a header names an API that is known").round_trip)(body);
        }
        Err(error) => assert!(error.offset() <= data.len(), "{error}"),
    }
}
