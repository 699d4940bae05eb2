//! Records are taken, and refused.

use std::time::{SystemTime, UNIX_EPOCH};

use kafka_blocking::{Delivery, Error, Record, RecordMetadata};

use super::{Kafka, Transcript, told};
use crate::ours::LONG;
use crate::records::CODECS;

pub(super) fn scenario(kafka: &Kafka, transcript: &mut Transcript) {
    acks(kafka, transcript);
    lengths(kafka, transcript);
    contents(kafka, transcript);
    places(kafka, transcript);
}

fn acks(kafka: &Kafka, transcript: &mut Transcript) {
    for acks in ["0", "1", "all"] {
        let topic = format!("p-acks-{acks}");
        kafka.create(&topic, 1, &[("min.insync.replicas", "2")]);
        let records = ["a", "b", "c"].map(|value| Record::to(&topic).value(value));
        transcript.note(&format!("acks {acks}"), send(kafka, &[("acks", acks)], &records));
        if acks == "0" {
            // Sent and forgotten, but not lost: nothing failed.
            wait_for(kafka, &topic, 3);
        }
        transcript.note(&format!("acks {acks} are read"), kafka.read(&topic, &[]));
    }
    for codec in CODECS {
        kafka.create(&format!("p-{codec}"), 1, &[]);
        let topic = format!("p-{codec}");
        let records = ["a", "b", "c"].map(|value| Record::to(&topic).value(value));
        transcript.note(codec, send(kafka, &[("compression.type", codec)], &records));
        transcript.note(codec, kafka.read(&topic, &[]));
    }
}

fn lengths(kafka: &Kafka, transcript: &mut Transcript) {
    let limit = [("max.message.bytes", "1000")];
    let long = "x".repeat(2000);
    let cases = [
        ("one that is too long", "none", vec![long.as_str()]),
        ("one that is too long between others", "none", vec!["a", &long, "b", "c"]),
        ("the same, packed", "gzip", vec!["a", &long, "b", "c"]),
        ("many that are too long together", "none", vec![&long[..300]; 7]),
    ];
    for (at, (what, codec, values)) in cases.into_iter().enumerate() {
        let topic = format!("p-limit-{at}");
        kafka.create(&topic, 1, &limit);
        let records: Vec<_> = values.iter().map(|value| Record::to(&topic).value(value)).collect();
        let settings = [("linger.ms", "100"), ("compression.type", codec)];
        transcript.note(what, send(kafka, &settings, &records));
        let lengths: Vec<String> =
            kafka.read(&topic, &[]).iter().map(|line| format!("{line:.60}")).collect();
        transcript.note(what, lengths);
    }
    kafka.create("p-limit", 1, &[("max.message.bytes", "2000000")]);
    let longer = "x".repeat(1_048_576);
    let too_long = [Record::to("p-limit").value(&longer), Record::to("p-limit").value("short")];
    transcript.note("longer than a request may be", send(kafka, &[], &too_long));
    let more = [("max.request.size", "3000000")];
    transcript.note("longer than requests are as a rule", send(kafka, &more, &too_long));
    let longest = "x".repeat(2_000_000);
    let longest = [Record::to("p-limit").value(&longest)];
    transcript.note("longer than the topic takes", send(kafka, &more, &longest));
}

fn contents(kafka: &Kafka, transcript: &mut Transcript) {
    let linger = [("linger.ms", "100")];
    kafka.create("p-compact", 1, &[("cleanup.policy", "compact")]);
    let record = |value| Record::to("p-compact").value(value);
    let records = [record("a").key("k"), record("b"), record("c").key("k"), record("d")];
    transcript.note("no key where one is needed", send(kafka, &linger, &records));
    transcript.note("with keys", send(kafka, &linger, &[records[0], records[2]]));
    transcript.note("a compacted topic", kafka.read("p-compact", &[]));

    kafka.create("p-times", 1, &[]);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64;
    let day = 24 * 60 * 60 * 1000;
    for (what, times) in [
        ("tomorrow", vec![now + day]),
        ("tomorrow among others", vec![now, now + day, now]),
        ("long ago", vec![0, 1, now - 1000 * day]),
        ("no time", vec![-1]),
    ] {
        let records: Vec<_> =
            times.iter().map(|time| Record::to("p-times").value("v").timestamp(*time)).collect();
        transcript.note(what, send(kafka, &linger, &records));
    }
    kafka.create("p-append-time", 1, &[("message.timestamp.type", "LogAppendTime")]);
    let record = Record::to("p-append-time").value("v").timestamp(now + day);
    transcript.note("the broker's time", send(kafka, &linger, &[record]));
}

fn places(kafka: &Kafka, transcript: &mut Transcript) {
    kafka.create("p-places", 3, &[]);
    let record = Record::to("p-places").value("v");
    for partition in [0, 2, 3, -1] {
        let what = format!("to partition {partition}");
        transcript.note(&what, send(kafka, &[], &[record.partition(partition)]));
    }
    let keys: Vec<String> = (0..20).map(|key| key.to_string()).collect();
    let records: Vec<_> = keys.iter().map(|key| record.key(key)).collect();
    transcript.note("by key", send(kafka, &[], &records));
    for topic in ["p bad", "", "."] {
        transcript.note("to a bad name", send(kafka, &[], &[Record::to(topic).value("v")]));
    }
}

/// Sends with a producer of its own, and tells what became of each.
fn send(kafka: &Kafka, settings: &[(&str, &str)], records: &[Record<'_>]) -> Vec<String> {
    let producer = kafka.producer(settings);
    let sent: Vec<Result<Delivery, Error>> =
        records.iter().map(|record| producer.send(*record)).collect();
    let outcomes = sent.into_iter().map(|sent| match sent.map(Delivery::wait) {
        Ok(Ok(placed)) => place(&placed),
        Ok(Err(error)) => told(&error),
        Err(error) => format!("not accepted: {}", told(&error)),
    });
    let outcomes = outcomes.collect();
    producer.close(LONG).unwrap();
    outcomes
}

fn place(placed: &RecordMetadata) -> String {
    format!("{}@{:?}, {}", placed.partition, placed.offset, placed.timestamp.is_some())
}

/// Waits until a topic has so many records.
fn wait_for(kafka: &Kafka, topic: &str, records: usize) {
    while kafka.read(topic, &[]).len() <= records {}
}
