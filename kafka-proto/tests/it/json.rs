//! Messages as JSON, against texts worked out by hand from what Kafka's converters print.

use bytes::Bytes;
use kafka_proto::{
    DecodeErrorKind, Reader,
    json::{self, JsonError},
    messages,
    schema::MessageSchema,
};
use serde_json::Value;

use crate::{
    generate::{FEW, Random, body},
    known_bytes::hex,
};

fn schema(name: &str) -> &'static MessageSchema {
    messages::schema(name).unwrap_or_else(|| panic!("no message {name}"))
}

fn decode(name: &str, version: i16, bytes: &str) -> Value {
    json::decode(schema(name), version, Bytes::from(hex(bytes))).unwrap()
}

fn encode(name: &str, version: i16, text: &str) -> Result<Bytes, JsonError> {
    json::encode(schema(name), version, &serde_json::from_str(text).unwrap())
}

/// The bytes print as this text, its white space aside, and the text encodes to the bytes.
#[track_caller]
fn check(name: &str, version: i16, bytes: &str, text: &str) {
    let compact: String = text.split_ascii_whitespace().collect();
    assert_eq!(decode(name, version, bytes).to_string(), compact);
    assert_eq!(encode(name, version, text).unwrap(), hex(bytes));
}

#[track_caller]
fn refused(name: &str, version: i16, text: &str, want: &str) {
    assert_eq!(encode(name, version, text).unwrap_err().to_string(), want);
}

#[test]
fn fields_are_in_order_and_those_of_other_versions_left_out() {
    check(
        "MetadataResponse",
        1,
        "00000001 00000001 0001 61 00002384 ffff  00000001
         00000001 0000 0001 74 00 00000001 0000 00000000 00000001 00000001 00000001 00000001 00000001",
        r#"{"brokers": [{"nodeId": 1, "host": "a", "port": 9092, "rack": null}], "controllerId": 1,
            "topics": [{"errorCode": 0, "name": "t", "isInternal": false, "partitions": [
                {"errorCode": 0, "partitionIndex": 0, "leaderId": 1, "replicaNodes": [1], "isrNodes": [1]}]}]}"#,
    );
    check("ApiVersionsRequest", 0, "", "{}");
    check(
        "MetadataRequest",
        4,
        "ffffffff 01",
        r#"{"topics": null, "allowAutoTopicCreation": true}"#,
    );
}

#[test]
fn ids_are_base64_even_where_they_are_zero() {
    check(
        "MetadataResponse",
        12,
        "00000000 01 00 ffffffff
         03 0064 00 00000000000000000000000000000000 00 01 80000000 00
            0003 02 74 11111111111111111111111111111111 01 01 00000007 00  00",
        r#"{"throttleTimeMs": 0, "brokers": [], "clusterId": null, "controllerId": -1, "topics": [
            {"errorCode": 100, "name": null, "topicId": "AAAAAAAAAAAAAAAAAAAAAA", "isInternal": false,
             "partitions": [], "topicAuthorizedOperations": -2147483648},
            {"errorCode": 3, "name": "t", "topicId": "EREREREREREREREREREREQ", "isInternal": true,
             "partitions": [], "topicAuthorizedOperations": 7}]}"#,
    );
}

const FETCHED: &str = "00000005 0000 00000007 02 02 74 02
    00000000 0000 000000000000000a 000000000000000b 0000000000000000 00 ffffffff 05 010203ff";

/// [`FETCHED`] as JSON, with something between the log's start and the aborted transactions.
fn fetched(tagged: &str) -> String {
    format!(
        r#"{{"throttleTimeMs": 5, "errorCode": 0, "sessionId": 7, "responses": [{{"topic": "t", "partitions": [
            {{"partitionIndex": 0, "errorCode": 0, "highWatermark": 10, "lastStableOffset": 11, "logStartOffset": 0,
             {tagged} "abortedTransactions": null, "preferredReadReplica": -1, "records": "AQID/w=="}}]}}]}}"#
    )
}

#[test]
fn tagged_fields_stand_where_the_schema_has_them() {
    check(
        "FetchResponse",
        12,
        &format!(
            "{FETCHED} 02 00 0d 00000001 0000000000000002 00 01 09 00000002 00000003 00  00 00"
        ),
        &fetched(
            r#""divergingEpoch": {"epoch": 1, "endOffset": 2},
               "currentLeader": {"leaderId": 2, "leaderEpoch": 3},"#,
        ),
    );
    check("FetchResponse", 12, &format!("{FETCHED} 00 00 00"), &fetched(""));
    check(
        "ApiVersionsResponse",
        3,
        "0000 02 0012 0000 0003 00 00000000  02 00 08 02 02 66 0001 0002 00 01 08 0000000000000005",
        r#"{"errorCode": 0, "apiKeys": [{"apiKey": 18, "minVersion": 0, "maxVersion": 3}], "throttleTimeMs": 0,
            "supportedFeatures": [{"name": "f", "minVersion": 1, "maxVersion": 2}], "finalizedFeaturesEpoch": 5}"#,
    );
}

#[test]
fn tagged_fields_at_their_default_and_unknown_ones_are_left_out() {
    let plain: Value = serde_json::from_str(&fetched("")).unwrap();
    // Tag 1 at its default, and tag 40, which no schema has.
    let bytes = format!("{FETCHED} 02 01 09 ffffffff ffffffff 00 28 01 aa  00 00");
    assert_eq!(decode("FetchResponse", 12, &bytes), plain);
    // A struct that differs from its default in something unknown is no default.
    let bytes = format!("{FETCHED} 01 01 0c ffffffff ffffffff 01 28 01 aa  00 00");
    let leader = fetched(r#""currentLeader": {"leaderId": -1, "leaderEpoch": -1},"#);
    assert_eq!(
        decode("FetchResponse", 12, &bytes),
        serde_json::from_str::<Value>(&leader).unwrap()
    );
    assert_eq!(encode("FetchResponse", 12, &leader).unwrap(), hex(&format!("{FETCHED} 00 00 00")));
}

#[test]
fn structs_may_be_null() {
    let response = |assignment| {
        format!(
            r#"{{"throttleTimeMs": 0, "errorCode": 0, "errorMessage": null, "memberId": "m", "memberEpoch": 3,
                "heartbeatIntervalMs": 5000, "assignment": {assignment}}}"#
        )
    };
    let start = "00000000 0000 00 02 6d 00000003 00001388";
    let name = "ConsumerGroupHeartbeatResponse";
    check(name, 0, &format!("{start} ff 00"), &response("null"));
    check(
        name,
        0,
        &format!("{start} 01 02 00000000000000000000000000000000 02 00000003 00 00 00"),
        &response(
            r#"{"topicPartitions": [{"topicId": "AAAAAAAAAAAAAAAAAAAAAA", "partitions": [3]}]}"#,
        ),
    );
}

#[test]
fn numbers_of_all_types() {
    let port = |port| {
        format!(
            r#"{{"brokerId": 1, "clusterId": "", "incarnationId": "AAAAAAAAAAAAAAAAAAAAAA",
                "listeners": [{{"name": "P", "host": "h", "port": {port}, "securityProtocol": -1}}],
                "features": [], "rack": null}}"#
        )
    };
    let zero = "00000000000000000000000000000000";
    let bytes = format!("00000001 01 {zero} 02 02 50 02 68 ffff ffff 00 01 00 00");
    check("BrokerRegistrationRequest", 0, &bytes, &port("65535"));
    for (bad, why) in [
        ("65536", "65536 does not fit uint16"),
        ("-1", "-1 does not fit uint16"),
        ("1.0", "expected uint16, found a number with a fraction"),
        ("\"1\"", "expected uint16, found a string"),
        ("null", "null where a value is required"),
    ] {
        let want = format!("BrokerRegistrationRequest v0, listeners[0].port: {why}");
        refused("BrokerRegistrationRequest", 0, &port(bad), &want);
    }
    let offset = |offset| {
        format!(
            r#"{{"producerId": 0, "firstOffset": {offset}, "lastOffset": 0, "lastStableOffset": 0}}"#
        )
    };
    let bytes = format!("{:016x} {:016x} {:016x} {:016x}", 0, i64::MIN, 0, 0);
    check("AbortedTxn", 0, &bytes, &offset("-9223372036854775808"));
    let want = "AbortedTxn v0, firstOffset: 9223372036854775808 does not fit int64";
    refused("AbortedTxn", 0, &offset("9223372036854775808"), want);
    check("ControlRecordTypeSchema", 0, "ff85", r#"{"type": -123}"#);
}

#[test]
fn floats() {
    let quota = |value| {
        format!(
            r#"{{"throttleTimeMs": 0, "errorCode": 0, "errorMessage": null, "entries": [{{
                "entity": [{{"entityType": "user", "entityName": null}}],
                "values": [{{"key": "k", "value": {value}}}]}}]}}"#
        )
    };
    let bytes =
        |value| format!("00000000 0000 00 02 02 05 75736572 00 00 02 02 6b {value} 00 00 00");
    let name = "DescribeClientQuotasResponse";
    for (value, bits) in [
        ("1.5", "3ff8000000000000"),
        ("1024.0", "4090000000000000"),
        ("-0.0", "8000000000000000"),
        ("0.1", "3fb999999999999a"),
        ("5e-324", "0000000000000001"),
        ("\"NaN\"", "7ff8000000000000"),
        ("\"Infinity\"", "7ff0000000000000"),
        ("\"-Infinity\"", "fff0000000000000"),
    ] {
        check(name, 1, &bytes(bits), &quota(value));
    }
    assert_eq!(encode(name, 1, &quota("1024")).unwrap(), hex(&bytes("4090000000000000")));
    let want = "DescribeClientQuotasResponse v1, entries[0].values[0].value: expected float64, found a string";
    refused(name, 1, &quota("\"1.5\""), want);
}

/// What is printed is read again without a bit lost.
#[test]
fn text_keeps_every_float() {
    let schema = schema("DescribeClientQuotasResponse");
    for seed in 0..300 {
        let body = body(schema, 0, FEW, &mut Random(seed));
        let bytes = Bytes::from(body.bytes);
        let text = json::decode(schema, 0, bytes.clone()).unwrap().to_string();
        let value = serde_json::from_str(&text).unwrap();
        assert_eq!(json::encode(schema, 0, &value).unwrap(), bytes, "{text}");
    }
}

#[test]
fn headers() {
    check(
        "RequestHeader",
        2,
        "0012 0003 0000004d 0002 6d65 00",
        r#"{"requestApiKey": 18, "requestApiVersion": 3, "correlationId": 77, "clientId": "me"}"#,
    );
    check("ResponseHeader", 1, "0000004d 00", r#"{"correlationId": 77}"#);
}

const HEARTBEAT: &str = r#"{"groupId": "g", "generationId": 1, "memberId": "m""#;

#[test]
fn what_a_version_cannot_carry_is_refused() {
    let name = "HeartbeatRequest";
    let bytes = "0001 67 00000001 0001 6d";
    // What no version knows is ignored, and so is a default.
    let unknown = format!(r#"{HEARTBEAT}, "groupInstanceId": null, "other": [1, {{}}]}}"#);
    assert_eq!(encode(name, 0, &unknown).unwrap(), hex(bytes));
    let instance = format!(r#"{HEARTBEAT}, "groupInstanceId": "i"}}"#);
    refused(name, 0, &instance, "HeartbeatRequest v0, groupInstanceId: not in this version");
    refused(name, 5, &instance, "HeartbeatRequest v5: unsupported version");
    // An ignorable field is dropped.
    assert_eq!(encode("ApiVersionsRequest", 0, r#"{"clientSoftwareName": "x"}"#).unwrap(), "");
    // A tagged struct that is there has to be whole.
    let leader = fetched(r#""currentLeader": {"leaderId": -1},"#);
    let want = "FetchResponse v12, responses[0].partitions[0].currentLeader.leaderEpoch: missing";
    refused("FetchResponse", 12, &leader, want);
}

#[test]
fn what_is_no_message_is_refused() {
    let name = "HeartbeatRequest";
    refused(name, 0, "[]", "HeartbeatRequest v0: expected an object, found an array");
    refused(name, 0, r#"{"groupId": "g"}"#, "HeartbeatRequest v0, generationId: missing");
    refused(
        name,
        0,
        r#"{"groupId": 5}"#,
        "HeartbeatRequest v0, groupId: expected string, found a number",
    );
    refused(
        name,
        0,
        r#"{"groupId": null}"#,
        "HeartbeatRequest v0, groupId: null where a value is required",
    );
    let long = format!(r#"{{"groupId": "{}"}}"#, "x".repeat(32_768));
    refused(
        name,
        0,
        &long,
        "HeartbeatRequest v0, groupId: string of length 32768 is longer than 32767",
    );

    let name = "MetadataRequest";
    let topics = |topics: &str| format!(r#"{{"topics": {topics}}}"#);
    refused(name, 0, &topics("null"), "MetadataRequest v0, topics: null where a value is required");
    refused(
        name,
        1,
        &topics("{}"),
        "MetadataRequest v1, topics: expected an array, found an object",
    );
    let want = "MetadataRequest v1, topics[1].name: expected string, found a boolean";
    refused(name, 1, &topics(r#"[{"name": "a"}, {"name": false}]"#), want);
    let want = "MetadataRequest v1, topics[0]: null where a value is required";
    refused(name, 1, &topics("[null]"), want);
    let id = |id| topics(&format!(r#"[{{"topicId": "{id}", "name": null}}]"#));
    refused(name, 12, &id("AAAA"), "MetadataRequest v12, topics[0].topicId: invalid uuid");

    let name = "SaslAuthenticateRequest";
    let want = "SaslAuthenticateRequest v0, authBytes: invalid base64";
    refused(name, 0, r#"{"authBytes": "AQID_w=="}"#, want);
    refused(name, 0, r#"{"authBytes": "AQID/w"}"#, want);
    check(name, 0, "00000004 010203ff", r#"{"authBytes": "AQID/w=="}"#);
}

/// A version of its own to start from, and a reader that is left behind the message.
#[test]
fn decoding_within_something_else() {
    let mut reader = Reader::new(Bytes::from(hex("0001 beef")), 0, false);
    let schema = schema("ControlRecordTypeSchema");
    assert_eq!(json::decode_with(schema, &mut reader).unwrap().to_string(), r#"{"type":1}"#);
    assert_eq!(reader.remaining(), 2);
    let error = json::decode(schema, 0, Bytes::from(hex("0001 beef"))).unwrap_err();
    assert_eq!(error.kind(), &DecodeErrorKind::TrailingBytes(2));
    let error = json::decode(schema, 1, Bytes::new()).unwrap_err();
    assert_eq!(error.to_string(), "ControlRecordTypeSchema v1, byte 0: unsupported version");
}
