//! Every key of Kafka's clients gets an answer, with Kafka's defaults and ranges.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use kafka_engine::config::keys::{Home, KEYS, Place, find};
use kafka_engine::config::{
    Acks, AutoOffsetReset, Config, ConfigError, ConsumerConfig, HostPort, IsolationLevel,
    ProducerConfig,
};
use kafka_proto::records::Codec;

/// Keys, defaults and ranges of the Java clients 4.4.0: producer, consumer, admin.
const SETTINGS: &str = include_str!("kafka_settings.txt");

struct Row {
    client: &'static str,
    key: &'static str,
    default: &'static str,
    allowed: &'static str,
}

fn rows() -> Vec<Row> {
    let mut client = "";
    let mut rows = Vec::new();
    for line in SETTINGS.lines() {
        match line.strip_prefix("# ") {
            Some(title) => client = title.split('.').next().unwrap(),
            None => {
                let mut columns = line.split(" | ");
                let mut next = || columns.next().unwrap();
                let (key, _, default, allowed) = (next(), next(), next(), next());
                rows.push(Row { client, key, default, allowed });
            }
        }
    }
    rows
}

/// All three, as a properties file is applied to them.
#[derive(Clone, Debug, PartialEq)]
struct All {
    client: Config,
    producer: ProducerConfig,
    consumer: ConsumerConfig,
}

impl All {
    fn new() -> Self {
        Self {
            client: Config::new("host:9092").unwrap(),
            producer: ProducerConfig::default(),
            consumer: ConsumerConfig::default(),
        }
    }

    /// Gives a setting to every type that has it, or to any if none has.
    fn set(&mut self, key: &str, value: &str) -> Result<(), ConfigError> {
        let homes = match find(key).map(|key| key.place()) {
            Some(Place::Built(homes)) => homes,
            _ => &[Home::Client],
        };
        homes.iter().try_for_each(|home| match home {
            Home::Client => self.client.set(key, value),
            Home::Producer => self.producer.set(key, value),
            Home::Consumer => self.consumer.set(key, value),
        })
    }

    fn validate(&self) -> Result<(), ConfigError> {
        self.client.validate()?;
        self.producer.validate()?;
        self.consumer.validate()
    }
}

fn text(result: Result<(), ConfigError>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn the_table_has_every_key_of_kafkas_once_and_in_order() {
    assert!(KEYS.is_sorted_by(|a, b| a.name() < b.name()));
    let kafkas: BTreeSet<&str> = rows().iter().map(|row| row.key).collect();
    let ours: BTreeSet<&str> = KEYS.iter().map(|key| key.name()).collect();
    assert_eq!(kafkas.difference(&ours).collect::<Vec<_>>(), Vec::<&&str>::new());
    assert_eq!(ours.difference(&kafkas).collect::<Vec<_>>(), [&"enable.partition.eof"]);
}

/// A value that some field could take, whatever its type.
fn any_value(key: &str) -> &'static str {
    let kinds = ["1", "true", "none", "latest", "read_committed", "host:1", "all", "6000"];
    kinds
        .into_iter()
        .find(|value| All::new().set(key, value).is_ok())
        .unwrap_or_else(|| panic!("no value for {key}"))
}

#[test]
fn every_key_is_set_or_refused_with_a_reason() {
    for key in KEYS {
        let mut all = All::new();
        let name = key.name();
        match key.place() {
            Place::Built(_) => {
                all.set(name, any_value(name)).unwrap();
                for home in [Home::Client, Home::Producer, Home::Consumer] {
                    let Place::Built(homes) = key.place() else { unreachable!() };
                    let result = match home {
                        Home::Client => all.client.set(name, any_value(name)),
                        Home::Producer => all.producer.set(name, any_value(name)),
                        Home::Consumer => all.consumer.set(name, any_value(name)),
                    };
                    match result {
                        Ok(()) => assert!(homes.contains(&home), "{name}"),
                        Err(error) => {
                            assert_eq!(
                                error.to_string(),
                                format!("{name} belongs to {}", homes[0].type_name())
                            );
                        }
                    }
                }
            }
            Place::NotBuilt(lacking) => {
                let error = text(all.set(name, "hunter2"));
                assert_eq!(error, format!("{name} is not supported yet: {lacking}"));
            }
            Place::NotApplicable(reason) => {
                let error = text(all.set(name, "hunter2"));
                assert_eq!(error, format!("{name} does not apply to this client: {reason}"));
            }
        }
        for accepted in key.accepts() {
            all.set(name, &accepted.to_uppercase()).unwrap();
        }
    }
}

/// Each built key must change something, or it would be a setting that is taken and forgotten.
#[test]
fn every_built_key_has_a_field_of_its_own() {
    let mut changed: BTreeMap<String, &str> = BTreeMap::new();
    for key in KEYS.iter().filter(|key| matches!(key.place(), Place::Built(_))) {
        let values = [
            "1",
            "7000",
            "true",
            "false",
            "none",
            "earliest",
            "read_committed",
            "other:1",
            "0",
            "gzip",
        ];
        let effect = values.into_iter().find_map(|value| {
            let mut all = All::new();
            all.set(key.name(), value).ok()?;
            (all != All::new()).then(|| {
                let (before, after) = (format!("{:#?}", All::new()), format!("{all:#?}"));
                let at = before
                    .lines()
                    .zip(after.lines())
                    .position(|(before, after)| before != after)
                    .unwrap();
                format!("line {at}")
            })
        });
        let effect = effect.unwrap_or_else(|| panic!("{} changes nothing", key.name()));
        assert_eq!(changed.insert(effect.clone(), key.name()), None, "{} and {effect}", key.name());
    }
}

#[test]
fn defaults_are_kafkas() {
    for row in rows().iter().filter(|row| row.client != "admin" && row.default != "(required)") {
        let Some(Place::Built(_)) = find(row.key).map(|key| key.place()) else {
            continue;
        };
        let mut all = All::new();
        all.set(row.key, row.default).unwrap();
        match row.key {
            // Left to the system, because a fixed size is too small for some networks and too large for others.
            "send.buffer.bytes" | "receive.buffer.bytes" => assert!(all != All::new()),
            "enable.idempotence" => {
                assert_eq!(all.producer.idempotent(), ProducerConfig::default().idempotent())
            }
            // Said explicitly, it is what the codec's own default is.
            "compression.zstd.level" => assert_eq!(all.producer.compression_zstd_level, Some(3)),
            key => assert_eq!(all, All::new(), "{key}"),
        }
    }
    assert!(All::new().validate().is_ok());
    assert!(ProducerConfig::default().idempotent());
}

#[test]
fn ranges_are_kafkas() {
    for row in rows() {
        let Some(key) = find(row.key).filter(|key| matches!(key.place(), Place::Built(_))) else {
            continue;
        };
        let Some((min, max)) =
            row.allowed.strip_prefix('[').and_then(|range| range.split_once(",..."))
        else {
            continue;
        };
        let min: i64 = min.parse().unwrap();
        // The lower bound -1 stands for none.
        assert_eq!(*key.range().start(), min.max(if min == -1 { 0 } else { min }), "{}", row.key);
        assert_eq!(
            key.is_minus_one_special(),
            min == -1 || row.allowed.ends_with("or -1"),
            "{}",
            row.key
        );
        if let Some(max) = max.strip_prefix(',').and_then(|max| max.split(']').next()) {
            assert_eq!(*key.range().end(), max.parse::<i64>().unwrap(), "{}", row.key);
        }
    }
}

#[test]
fn numbers_are_taken_within_their_ranges_only() {
    for key in KEYS
        .iter()
        .filter(|key| matches!(key.place(), Place::Built(_)) && *key.range().start() > i64::MIN)
    {
        let (min, max) = (*key.range().start(), *key.range().end());
        let check = |value: String, fits: bool| {
            let mut all = All::new();
            let result = all.set(key.name(), &value);
            assert_eq!(result.is_ok(), fits, "{} = {value}: {result:?}", key.name());
            if let Err(error) = result {
                let range = key.range_text();
                assert_eq!(
                    error.to_string(),
                    format!("{}: {value} is out of range ({range})", key.name())
                );
                assert_eq!(all, All::new(), "nothing is changed");
            }
        };
        check(min.to_string(), true);
        check(max.to_string(), true);
        check((min - 1).to_string(), min == 0 && key.is_minus_one_special());
        check("-1".into(), key.is_minus_one_special() || min < 0);
        check("-200000".into(), false);
        if max < i64::MAX {
            check((max + 1).to_string(), false);
        }
        for text in ["", "many", "1.5", "0x10", "1 000", "99999999999999999999"] {
            let error = text_of_number(key.name(), text);
            assert_eq!(error, format!("{}: {text:?} is not a whole number", key.name()));
        }
    }
}

fn text_of_number(key: &str, value: &str) -> String {
    text(All::new().set(key, value))
}

#[test]
fn choices_are_kafkas() {
    let mut all = All::new();
    let choices = [
        ("acks", "[all, -1, 0, 1]"),
        ("compression.type", "[none, gzip, snappy, lz4, zstd]"),
        ("isolation.level", "[read_committed, read_uncommitted]"),
    ];
    for (key, allowed) in choices {
        assert!(rows().iter().any(|row| row.key == key && row.allowed.ends_with(allowed)), "{key}");
        for value in allowed.trim_matches(['[', ']']).split(", ") {
            all.set(key, value).unwrap();
        }
        assert!(text(all.set(key, "some")).starts_with(&format!("{key}: \"some\" is not ")));
    }
    assert_eq!((all.producer.acks, all.producer.compression), (Acks::Leader, Codec::Zstd));
    for (value, reset) in [
        ("latest", AutoOffsetReset::Latest),
        ("none", AutoOffsetReset::None),
        ("earliest", AutoOffsetReset::Earliest),
    ] {
        all.set("auto.offset.reset", value).unwrap();
        assert_eq!(all.consumer.auto_offset_reset, reset);
    }
    assert!(
        text(all.set("auto.offset.reset", "by_duration:PT1H"))
            .contains("by_duration is not supported yet")
    );
    assert!(text(all.set("check.crcs", "yes")).contains("true or false"));
}

#[test]
fn mistyped_keys_get_a_suggestion() {
    let check = |key: &str, suggestion: Option<&str>| {
        let expected =
            suggestion.map_or_else(String::new, |meant| format!(": did you mean {meant}?"));
        assert_eq!(
            text(All::new().set(key, "hunter2")),
            format!("unknown setting {key}{expected}")
        );
    };
    check("batchsize", Some("batch.size"));
    check("linger_ms", Some("linger.ms"));
    check("LINGER.MS", Some("linger.ms"));
    check("boostrap.servers", Some("bootstrap.servers"));
    check("max.in.flight.requests", None);
    check("ack", None);
    check("quux", None);
    check("", None);
    let long = "é".repeat(5000);
    assert!(text(All::new().set(&long, "1")).len() < 300);
}

#[test]
fn secrets_are_never_repeated() {
    for key in KEYS.iter().filter(|key| !matches!(key.place(), Place::Built(_))) {
        let error = All::new().set(key.name(), "hunter2").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{}", key.name());
    }
    assert!(!format!("{:?}", All::new().set("sasl.password", "hunter2")).contains("hunter2"));
}

#[test]
fn bootstrap_servers() {
    let check = |list: &str, expected: &[(&str, u16)]| {
        let config = Config::new(list).unwrap();
        let servers: Vec<_> = config
            .bootstrap_servers
            .iter()
            .map(|server| (server.host.as_str(), server.port))
            .collect();
        assert_eq!(servers, expected);
        config.validate().unwrap();
        let texts: Vec<_> = config.bootstrap_servers.iter().map(HostPort::to_string).collect();
        assert_eq!(Config::new(&texts.join(",")).unwrap(), config);
    };
    check("kafka:9092", &[("kafka", 9092)]);
    check(" a.b-c_d.example.:1 ,10.0.0.1:65535 ", &[("a.b-c_d.example.", 1), ("10.0.0.1", 65535)]);
    check("[::1]:9092,[fe80::1%eth0]:9093", &[("::1", 9092), ("fe80::1%eth0", 9093)]);
    check("a:1,b:2,a:1", &[("a", 1), ("b", 2)]);

    let refused = |list: &str, words: &str| {
        let error = Config::new(list).unwrap_err().to_string();
        assert!(error.contains(words), "{list}: {error}");
    };
    refused("", "bootstrap.servers is missing");
    refused(" ", "bootstrap.servers is missing");
    refused("good:1,kafka", "bootstrap.servers: \"kafka\" is not host:port: the port is missing");
    refused("[::1]", "\"[::1]\" is not host:port: the port is missing");
    refused("kafka:", "the port is missing");
    refused("a:1,,b:2", "\"\"");
    refused("::1:9092", "needs brackets");
    refused("[::1:9092", "a bracket is missing");
    refused("[kafka]:9092", "no IPv6 address in the brackets");
    refused("kafka:0", "from 1 to 65535");
    refused("kafka:65536", "from 1 to 65535");
    refused("kafka:+1", "from 1 to 65535");
    refused("kafka:http", "from 1 to 65535");
    refused("user@evil:9092", "no host name");
    refused("ka fka:9092", "no host name");
    refused("PLAINTEXT://kafka:9092", "no protocol goes in front");
    refused(":9092", "no host name");
    refused(&format!("{}:9092", "a".repeat(256)), "no host name");
}

#[test]
fn fields_set_without_a_text_are_validated_too() {
    let check = |change: fn(&mut All), expected: &str| {
        let mut all = All::new();
        change(&mut all);
        assert_eq!(text(all.validate()), expected);
    };
    check(|all| all.client.bootstrap_servers.clear(), "bootstrap.servers is missing");
    check(
        |all| all.consumer.isolation_level = IsolationLevel::ReadCommitted,
        "isolation.level is not supported yet: leaving out what open and aborted transactions wrote",
    );
    check(
        |all| all.client.bootstrap_servers = vec![HostPort { host: "a".into(), port: 0 }],
        "bootstrap.servers: \"a\" is not a host with a port from 1 to 65535",
    );
    check(
        |all| all.client.request_timeout = Duration::MAX,
        "request.timeout.ms: 18446744073709551615999 is out of range (0 to 2147483647)",
    );
    check(
        |all| all.client.metadata_max_idle = Duration::from_secs(4),
        "metadata.max.idle.ms: 4000 is out of range (5000 or more)",
    );
    check(
        |all| all.producer.max_in_flight = 0,
        "max.in.flight.requests.per.connection: 0 is out of range (1 to 2147483647)",
    );
    check(
        |all| all.producer.compression_gzip_level = Some(0),
        "compression.gzip.level: 0 is out of range (1 to 9, or -1)",
    );
    check(
        |all| all.producer.compression_zstd_level = Some(23),
        "compression.zstd.level: 23 is out of range (-131072 to 22)",
    );
    check(
        |all| all.consumer.max_poll_records = 0,
        "max.poll.records: 0 is out of range (1 to 2147483647)",
    );
    check(
        |all| all.client.client_id = "x".repeat(40_000),
        &format!("client.id: \"{}\" is not at most 32767 bytes long", "x".repeat(80)),
    );
    check(
        |all| all.producer.linger = Duration::from_secs(121),
        "delivery.timeout.ms: a record would fail before linger.ms lets it go",
    );
}

#[test]
fn idempotence_gives_way_unless_it_was_asked_for() {
    let check = |key: &str, value: &str, conflict: Option<&str>| {
        let mut config = ProducerConfig::default();
        config.set(key, value).unwrap();
        config.validate().unwrap();
        assert_eq!(config.idempotent(), conflict.is_none(), "{key}={value}");
        config.set("enable.idempotence", "true").unwrap();
        match conflict {
            Some(conflict) => {
                assert_eq!(text(config.validate()), format!("enable.idempotence: {conflict}"))
            }
            None => config.validate().unwrap(),
        }
        config.set("enable.idempotence", "false").unwrap();
        config.validate().unwrap();
        assert!(!config.idempotent());
    };
    check("acks", "0", Some("idempotence needs acks=all"));
    check("acks", "1", Some("idempotence needs acks=all"));
    check("acks", "-1", None);
    check(
        "max.in.flight.requests.per.connection",
        "6",
        Some("idempotence needs max.in.flight.requests.per.connection of at most 5"),
    );
    check("max.in.flight.requests.per.connection", "5", None);
    check("retries", "0", Some("idempotence needs retries"));
    check("retries", "1", None);
}

#[test]
fn the_level_is_that_of_the_codec_in_use() {
    let mut config = ProducerConfig::default();
    config.set("compression.gzip.level", "6").unwrap();
    config.set("compression.zstd.level", "-7").unwrap();
    for (codec, level) in
        [("none", None), ("gzip", Some(6)), ("snappy", None), ("lz4", None), ("zstd", Some(-7))]
    {
        config.set("compression.type", codec).unwrap();
        assert_eq!(config.compression_level(), level, "{codec}");
    }
    config.set("compression.gzip.level", "-1").unwrap();
    assert_eq!(config.compression_gzip_level, None);
}
