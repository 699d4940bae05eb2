//! `kafka protocol`: list, describe, decode and encode.

use std::io::{BufRead, BufReader, Write};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use kafka_proto::{ApiKey, messages};
use serde_json::{Value, json};

use crate::kafka::{Ended, end, run, spawn};

/// Runs `kafka protocol`; arguments are split at spaces.
pub(crate) fn protocol(line: &str, stdin: &[u8]) -> Ended {
    let args: Vec<&str> = ["protocol"].into_iter().chain(line.split_whitespace()).collect();
    run(&args, stdin)
}

/// The same, and it must succeed without a word on stderr. Gives its stdout.
pub(crate) fn ok(line: &str, stdin: &[u8]) -> Vec<u8> {
    let ended = protocol(line, stdin);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{line}");
    ended.stdout
}

/// The first line that `kafka protocol` prints while its stdin stays open, empty if it prints none.
pub(crate) fn first_line(line: &str, stdin: &[u8]) -> String {
    let args: Vec<&str> = ["protocol"].into_iter().chain(line.split_whitespace()).collect();
    let mut child = spawn(&args);
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(stdin).expect("it reads");
    let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
    let (tell, told) = mpsc::channel();
    let reader = thread::spawn(move || {
        let mut line = String::new();
        let _ = output.read_line(&mut line);
        let _ = tell.send(line);
    });
    // Without an answer, it waits for more of its stdin as this waits for its stdout.
    let line = told.recv_timeout(Duration::from_secs(30)).unwrap_or_default();
    drop(input);
    reader.join().expect("no panic");
    end(child);
    line.trim_end().to_owned()
}

/// Each line of stdout as JSON.
pub(crate) fn json_lines(text: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(text).expect("text");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn text(line: &str) -> String {
    String::from_utf8(ok(line, b"")).expect("text")
}

#[test]
fn list_has_every_api_and_every_data_message() {
    let listed = json_lines(&ok("list --json", b""));
    let (apis, data): (Vec<&Value>, Vec<&Value>) =
        listed.iter().partition(|line| line.get("key").is_some());
    assert_eq!(apis.len(), 95);
    for (line, api) in apis.iter().zip(ApiKey::ALL) {
        assert_eq!((&line["key"], &line["name"]), (&json!(api.to_i16()), &json!(api.name())));
        assert_eq!(line["versions"], api.versions().to_string());
        assert_eq!(line["stable"], api.stable_versions().to_string());
    }
    let names: Vec<&str> = data.iter().filter_map(|line| line["name"].as_str()).collect();
    for name in
        ["ConsumerProtocolSubscription", "ConsumerProtocolAssignment", "EndTxnMarker", "AbortedTxn"]
    {
        assert!(names.contains(&name), "{name} in {names:?}");
    }
    assert!(!names.contains(&"RequestHeader"), "a header is in front of a message");

    let text = text("list");
    for line in [
        " 1 Fetch                                 versions 0-18, flexible from 12\n",
        "22 InitProducerId                        versions 0-6, flexible from 2, stable 0-5\n",
        "17 SaslHandshake                         versions 0-1\n",
        "   DefaultPrincipalData                  version 0, flexible from 0\n",
    ] {
        assert!(text.contains(line), "{line:?} in {text}");
    }
    assert_eq!(text.lines().count(), 95 + 2 + names.len());
}

#[test]
fn describe_shows_a_tree_of_fields() {
    let described = text("describe fetch");
    for part in [
        "FetchRequest (key 1) versions 0-18, flexible from 12\n",
        "\n  version 4: KIP-98\n",
        "\n  clusterId: string, versions 12+, nullable 12+, tag 0, ignorable\n",
        "\n  replicaId: int32, versions 0-14, default -1\n",
        "\n  topics: []FetchTopic, versions 0+\n    topic: string, versions 0-12, ignorable\n",
        "\n      fetchOffset: int64, versions 0+\n",
        "\n\nFetchResponse (key 1) versions 0-18, flexible from 12\n",
        "\n      records: records, versions 0+, nullable 0+\n",
    ] {
        assert!(described.contains(part), "{part:?} in {described}");
    }

    let described = text("describe 22 --version 3");
    assert!(
        described.starts_with("InitProducerIdRequest (key 22) version 3, flexible\n"),
        "{described}"
    );
    assert!(described.contains("\n  transactionalId: string, nullable\n"), "{described}");
    assert!(!described.contains("enable2Pc"), "{described}");

    assert_eq!(
        text("describe EndTxnMarker"),
        "EndTxnMarker versions 0\n  version 0: KIP-98\n  coordinatorEpoch: int32, versions 0+\n"
    );
    let described = json_lines(&ok("describe FetchRequest --json", b""));
    assert_eq!(described.len(), 1);
    assert_eq!(described[0]["fields"][0]["name"], "clusterId");
}

#[test]
fn every_message_can_be_described() {
    for schema in messages::SCHEMAS {
        let described = text(&format!("describe {}", schema.name));
        assert!(described.starts_with(schema.name), "{described}");
    }
}

#[test]
fn what_does_not_exist_is_wrong_usage() {
    let check = |line: &str, part: &str| {
        let ended = protocol(line, b"");
        assert_eq!((ended.code, ended.stdout.len()), (Some(2), 0), "{line}: {ended:?}");
        assert!(ended.stderr.contains(part), "{line}: {}", ended.stderr);
    };
    check("describe Fetches", "there is no Fetches");
    check("describe Fetch --version 99", "FetchRequest has no version 99, only 0-18");
    check("decode --api 95 --version 0 --kind request", "there is no API 95");
    check("decode --api Fetch --version 99 --kind request", "has no version 99");
    check("decode --api Fetch --version 4", "choose one");
    check("decode --api FetchRequest --kind response --version 4", "is no response");
    check("decode --api EndTxnMarker --version 0 --header", "no header");
    check("decode --api Fetch --kind request", "--version");
    check("decode --api Fetch --version -1 --kind request", "has no version -1, only 0-18");
    check("describe Fetch --version -1", "has no version -1, only 0-18");
}

/// Requests and responses of every shape: flexible or not, nested, nullable, tagged, with records.
fn samples() -> Vec<(&'static str, i16, &'static str, Value)> {
    vec![
        ("FindCoordinator", 2, "request", json!({"key": "g", "keyType": 0})),
        (
            "ApiVersions",
            3,
            "request",
            json!({"clientSoftwareName": "kafka", "clientSoftwareVersion": "1.0"}),
        ),
        (
            "3",
            12,
            "request",
            json!({
                "topics": [{"topicId": "AAAAAAAAAAAAAAAAAAAAAA", "name": "orders"}],
                "allowAutoTopicCreation": true, "includeTopicAuthorizedOperations": false,
            }),
        ),
        ("Metadata", 0, "request", json!({"topics": []})),
        ("heartbeat", 4, "response", json!({"throttleTimeMs": 5, "errorCode": 27})),
        ("ControlledShutdown", 0, "request", json!({"brokerId": 3})),
        (
            "Produce",
            3,
            "request",
            json!({
                "transactionalId": null, "acks": -1, "timeoutMs": 1000,
                "topicData": [{"name": "t", "partitionData": [{"index": 0, "records": "AAEC"}]}],
            }),
        ),
    ]
}

#[test]
fn messages_come_back_as_they_went() {
    for (api, version, kind, body) in samples() {
        let which = format!("--api {api} --version {version} --kind {kind}");
        for (output, input) in [("hex", "hex"), ("base64", "base64"), ("raw", "raw")] {
            let encoded =
                ok(&format!("encode {which} --output {output}"), body.to_string().as_bytes());
            let decoded = ok(&format!("decode {which} --input {input}"), &encoded);
            assert_eq!(serde_json::from_slice::<Value>(&decoded).expect("JSON"), body, "{which}");
        }

        let header = match kind {
            "request" => json!({"correlationId": 7, "clientId": "me"}),
            _ => json!({"correlationId": 7}),
        };
        let framed = json!({"header": header, "body": body});
        let encoded = ok(&format!("encode {which} --header"), framed.to_string().as_bytes());
        let decoded = ok(&format!("decode {which} --header --compact"), &encoded);
        assert_eq!(decoded.iter().filter(|byte| **byte == b'\n').count(), 1);
        let mut decoded: Value = serde_json::from_slice(&decoded).expect("JSON");
        let header = decoded["header"].as_object_mut().expect("a header");
        let named = (header.remove("requestApiKey").is_some(), header.remove("requestApiVersion"));
        assert_eq!(named, (kind == "request", (kind == "request").then(|| json!(version))));
        if (api, version) == ("ControlledShutdown", 0) {
            // The only header without a client id.
            header.insert("clientId".into(), "me".into());
        }
        assert_eq!(decoded, framed, "{which}");
    }
}

#[test]
fn bytes_are_what_kafka_sends() {
    let request = br#"{"key":"g","keyType":0}"#;
    let which = "--api FindCoordinator --version 2 --kind request";
    assert_eq!(ok(&format!("encode {which}"), request), b"00016700\n");
    assert_eq!(
        ok(&format!("decode {which} --compact"), b"00 01\n67 00"),
        [&request[..], b"\n"].concat()
    );
    let framed =
        br#"{"header":{"correlationId":1,"clientId":null},"body":{"key":"g","keyType":0}}"#;
    assert_eq!(ok(&format!("encode {which} --header"), framed), b"000a000200000001ffff00016700\n");
    // A data message needs no kind.
    let which = "--api ConsumerProtocolAssignment --version 1";
    assert_eq!(
        ok(&format!("encode {which}"), br#"{"assignedPartitions":[],"userData":null}"#),
        b"00000000ffffffff\n"
    );
}

#[test]
fn what_is_no_message_fails() {
    let check = |line: &str, stdin: &str, part: &str| {
        let ended = protocol(line, stdin.as_bytes());
        assert_eq!((ended.code, ended.stdout.len()), (Some(1), 0), "{line}: {ended:?}");
        assert!(ended.stderr.contains(part), "{line}: {}", ended.stderr);
    };
    let decode = "decode --api FindCoordinator --version 2 --kind request";
    check(decode, "0001670000", "1 bytes after the end");
    check(decode, "0001", "byte 2");
    check(decode, "000", "odd number");
    check(decode, "0x00", "no hexadecimal digit");
    check(&format!("{decode} --input base64"), "!", "no base64");
    check(&format!("{decode} --header"), "000a000200000001ffff00016700ff", "1 bytes after the end");
    check(
        &format!("{decode} --header"),
        "0003000200000001ffff00016700",
        "header.requestApiKey: 3 is not 10",
    );
    check(
        &format!("{decode} --header"),
        "000a000100000001ffff00016700",
        "header.requestApiVersion: 1 is not 2",
    );
    let encode = "encode --api FindCoordinator --version 2 --kind request";
    check(encode, "{", "no JSON");
    check(encode, "{}", "key: missing");
    check(&format!("{encode} --header"), r#"{"body":{}}"#, "header: missing");
    check(
        &format!("{encode} --header"),
        r#"{"header":{"requestApiKey":3,"correlationId":1,"clientId":null},"body":{"key":"g","keyType":0}}"#,
        "header.requestApiKey: 3 is not 10",
    );
}

#[test]
fn many_lines_go_through_and_bad_ones_do_not_stop_them() {
    let mut lines = Vec::new();
    for (api, version, kind, body) in samples() {
        let Some(key) = ApiKey::ALL.iter().find(|key| key.name().eq_ignore_ascii_case(api)) else {
            continue;
        };
        lines
            .push(json!({"api_key": key.to_i16(), "version": version, "kind": kind, "json": body}));
    }
    lines.push(json!({"name": "EndTxnMarker", "version": 0, "note": "kept", "json": {"coordinatorEpoch": 5}}));
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let encoded = ok("encode --jsonl", text.as_bytes());
    let with_hex = json_lines(&encoded);
    assert_eq!(with_hex.len(), lines.len());
    let last = with_hex.last().expect("many lines");
    assert_eq!((&last["hex"], &last["note"]), (&json!("00000005"), &json!("kept")));
    for (line, with_hex) in lines.iter().zip(&with_hex) {
        let mut without = with_hex.clone();
        let hex = without.as_object_mut().expect("an object").remove("hex");
        assert!(hex.is_some_and(|hex| hex.is_string()), "{with_hex}");
        assert_eq!(without, *line);
    }

    // The way back, with bad lines in between and none at the end.
    let good: Vec<Value> = with_hex
        .iter()
        .map(|line| {
            let mut line = line.clone();
            line.as_object_mut().expect("an object").remove("json");
            line
        })
        .collect();
    let bad = [
        ("nonsense", "no JSON"),
        ("[1]", "no JSON object"),
        ("\u{fffd}", "no JSON"),
        (r#"{"version":0,"kind":"request","hex":""}"#, "api_key: missing"),
        (r#"{"api_key":3,"kind":"request","hex":""}"#, "version: missing"),
        (r#"{"api_key":3,"version":1,"hex":""}"#, "kind: missing"),
        (r#"{"api_key":3,"version":1,"kind":"x","hex":""}"#, "kind: neither"),
        (r#"{"api_key":3,"version":1,"kind":"request"}"#, "hex: missing"),
        (r#"{"api_key":3,"version":1,"kind":"request","hex":"0"}"#, "hex: an odd number"),
        (r#"{"api_key":3,"version":1,"kind":"request","hex":7}"#, "hex: no string"),
        (r#"{"api_key":999,"version":1,"kind":"request","hex":""}"#, "there is no API 999"),
        (r#"{"api_key":70000,"version":1,"kind":"request","hex":""}"#, "no integer of 16 bits"),
        (r#"{"api_key":3,"version":-1,"kind":"request","hex":""}"#, "unsupported version"),
        (r#"{"api_key":3,"version":1,"kind":"request","hex":"00"}"#, "byte 0"),
        (r#"{"name":"Nobody","version":1,"hex":"00"}"#, "there is no Nobody"),
    ];
    let mut text = String::new();
    for (good, (bad, _)) in good.iter().cycle().zip(bad) {
        text.push_str(&format!("{good}\n\n{bad}\n"));
    }
    let decoded = json_lines(&ok("decode --jsonl", text.trim_end().as_bytes()));
    assert_eq!(decoded.len(), 2 * bad.len());
    for (i, (line, (bad, part))) in decoded.iter().skip(1).step_by(2).zip(bad).enumerate() {
        let error = line["error"].as_str().unwrap_or_default();
        assert!(error.contains(part), "{bad}: {line}");
        assert!(line.get("json").is_none(), "{line}");
        let expected = lines.iter().cycle().nth(i).expect("it is endless");
        assert_eq!(decoded[2 * i]["json"], expected["json"]);
    }
}

#[test]
fn a_line_has_either_an_answer_or_an_error() {
    let check = |line: &str, stdin: Value, expected: Value| {
        let answers = json_lines(&ok(line, stdin.to_string().as_bytes()));
        assert_eq!(answers, [expected], "{line} {stdin}");
    };
    let marker =
        json!({"name": "endtxnmarker", "version": 0, "hex": "00000000", "error": "of before"});
    let decoded = json!({"name": "endtxnmarker", "version": 0, "hex": "00000000", "json": {"coordinatorEpoch": 0}});
    check("decode --jsonl", marker, decoded);
    let stale =
        json!({"name": "EndTxnMarker", "version": 0, "hex": "", "json": {"coordinatorEpoch": 0}});
    let error = "EndTxnMarker v0, coordinator_epoch, byte 0: 4 bytes needed, 0 left";
    check(
        "decode --jsonl",
        stale,
        json!({"name": "EndTxnMarker", "version": 0, "hex": "", "error": error}),
    );
}

#[test]
fn a_line_is_answered_before_the_next_one_comes() {
    let line = b"{\"name\":\"EndTxnMarker\",\"version\":0,\"hex\":\"00000000\"}\n";
    assert_eq!(
        first_line("decode --jsonl", line),
        r#"{"name":"EndTxnMarker","version":0,"hex":"00000000","json":{"coordinatorEpoch":0}}"#
    );
}

#[test]
fn lines_have_headers_if_told_so() {
    let line = json!({"api_key": 10, "version": 2, "kind": "request", "json": {
        "header": {"correlationId": 1, "clientId": null}, "body": {"key": "g", "keyType": 0},
    }});
    let encoded = json_lines(&ok("encode --jsonl --header", line.to_string().as_bytes()));
    assert_eq!(encoded[0]["hex"], "000a000200000001ffff00016700");
    let decoded = json_lines(&ok("decode --jsonl --header", encoded[0].to_string().as_bytes()));
    assert_eq!(decoded[0]["json"]["body"]["key"], "g");
    assert_eq!(decoded[0]["json"]["header"]["requestApiKey"], 10);
}
