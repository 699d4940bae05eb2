//! `kafka protocol pcap`, over captures that the tests build.

use kafka_proto::{
    Request, encode_request, encode_response,
    messages::{
        ApiVersionsRequest, ApiVersionsResponse, FetchRequest, FetchResponse, HeartbeatRequest,
        HeartbeatResponse, MetadataRequest, MetadataResponse, ProduceRequest,
        SaslAuthenticateRequest, SaslAuthenticateResponse, SaslHandshakeRequest,
        SaslHandshakeResponse,
        api_versions::ApiVersion,
        fetch::{FetchableTopicResponse, PartitionData},
    },
};
use serde_json::{Value, json};

use crate::capture::{BROKER, CLIENT, Link, Wire};
use crate::kafka::Ended;
use crate::protocol::{first_line, json_lines, protocol};

fn request<R: Request>(body: &R, version: i16, id: i32) -> Vec<u8> {
    encode_request(body, version, id, Some("me")).expect("it fits").chunks.to_bytes().to_vec()
}

fn response<R: Request>(body: &R::Response, version: i16, id: i32) -> Vec<u8> {
    encode_response::<R>(body, version, id).expect("it fits").chunks.to_bytes().to_vec()
}

fn heartbeat(id: i32) -> Vec<u8> {
    request(&HeartbeatRequest { group_id: "g".into(), ..Default::default() }, 4, id)
}

fn beaten(id: i32, error_code: i16) -> Vec<u8> {
    response::<HeartbeatRequest>(&HeartbeatResponse { error_code, ..Default::default() }, 4, id)
}

fn pcap(line: &str, file: &[u8]) -> Ended {
    protocol(&format!("pcap - {line}"), file)
}

/// The lines without their times and addresses.
fn lines(file: &[u8]) -> Vec<String> {
    let ended = pcap("", file);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    let short = |line: &str| {
        let (_, rest) = line.split_once(" -> ").expect("two addresses");
        rest.split_once(' ').expect("an address").1.to_owned()
    };
    ended.text().lines().map(short).collect()
}

#[test]
fn each_exchange_is_a_line() {
    let metadata = request(&MetadataRequest::default(), 12, 1);
    let answer = response::<MetadataRequest>(&MetadataResponse::default(), 12, 1);
    let wire = Wire::new(Link::Ethernet, false)
        .open()
        .send(CLIENT, &metadata)
        .send(BROKER, &answer)
        .send(CLIENT, &heartbeat(2))
        .send(BROKER, &beaten(2, 27))
        .close();
    let expected = format!(
        "2023-11-14T22:13:20.003000Z 10.0.0.1:40000 -> 10.0.0.2:9092 Metadata v12 id 1 request {} B, response {} B after 1.000 ms\n\
         2023-11-14T22:13:20.005000Z 10.0.0.1:40000 -> 10.0.0.2:9092 Heartbeat v4 id 2 request {} B, response {} B after 1.000 ms, REBALANCE_IN_PROGRESS\n",
        metadata.len() - 4,
        answer.len() - 4,
        heartbeat(2).len() - 4,
        beaten(2, 27).len() - 4,
    );
    for file in [wire.pcap(), wire.pcapng()] {
        let ended = pcap("", &file);
        assert_eq!((ended.code, ended.text(), ended.stderr.as_str()), (Some(0), &*expected, ""));
        assert_eq!(pcap("--port 9092", &file).text(), expected);
        let other = pcap("--port 9999", &file);
        assert_eq!((other.code, other.stdout.len()), (Some(0), 0));
        assert!(other.stderr.contains("no connection of Kafka's"), "{}", other.stderr);
    }
}

#[test]
fn every_link_carries_both_ips() {
    for link in [Link::Ethernet, Link::Vlan, Link::Null, Link::Raw, Link::Cooked, Link::Cooked2] {
        for is_v6 in [false, true] {
            let wire = Wire::new(link, is_v6)
                .open()
                .send(CLIENT, &heartbeat(1))
                .send(BROKER, &beaten(1, 0));
            for file in [wire.pcap(), wire.pcapng()] {
                let ended = pcap("", &file);
                let broker = if is_v6 { "[fd00::2]:9092" } else { "10.0.0.2:9092" };
                assert!(
                    ended.text().contains(&format!(" -> {broker} Heartbeat v4 id 1 ")),
                    "{link:?}: {ended:?}"
                );
            }
        }
    }
}

#[test]
fn segments_come_late_twice_and_in_pieces() {
    let (first, second) = (heartbeat(1), heartbeat(2));
    let both = [first.clone(), second.clone()].concat();
    let answers = [beaten(1, 0), beaten(2, 22)].concat();
    let expected = [
        "Heartbeat v4 id 1 request 22 B, response 12 B after",
        "Heartbeat v4 id 2 request 22 B, response 12 B after",
    ];
    let check = |wire: Wire, what: &str| {
        let lines = lines(&wire.pcap());
        assert_eq!(lines.len(), 2, "{what}: {lines:?}");
        for (line, expected) in lines.iter().zip(expected) {
            assert!(line.starts_with(expected), "{what}: {line}");
        }
        assert!(lines[1].ends_with(", ILLEGAL_GENERATION"), "{what}: {lines:?}");
    };
    let open = || Wire::new(Link::Ethernet, false).open();

    check(open().send(CLIENT, &both).send(BROKER, &answers), "in one segment");

    let mut wire = open();
    for byte in &both {
        wire = wire.send(CLIENT, &[*byte]);
    }
    check(wire.send(BROKER, &answers[..7]).send(BROKER, &answers[7..]), "a byte at a time");

    let wire =
        open().lose(CLIENT, &both[..10]).send(CLIENT, &both[10..]).send_at(CLIENT, 1, &both[..10]);
    check(wire.send(BROKER, &answers), "out of order");

    let wire =
        open().send(CLIENT, &both[..20]).send_at(CLIENT, 1, &both[..20]).send(CLIENT, &both[20..]);
    let wire = wire.send_at(CLIENT, 11, &both[10..]).send(BROKER, &answers);
    check(wire.send_at(BROKER, 1, &answers), "sent again");
}

#[test]
fn a_hole_costs_the_frames_in_it_and_no_others() {
    let long = MetadataRequest {
        topics: Some(
            (0..50)
                .map(|i| kafka_proto::messages::metadata::MetadataRequestTopic {
                    name: Some(format!("topic-{i}").as_str().into()),
                    ..Default::default()
                })
                .collect(),
        ),
        ..Default::default()
    };
    let long = request(&long, 12, 1);
    let answer = response::<MetadataRequest>(&MetadataResponse::default(), 12, 1);

    // Within one frame: it is known what was asked, and the next frame is where it should be.
    let wire = Wire::new(Link::Ethernet, false).open();
    let wire =
        wire.send(CLIENT, &long[..100]).lose(CLIENT, &long[100..200]).send(CLIENT, &long[200..]);
    let wire = wire.send(BROKER, &answer).send(CLIENT, &heartbeat(2)).send(BROKER, &beaten(2, 0));
    let seen = lines(&wire.pcap());
    assert_eq!(seen.len(), 2, "{seen:?}");
    assert!(
        seen.iter()
            .any(|line| line.starts_with("Metadata v12 id 1") && line.contains("B not captured")),
        "{seen:?}"
    );
    assert!(
        seen.iter()
            .any(|line| line.starts_with("Heartbeat v4 id 2") && line.contains("response 12 B")),
        "{seen:?}"
    );

    // As many packets are captured only in part.
    let wire = Wire::new(Link::Ethernet, false).open();
    let wire = wire.send_cut(CLIENT, &long, 60).send(BROKER, &answer).send(CLIENT, &heartbeat(2));
    let seen = lines(&wire.send(BROKER, &beaten(2, 0)).pcap());
    assert_eq!(seen.len(), 2, "{seen:?}");
    assert!(
        seen[0].contains(&format!(
            "request {} B ({} B not captured)",
            long.len() - 4,
            long.len() - 60
        )),
        "{seen:?}"
    );

    // Over the end of a frame: the next segment that begins like one.
    let wire = Wire::new(Link::Ethernet, false).open().send(CLIENT, &long[..100]);
    let wire = wire
        .lose(CLIENT, &[&long[100..], &heartbeat(2)[..9]].concat())
        .send(CLIENT, &heartbeat(2)[9..]);
    let seen = lines(&wire.send(CLIENT, &heartbeat(3)).send(BROKER, &beaten(3, 0)).pcap());
    assert!(
        seen.iter()
            .any(|line| line.starts_with("Heartbeat v4 id 3") && line.contains("response 12 B")),
        "{seen:?}"
    );
    assert!(
        seen.iter()
            .any(|line| line.starts_with("Metadata v12 id 1") && line.ends_with("no response")),
        "{seen:?}"
    );
}

#[test]
fn connections_may_have_begun_before_the_capture() {
    let wire = Wire::new(Link::Ethernet, false)
        .send(BROKER, b"the end of something")
        .send(CLIENT, b"and of something else")
        .send(CLIENT, &heartbeat(7))
        .send(BROKER, b"more of it")
        .send(BROKER, &beaten(7, 0));
    assert_eq!(lines(&wire.pcap()).len(), 1);
    assert!(
        lines(&wire.pcap())[0].starts_with("Heartbeat v4 id 7 request 22 B, response 12 B after")
    );
    assert!(
        pcap("--port 9092", &wire.pcap())
            .text()
            .contains("Heartbeat v4 id 7 request 22 B, response 12 B")
    );
}

#[test]
fn one_connection_follows_another_between_the_same_ports() {
    let wire = Wire::new(Link::Ethernet, false)
        .open()
        .send(CLIENT, &heartbeat(1))
        .send(BROKER, &beaten(1, 0));
    let wire = wire.close().open().send(CLIENT, &heartbeat(5)).send(BROKER, &beaten(5, 0));
    let seen = lines(&wire.pcap());
    assert_eq!(seen.len(), 2, "{seen:?}");
    assert!(seen[1].starts_with("Heartbeat v4 id 5 request 22 B, response 12 B"), "{seen:?}");
}

#[test]
fn not_every_request_has_a_response() {
    let silent = request(&ProduceRequest { acks: 0, ..Default::default() }, 9, 1);
    let wire = Wire::new(Link::Ethernet, false)
        .open()
        .send(CLIENT, &silent)
        .send(CLIENT, &heartbeat(2))
        .send(CLIENT, &heartbeat(3))
        .send(BROKER, &beaten(3, 0))
        .send(BROKER, &beaten(99, 0))
        .send(CLIENT, &heartbeat(4));
    let seen = lines(&wire.pcap());
    let expected = [
        "Produce v9 id 1 request",
        "Heartbeat v4 id 2 request 22 B, no response",
        "Heartbeat v4 id 3 request 22 B, response 12 B",
        "response 12 B to a request that was not captured",
        "Heartbeat v4 id 4 request 22 B, no response",
    ];
    assert_eq!(seen.len(), expected.len(), "{seen:?}");
    for (line, expected) in seen.iter().zip(expected) {
        assert!(line.starts_with(expected), "{line}");
    }
    assert!(seen[0].ends_with("B, no response wanted"), "{seen:?}");
}

#[test]
fn a_version_unknown_to_the_broker_is_answered_in_the_oldest() {
    let mut asked = request(
        &ApiVersionsRequest {
            client_software_name: "me".into(),
            client_software_version: "1".into(),
            ..Default::default()
        },
        3,
        1,
    );
    asked[7] = 9;
    let answer = ApiVersionsResponse { error_code: 35, ..Default::default() };
    let answer = response::<ApiVersionsRequest>(&answer, 0, 1);
    let wire = Wire::new(Link::Ethernet, false).open().send(CLIENT, &asked).send(BROKER, &answer);
    let seen = lines(&wire.pcap());
    assert!(
        seen[0].starts_with("ApiVersions v9 id 1") && seen[0].ends_with(", UNSUPPORTED_VERSION"),
        "{seen:?}"
    );
}

#[test]
fn the_brokers_release_is_told_from_its_versions() {
    let asked = ApiVersionsRequest {
        client_software_name: "me".into(),
        client_software_version: "1".into(),
        ..Default::default()
    };
    let release = kafka_proto::releases::release("3.9").expect("a release");
    let api = |(api, range): (kafka_proto::ApiKey, kafka_proto::VersionRange)| ApiVersion {
        api_key: api.to_i16(),
        min_version: range.min,
        max_version: range.max,
        ..Default::default()
    };
    let mut answer =
        ApiVersionsResponse { api_keys: release.ranges().map(api).collect(), ..Default::default() };
    let mut check = |expected: &str| {
        let wire = Wire::new(Link::Ethernet, false)
            .open()
            .send(CLIENT, &request(&asked, 3, 1))
            .send(BROKER, &response::<ApiVersionsRequest>(&answer, 3, 1));
        let seen = lines(&wire.pcap());
        assert!(seen[0].ends_with(&format!(", broker is {expected}")), "{seen:?}");
        let seen = json_lines(&pcap("--json", &wire.pcap()).stdout);
        assert_eq!(seen[0]["broker_release"], expected);
        answer.api_keys.pop();
    };
    check("3.9");
    check("like 3.9");
}

#[test]
fn bare_tokens_follow_an_old_handshake() {
    let handshake =
        request(&SaslHandshakeRequest { mechanism: "PLAIN".into(), ..Default::default() }, 0, 1);
    let agreed = response::<SaslHandshakeRequest>(&SaslHandshakeResponse::default(), 0, 1);
    let token = [&[0, 0, 0, 12][..], b"\0user\0pa55wo"].concat();
    let wire = Wire::new(Link::Ethernet, false)
        .open()
        .send(CLIENT, &handshake)
        .send(BROKER, &agreed)
        .send(CLIENT, &token)
        .send(BROKER, &[0, 0, 0, 0])
        .send(CLIENT, &heartbeat(2))
        .send(BROKER, &beaten(2, 0));
    let seen = lines(&wire.pcap());
    assert_eq!(seen[1], "SASL token 12 B, answer 0 B after 1.000 ms");
    assert!(seen[2].starts_with("Heartbeat v4 id 2 request 22 B, response 12 B"), "{seen:?}");

    let hidden = pcap("--json", &wire.pcap());
    assert!(
        !hidden.text().contains("pa55wo") && !hidden.text().contains("AHVzZXIAcGE1NXdv"),
        "{hidden:?}"
    );
    let shown = pcap("--json --show-secrets", &wire.pcap());
    assert_eq!(json_lines(&shown.stdout)[1]["request_token"], "AHVzZXIAcGE1NXdv");
}

#[test]
fn secrets_are_hidden_unless_asked_for() {
    let asked =
        SaslAuthenticateRequest { auth_bytes: b"\0user\0pa55wo"[..].into(), ..Default::default() };
    let answer =
        SaslAuthenticateResponse { auth_bytes: b"s3cret"[..].into(), ..Default::default() };
    let wire = Wire::new(Link::Ethernet, false)
        .open()
        .send(CLIENT, &request(&asked, 2, 1))
        .send(BROKER, &response::<SaslAuthenticateRequest>(&answer, 2, 1));
    let hidden = json_lines(&pcap("--json", &wire.pcap()).stdout);
    assert_eq!(hidden[0]["request"]["body"], json!({"authBytes": "(hidden)"}));
    assert_eq!(hidden[0]["response"]["body"]["authBytes"], "(hidden)");
    let shown = json_lines(&pcap("--json --show-secrets", &wire.pcap()).stdout);
    assert_eq!(shown[0]["request"]["body"], json!({"authBytes": "AHVzZXIAcGE1NXdv"}));
    assert_eq!(shown[0]["response"]["body"]["authBytes"], "czNjcmV0");
}

#[test]
fn json_has_the_messages() {
    let partition = |error_code| PartitionData { error_code, ..Default::default() };
    let topic = FetchableTopicResponse {
        topic: "t".into(),
        partitions: vec![partition(6), partition(0), partition(6)],
        ..Default::default()
    };
    let answer = FetchResponse { responses: vec![topic], ..Default::default() };
    let wire = Wire::new(Link::Ethernet, false)
        .open()
        .send(CLIENT, &request(&FetchRequest { max_wait_ms: 500, ..Default::default() }, 4, 1))
        .send(BROKER, &response::<FetchRequest>(&answer, 4, 1))
        .send(CLIENT, &heartbeat(2));
    let seen = json_lines(&pcap("--json", &wire.pcap()).stdout);
    let [fetch, heartbeat] = &seen[..] else { panic!("{seen:?}") };
    let part = |line: &Value, names: &[&str]| -> Vec<Value> {
        names.iter().map(|name| line[name].clone()).collect()
    };
    assert_eq!(
        part(
            fetch,
            &[
                "kind",
                "client",
                "broker",
                "api_key",
                "api",
                "version",
                "correlation_id",
                "latency_ms"
            ]
        ),
        [
            json!("exchange"),
            json!("10.0.0.1:40000"),
            json!("10.0.0.2:9092"),
            json!(1),
            json!("Fetch"),
            json!(4),
            json!(1),
            json!(1.0)
        ]
    );
    assert_eq!(fetch["errors"], json!({"NOT_LEADER_OR_FOLLOWER": 2}));
    assert_eq!(fetch["request"]["header"]["clientId"], "me");
    assert_eq!(fetch["request"]["body"]["maxWaitMs"], 500);
    assert_eq!(fetch["response"]["body"]["responses"][0]["topic"], "t");
    assert_eq!(
        part(heartbeat, &["kind", "api", "response"]),
        [json!("no_response"), json!("Heartbeat"), json!(null)]
    );
}

#[test]
fn encrypted_connections_are_named() {
    let hello = [&[0x16, 3, 1, 0, 50, 1][..], &[0; 49]].concat();
    let wire = Wire::new(Link::Ethernet, false).open().send(CLIENT, &hello).send(BROKER, &hello);
    let wire = wire.send(CLIENT, &heartbeat(1));
    for line in ["", "--port 9092"] {
        let ended = pcap(line, &wire.pcap());
        assert_eq!(
            ended.text(),
            "2023-11-14T22:13:20.003000Z 10.0.0.1:40000 -> 10.0.0.2:9092 TLS, can't be read\n"
        );
    }
    assert_eq!(json_lines(&pcap("--json", &wire.pcap()).stdout)[0]["kind"], "tls");
}

#[test]
fn what_is_no_capture_fails() {
    let check = |file: &[u8], part: &str| {
        let ended = pcap("", file);
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(ended.stderr.contains(part), "{}", ended.stderr);
    };
    check(b"", "no capture");
    check(b"this is a text and no capture of anything", "no capture");
    let ended = protocol(&format!("pcap {}", std::env::temp_dir().display()), b"");
    assert_eq!(
        (ended.code, ended.stderr.as_str()),
        (Some(1), "kafka: the capture can't be read: Is a directory (os error 21)\n")
    );
    let ended = protocol("pcap /nowhere/at-all", b"");
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("can't be opened"), "{}", ended.stderr);
}

#[test]
fn an_exchange_is_printed_before_the_next_one_comes() {
    let wire = Wire::new(Link::Ethernet, false).open();
    let wire = wire.send(CLIENT, &heartbeat(1)).send(BROKER, &beaten(1, 0));
    for file in [wire.pcap(), wire.pcapng()] {
        let line = first_line("pcap -", &file);
        assert!(line.contains("Heartbeat v4 id 1 request 22 B, response 12 B"), "{line:?}");
    }
}

#[test]
fn a_capture_may_end_anywhere_and_hold_anything() {
    let wire = Wire::new(Link::Ethernet, false)
        .open()
        .send(CLIENT, &heartbeat(1))
        .send(BROKER, &beaten(1, 0));
    for file in [wire.pcap(), wire.pcapng()] {
        for end in (0..file.len()).step_by(7) {
            let ended = pcap("", &file[..end]);
            assert!(matches!(ended.code, Some(0 | 1)), "{end} bytes: {ended:?}");
        }
        for at in 0..file.len() {
            let mut file = file.clone();
            file[at] ^= 0xff;
            let ended = pcap("--json", &file);
            assert!(matches!(ended.code, Some(0 | 1)), "byte {at}: {ended:?}");
        }
    }
}
