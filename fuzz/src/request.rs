//! Request frames, header and body, as the simulated broker reads them.

use bytes::Bytes;
use kafka_proto::header::{decode_body_lenient, decode_request_header, encode_request};
use kafka_proto::messages::visit_all;
use kafka_proto::schema::MessageVisitor;
use kafka_proto::{Message, Reader, Request, RequestHeader};

use crate::response::round_trip;

/// The bytes are a request frame without its length prefix.
pub fn request(data: &[u8]) {
    let frame = Bytes::copy_from_slice(data);
    match decode_request_header(frame) {
        Ok((header, body)) => visit_all(&mut Visit { header, body }),
        Err(error) => assert!(error.offset() <= data.len(), "{error}"),
    }
}

struct Visit {
    header: RequestHeader,
    body: Reader,
}

impl MessageVisitor for Visit {
    fn message<M: Message>(&mut self) {}

    fn request<R: Request>(&mut self) {
        if R::API.to_i16() == self.header.api_key {
            round_trip::<R>(self.body.clone());
            self.whole_frame::<R>();
        }
    }
}

impl Visit {
    /// The same request in a frame of our own is read as the same.
    fn whole_frame<R: Request>(&self) {
        let Ok(body) = decode_body_lenient::<R>(self.body.clone()) else {
            return;
        };
        let RequestHeader { api_version, correlation_id, client_id, .. } = &self.header;
        // A client id of any length that could be read can be written.
        let encoded = encode_request(&body, *api_version, *correlation_id, client_id.as_deref());
        let Ok(encoded) = encoded else {
            return;
        };
        let frame = encoded.chunks.to_bytes();
        let length = frame.first_chunk().map(|prefix| u32::from_be_bytes(*prefix));
        assert_eq!(length.map(|length| length as usize + 4), Some(frame.len()));
        let (header, reader) = decode_request_header(frame.slice(4..)).expect("our own header");
        assert_eq!(header.api_key, R::API.to_i16());
        assert_eq!(
            (header.api_version, header.correlation_id, &header.client_id),
            (*api_version, *correlation_id, client_id)
        );
        assert_eq!(decode_body_lenient::<R>(reader).as_ref(), Ok(&body));
    }
}
