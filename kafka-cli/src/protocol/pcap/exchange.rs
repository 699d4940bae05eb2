//! What a capture tells: requests with their responses, and what else happens on connections.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use bytes::Bytes;
use kafka_proto::{
    ApiKey, DecodeError, ErrorCode, Reader, VersionRange, json, messages, releases, schema::Field,
    schema::Message,
};
use serde_json::Value;

use super::capture::Time;
use super::frames::Frame;
use super::guess::{correlation_of_request, i16_at};
use crate::protocol::frame::Coding;
use crate::protocol::target::{Kind, api_schema};

/// Something to print.
#[derive(Debug)]
pub(super) enum Event {
    /// On a connection that speaks Kafka's protocol.
    Exchange { client: SocketAddr, broker: SocketAddr, exchange: Box<Exchange> },
    /// A connection is encrypted.
    Tls { time: Time, client: SocketAddr, broker: SocketAddr },
}

/// A request and what became of it.
#[derive(Debug)]
pub(super) enum Exchange {
    /// It has a response.
    Answered(Request, Frame),
    /// It wants no response.
    Silent(Request),
    /// No response was captured.
    Unanswered(Request),
    /// A response whose request was not captured.
    Stray(Frame),
    /// A token of SASL without a header, and the broker's.
    Tokens { token: Frame, answer: Option<Frame> },
}

/// A request's frame, with what stands at its beginning.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) frame: Frame,
    /// The API, if there is one of that key.
    pub(super) api: Option<ApiKey>,
    pub(super) key: i16,
    pub(super) version: i16,
    pub(super) correlation: i32,
}

impl Request {
    pub(super) fn new(frame: Frame) -> Self {
        let key = i16_at(&frame.bytes, 0).unwrap_or(-1);
        Self {
            api: ApiKey::from_i16(key),
            key,
            version: i16_at(&frame.bytes, 2).unwrap_or(-1),
            correlation: correlation_of_request(&frame.bytes).unwrap_or(-1),
            frame,
        }
    }

    /// Whether it is a Produce request with acks=0, which brokers don't answer.
    pub(super) fn wants_no_response(&self) -> bool {
        self.api == Some(ApiKey::Produce) && self.acks().is_ok_and(|acks| acks == 0)
    }

    fn acks(&self) -> Result<i16, DecodeError> {
        let header_version = ApiKey::Produce.request_header_version(self.version);
        let mut reader = Reader::new(self.frame.bytes.clone(), header_version, false);
        json::decode_with(messages::RequestHeader::SCHEMA, &mut reader)?;
        reader.set_version(self.version, ApiKey::Produce.is_flexible(self.version));
        if self.version >= 3 {
            // The transactional id.
            reader.read_str()?;
        }
        i16::read(&mut reader, false)
    }

    /// The header and the body.
    pub(super) fn decode(&self) -> Result<Value, String> {
        decode(self.api, self.version, Kind::Request, &self.frame)
    }

    /// The header and the body of the response to it.
    pub(super) fn decode_response(&self, response: &Frame) -> Result<Value, String> {
        let decoded = decode(self.api, self.version, Kind::Response, response);
        match (decoded, self.api) {
            // A broker that doesn't know the version says so in the oldest one (KIP-511).
            (Err(error), Some(ApiKey::ApiVersions)) if self.version > 0 => {
                decode(self.api, 0, Kind::Response, response).map_err(|_| error)
            }
            (decoded, _) => decoded,
        }
    }
}

fn decode(api: Option<ApiKey>, version: i16, kind: Kind, frame: &Frame) -> Result<Value, String> {
    let api = api.ok_or("unknown API")?;
    if frame.missing() > 0 {
        return Err(format!("{} bytes were not captured", frame.missing()));
    }
    let coding = Coding { schema: api_schema(api, kind)?, version, with_header: true };
    coding.decode(Bytes::clone(&frame.bytes))
}

/// The release of the broker, if the message answers ApiVersions.
pub(super) fn broker_release(response: &Value) -> Option<String> {
    let apis = response.pointer("/body/apiKeys")?.as_array()?;
    let number = |api: &Value, name: &str| i16::try_from(api.get(name)?.as_i64()?).ok();
    let ranges: Option<Vec<(i16, VersionRange)>> = apis
        .iter()
        .map(|api| {
            let (min, max) = (number(api, "minVersion")?, number(api, "maxVersion")?);
            Some((number(api, "apiKey")?, VersionRange::new(min, max)))
        })
        .collect();
    releases::infer(&ranges?).map(|inferred| inferred.to_string())
}

/// The errors anywhere in a response, with how often each is there, by name.
pub(super) fn errors(response: &Value) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    count_errors(response, &mut counts);
    counts
}

fn count_errors(value: &Value, counts: &mut BTreeMap<String, u64>) {
    match value {
        Value::Array(elements) => elements.iter().for_each(|value| count_errors(value, counts)),
        Value::Object(fields) => {
            for (name, value) in fields {
                let is_code = name == "errorCode" || name.ends_with("ErrorCode");
                let code = value.as_i64().filter(|code| is_code && *code != 0);
                match code.and_then(|code| i16::try_from(code).ok()) {
                    Some(code) => *counts.entry(ErrorCode(code).to_string()).or_default() += 1,
                    None => count_errors(value, counts),
                }
            }
        }
        _ => {}
    }
}
