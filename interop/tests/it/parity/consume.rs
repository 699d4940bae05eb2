//! Records are read from wherever they can be, and positions that do not exist are judged.

use kafka_blocking::{ConsumedRecord, Consumer, Record, StartAt, header};

use super::{Kafka, Transcript, told};
use crate::ours::LONG;

pub(super) fn scenario(kafka: &Kafka, trim: &dyn Fn(&str, i32, i64), transcript: &mut Transcript) {
    round_trip(kafka, transcript);
    starts(kafka, transcript);
    out_of_range(kafka, "p-range", transcript);
    kafka.create("p-trimmed", 1, &[]);
    kafka.fill("p-trimmed", &["a", "b", "c"]);
    kafka.fill("p-trimmed", &["d", "e", "f"]);
    trim("p-trimmed", 0, 4);
    out_of_range(kafka, "p-trimmed", transcript);
    assignments(kafka, transcript);
}

fn round_trip(kafka: &Kafka, transcript: &mut Transcript) {
    kafka.create("p-trip", 2, &[]);
    let producer = kafka.producer(&[("linger.ms", "100"), ("compression.type", "zstd")]);
    let none = Record::to("p-trip").partition(1);
    let headers = [header("a", "1"), (&b"a"[..], None), header("a", ""), header("", "2")];
    for record in [
        none.timestamp(1),
        none.key("").value("").timestamp(0),
        none.key("k").value("v").headers(&headers).timestamp(1_700_000_000_000),
        none.value("v").timestamp(5),
    ] {
        producer.post(record).unwrap();
    }
    producer.flush().unwrap();
    transcript.note("all fields", kafka.read("p-trip", &[]));
}

fn starts(kafka: &Kafka, transcript: &mut Transcript) {
    kafka.create("p-starts", 1, &[]);
    transcript.note("nothing", kafka.read("p-starts", &[]));
    kafka.fill("p-starts", &["a", "b", "c"]);
    kafka.fill("p-starts", &["d", "e"]);
    for start in [
        StartAt::Default,
        StartAt::Beginning,
        StartAt::End,
        StartAt::Offset(0),
        StartAt::Offset(1),
        StartAt::Offset(4),
        StartAt::Offset(5),
        StartAt::Timestamp(0),
        StartAt::Timestamp(1005),
        StartAt::Timestamp(1010),
        StartAt::Timestamp(9999),
    ] {
        for reset in ["earliest", "latest", "none"] {
            let read = kafka.read_from("p-starts", start, &[("auto.offset.reset", reset)]);
            transcript.note(&format!("from {start:?}, {reset}"), read);
        }
    }
    let few = [("max.partition.fetch.bytes", "1"), ("max.poll.records", "1")];
    transcript.note("a batch at a time", kafka.read("p-starts", &few));
}

fn out_of_range(kafka: &Kafka, topic: &str, transcript: &mut Transcript) {
    if topic == "p-range" {
        kafka.create(topic, 1, &[]);
        kafka.fill(topic, &["a", "b", "c"]);
    }
    for offset in [0, 1, 3, 4, 6, 7, 100, i64::MAX] {
        for reset in ["earliest", "latest", "none"] {
            let settings = [("auto.offset.reset", reset)];
            let read = kafka.read_from(topic, StartAt::Offset(offset), &settings);
            transcript.note(&format!("{topic} from {offset}, {reset}"), read);
        }
    }
    // An error stays until the position is moved.
    let mut consumer = kafka.consumer(&[("auto.offset.reset", "none")]);
    consumer.assign(&[(topic, 0, StartAt::Offset(100))]).unwrap();
    for _ in 0..2 {
        transcript.note("again", read_to_end(&mut consumer, 1));
    }
    consumer.seek(topic, 0, StartAt::Beginning).unwrap();
    transcript.note("after a seek", read_to_end(&mut consumer, 1));
    transcript.note("position and lag", (consumer.position(topic, 0), consumer.lag(topic, 0)));
}

fn assignments(kafka: &Kafka, transcript: &mut Transcript) {
    let mut consumer = kafka.consumer(&[("allow.auto.create.topics", "false")]);
    let mut assign = |topic: &str, partition| {
        let assigned =
            consumer.assign(&[("p-starts", 0, StartAt::End), (topic, partition, StartAt::End)]);
        transcript.result(&format!("assign {topic:?} {partition}"), assigned);
    };
    assign("p-trip", 1);
    assign("p-trip", 2);
    assign("p-trip", -1);
    assign("p bad", 0);
    assign("", 0);
    let sought = consumer.seek("p-trip", 0, StartAt::Beginning);
    transcript.result("seek what is not assigned", sought);
}

impl Kafka {
    /// All that a topic has, one line a record, and each partition's end.
    pub(super) fn read(&self, topic: &str, settings: &[(&str, &str)]) -> Vec<String> {
        let mut consumer = self.consumer(settings);
        consumer.assign_topics(&[topic], StartAt::Beginning).unwrap();
        let partitions = consumer.assignment().len();
        let mut lines = read_to_end(&mut consumer, partitions);
        lines.sort();
        lines
    }

    fn read_from(&self, topic: &str, start: StartAt, settings: &[(&str, &str)]) -> Vec<String> {
        let mut consumer = self.consumer(settings);
        match consumer.assign(&[(topic, 0, start)]) {
            Ok(()) => read_to_end(&mut consumer, 1),
            Err(error) => vec![format!("not assigned: {}", told(&error))],
        }
    }
}

/// Reads until as many ends are reached, or an error is told.
pub(super) fn read_to_end(consumer: &mut Consumer, mut ends: usize) -> Vec<String> {
    let mut lines = Vec::new();
    while ends > 0 {
        match consumer.poll(LONG) {
            Ok(records) if records.is_empty() && records.ends().is_empty() => {
                lines.push("nothing comes".to_owned());
                break;
            }
            Ok(records) => {
                lines.extend(records.iter().map(|record| line(&record)));
                for end in records.ends() {
                    lines.push(format!("{} ends at {}", end.partition, end.offset));
                    ends -= 1;
                }
            }
            Err(error) => {
                lines.push(told(&error));
                break;
            }
        }
    }
    lines
}

fn line(record: &ConsumedRecord<'_>) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let headers: Vec<_> =
        record.headers().map(|(key, value)| (text(key), value.map(text))).collect();
    // The times of records that were given none are not the same on two brokers.
    let time = Some(record.timestamp).filter(|time| *time <= 1_700_000_000_000);
    let (key, value) = (record.key.map(text), record.value.map(text));
    let (partition, offset) = (record.partition, record.offset);
    format!("{partition}@{offset} {time:?} {key:?}={value:?} {headers:?}")
}
