//! A connection that requests go over one by one, and what makes answers of two brokers comparable.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use kafka_proto::header::{decode_response_header, encode_request};
use kafka_proto::messages::api_versions::ApiVersionsRequest;
use kafka_proto::messages::metadata::{MetadataRequest, MetadataRequestTopic};
use kafka_proto::{ApiKey, Message, Request, Uuid, json, messages, releases};
use serde_json::{Value, json};

use crate::ours::LONG;

/// Correlation ids of requests, and of what is sent behind each to see whether it is answered at all.
const ASKED: i32 = 1;
const MARKER: i32 = 2;

/// The versions of an API that a 4.4 broker takes.
pub(crate) fn versions(api: ApiKey) -> std::ops::RangeInclusive<i16> {
    let range = releases::NEWEST.range(api);
    // The oldest are advertised only.
    let min = if api == ApiKey::Produce { 3 } else { range.min };
    min..=range.max
}

/// Connects anew after every request that closed the connection.
pub(crate) struct Line {
    bootstrap: String,
    stream: Option<TcpStream>,
}

impl Line {
    pub(crate) fn new(bootstrap: String) -> Self {
        Self { bootstrap, stream: None }
    }

    /// What a request is answered with: the body, `"nothing"` or `"closed"`; `None` if the version can't carry it.
    pub(crate) fn ask<R: Request>(&mut self, version: i16, request: &R) -> Option<Value> {
        let body = match self.exchange(version, request)? {
            Said::Closed => return Some(json!("closed")),
            Said::Nothing => return Some(json!("nothing")),
            Said::Frame(frame) => frame,
        };
        let (correlation, mut reader) =
            decode_response_header(body, R::API, version).expect("a header");
        assert_eq!(correlation, ASKED);
        let schema = messages::schema(R::Response::NAME).expect("a message");
        let mut value = json::decode_with(schema, &mut reader).expect("a body");
        assert_eq!(reader.remaining(), 0, "{} {version}", R::API);
        comparable(&mut value);
        Some(value)
    }

    /// A topic's id, once the broker knows the topic and who leads it.
    pub(crate) fn topic_id(&mut self, name: &str) -> Uuid {
        let wanted = MetadataRequestTopic { name: Some(name.into()), ..Default::default() };
        let request = MetadataRequest { topics: Some(vec![wanted]), ..Default::default() };
        let deadline = Instant::now() + LONG;
        loop {
            let Some(Said::Frame(frame)) = self.exchange(12, &request) else { panic!("an answer") };
            let (_, reader) = decode_response_header(frame, ApiKey::Metadata, 12).unwrap();
            let answer: messages::MetadataResponse =
                kafka_proto::header::decode_body(reader).unwrap();
            let topic = &answer.topics[0];
            let led = topic.partitions.iter().all(|partition| partition.leader_id >= 0);
            if topic.error_code == 0 && led {
                return topic.topic_id;
            }
            assert!(Instant::now() < deadline, "{topic:?}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn exchange<R: Request>(&mut self, version: i16, request: &R) -> Option<Said> {
        let asked = encode_request(request, version, ASKED, Some("wire")).ok()?;
        let marker = encode_request(&ApiVersionsRequest::default(), 0, MARKER, Some("wire"));
        let stream =
            self.stream.get_or_insert_with(|| TcpStream::connect(&self.bootstrap).unwrap());
        stream.set_read_timeout(Some(LONG)).unwrap();
        let bytes = [asked.chunks.to_bytes(), marker.unwrap().chunks.to_bytes()].concat();
        let said = match stream.write_all(&bytes).map(|()| frame(stream)) {
            Ok(Some(first)) if first[..4] == MARKER.to_be_bytes() => return Some(Said::Nothing),
            Ok(Some(first)) => Said::Frame(first),
            _ => Said::Closed,
        };
        // An answer may be the last before the connection closes.
        if matches!(said, Said::Closed) || frame(stream).is_none() {
            self.stream = None;
        }
        Some(said)
    }
}

enum Said {
    Frame(Bytes),
    Nothing,
    Closed,
}

/// The next frame without its length; `None` at the end of the connection.
fn frame(stream: &mut TcpStream) -> Option<Bytes> {
    let mut length = [0; 4];
    stream.read_exact(&mut length).ok()?;
    let mut frame = vec![0; usize::try_from(i32::from_be_bytes(length)).unwrap()];
    stream.read_exact(&mut frame).ok()?;
    Some(frame.into())
}

/// Takes out of an answer what can't be the same for two brokers: names and numbers that they draw, where they listen,
/// and their words.
fn comparable(value: &mut Value) {
    match value {
        Value::Array(elements) => elements.iter_mut().for_each(comparable),
        Value::Object(fields) => {
            for (name, field) in fields {
                comparable(field);
                if let ("configs", Value::Array(configs)) = (name.as_str(), &mut *field) {
                    // A broker has them in the order of a hash table.
                    configs.sort_by_key(|config| config["name"].to_string());
                }
                let drawn = match name.as_str() {
                    "topicId" => *field != json!("AAAAAAAAAAAAAAAAAAAAAA"),
                    "errorMessage" | "batchIndexErrorMessage" => field.is_string(),
                    "producerId" => *field != json!(-1),
                    "clusterId" | "host" | "port" => true,
                    _ => false,
                };
                if drawn {
                    *field = json!("drawn");
                }
            }
        }
        _ => {}
    }
}
