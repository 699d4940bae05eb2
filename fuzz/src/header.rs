//! Headers of frames, of every API and version, both ways.

use std::sync::OnceLock;

use bytes::Bytes;
use kafka_proto::messages::visit_all;
use kafka_proto::schema::MessageVisitor;
use kafka_proto::{
    ApiKey, EncodeError, Message, Reader, Request, decode_body, decode_request_header,
    decode_response_header, encode_request, encode_response,
};

/// The first byte says what the rest is: a request frame, or an API's key, a version and a response frame; neither with
/// its length prefix.
pub fn header(data: &[u8]) {
    match data {
        [0, frame @ ..] => request(frame),
        [_, key, version, frame @ ..] => {
            if let Some(api) = ApiKey::from_i16(i16::from(*key)) {
                response(api, i16::from(*version as i8), frame);
            }
        }
        _ => {}
    }
}

fn request(data: &[u8]) {
    let (header, body) = match decode_request_header(Bytes::copy_from_slice(data)) {
        Ok(read) => read,
        Err(error) => return assert!(error.offset() <= data.len(), "{error}"),
    };
    let (key, version) = (header.request_api_key, header.request_api_version);
    let api = ApiKey::from_i16(key).expect("only headers of known APIs are read");
    assert_eq!((body.version(), body.flexible()), (version, api.is_flexible(version)));
    let len = body.position();
    assert_eq!(len + body.remaining(), data.len());
    let written =
        (frames(api).request)(version, header.correlation_id, header.client_id.as_deref());
    // A version that does not exist can be read but not written.
    let Ok(written) = written else {
        return;
    };
    let frame = without_prefix(&written);
    let (again, body) = decode_request_header(frame.clone()).expect("our own header");
    assert!((frames(api).is_request)(body.clone()), "the body begins where its header ends");
    assert_eq!((again.request_api_key, again.request_api_version), (key, version));
    assert_eq!(again.correlation_id, header.correlation_id);
    assert_eq!(again.client_id, header.client_id);
    assert!(again.unknown_tagged_fields.is_empty());
    // A count of no tags may take more bytes than it needs; else only unknown tags make a difference.
    if header.unknown_tagged_fields.is_empty() && len == body.position() {
        assert_eq!(frame[..len], data[..len]);
    }
}

fn response(api: ApiKey, version: i16, data: &[u8]) {
    let (correlation_id, body) =
        match decode_response_header(Bytes::copy_from_slice(data), api, version) {
            Ok(read) => read,
            Err(error) => return assert!(error.offset() <= data.len(), "{error}"),
        };
    assert_eq!((body.version(), body.flexible()), (version, api.is_flexible(version)));
    assert_eq!(body.position() + body.remaining(), data.len());
    let Ok(written) = (frames(api).response)(version, correlation_id) else {
        return;
    };
    let read = decode_response_header(without_prefix(&written), api, version);
    let (again, body) = read.expect("our own header");
    assert_eq!(again, correlation_id);
    assert!((frames(api).is_response)(body), "the body begins where its header ends");
}

/// The frame behind its length prefix, which is right.
fn without_prefix(frame: &Bytes) -> Bytes {
    let length = frame.first_chunk().map(|prefix| u32::from_be_bytes(*prefix));
    assert_eq!(length.map(|length| length as usize + 4), Some(frame.len()));
    frame.slice(4..)
}

/// Writers of whole frames around bodies at their defaults, and whether a reader is at such a body.
struct Frames {
    api: ApiKey,
    request: fn(i16, i32, Option<&str>) -> Result<Bytes, EncodeError>,
    response: fn(i16, i32) -> Result<Bytes, EncodeError>,
    is_request: fn(Reader) -> bool,
    is_response: fn(Reader) -> bool,
}

fn frames(api: ApiKey) -> &'static Frames {
    static FRAMES: OnceLock<Vec<Frames>> = OnceLock::new();
    let frames = FRAMES.get_or_init(|| {
        let mut collect = Collect(Vec::new());
        visit_all(&mut collect);
        collect.0
    });
    frames.iter().find(|frames| frames.api == api).expect("every API has a request")
}

struct Collect(Vec<Frames>);

impl MessageVisitor for Collect {
    fn message<M: Message>(&mut self) {}

    fn request<R: Request>(&mut self) {
        self.0.push(Frames {
            api: R::API,
            request: |version, correlation_id, client_id| {
                let frame = encode_request(&R::default(), version, correlation_id, client_id)?;
                Ok(frame.chunks.to_bytes())
            },
            response: |version, correlation_id| {
                let frame = encode_response::<R>(&Default::default(), version, correlation_id)?;
                Ok(frame.chunks.to_bytes())
            },
            is_request: |body| decode_body(body) == Ok(R::default()),
            is_response: |body| decode_body(body) == Ok(R::Response::default()),
        });
    }
}
