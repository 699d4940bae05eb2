//! Topics that do not exist, and those that come to be by being asked for.
//!
//! That a topic does not exist is believed after some seconds only, so what waits for that waits together.

use std::sync::Arc;
use std::thread;

use kafka_blocking::{Delivery, Error, OffsetSpec, Producer, Record, StartAt, Topic};

use super::consume::read_to_end;
use super::{Kafka, Transcript};

pub(super) fn scenario(kafka: &Kafka, transcript: &mut Transcript) {
    use_what_is_not_there(kafka, &[("allow.auto.create.topics", "false")], transcript);
    let sent = send(&kafka.producer(&[]), "p-sent");
    transcript.result("send creates", sent);
    transcript.result("it is there", partitions(kafka, "p-sent"));
    let assigned = kafka.consumer(&[]).assign(&[("p-assigned", 2, StartAt::Beginning)]);
    transcript.result("assign creates", assigned);
    transcript.result("it is there", partitions(kafka, "p-assigned"));
    lose_it(kafka, transcript);
}

/// On brokers that create nothing by themselves.
pub(super) fn nothing_is_created(bootstrap: &str) -> Transcript {
    let mut transcript = Transcript::default();
    let kafka = Kafka::connect(bootstrap);
    use_what_is_not_there(&kafka, &[], &mut transcript);
    kafka.client.close();
    transcript
}

fn use_what_is_not_there(kafka: &Kafka, settings: &[(&str, &str)], transcript: &mut Transcript) {
    thread::scope(|scope| {
        let sent = scope.spawn(|| send(&kafka.producer(settings), "p-never"));
        let assigned =
            scope.spawn(|| kafka.consumer(settings).assign(&[("p-never", 0, StartAt::Beginning)]));
        let looked_up = scope.spawn(|| {
            let mut offsets = kafka.admin.list_offsets(&[("p-never", 0, OffsetSpec::Latest)])?;
            offsets.remove(0).2
        });
        transcript.result("send to what is not there", sent.join().unwrap());
        transcript.result("assign what is not there", assigned.join().unwrap());
        transcript.result("offsets of what is not there", looked_up.join().unwrap());
    });
    transcript.result("it is not there", partitions(kafka, "p-never"));
}

/// A topic is deleted under its users.
fn lose_it(kafka: &Kafka, transcript: &mut Transcript) {
    kafka.create("p-gone", 1, &[]);
    let settings = [("allow.auto.create.topics", "false")];
    let producer = kafka.producer(&settings);
    let mut consumer = kafka.consumer(&settings);
    consumer.assign(&[("p-gone", 0, StartAt::Beginning)]).unwrap();
    transcript.result("before", send(&producer, "p-gone"));
    transcript.note("before", read_to_end(&mut consumer, 1));
    kafka.admin.delete_topics(&["p-gone"]).unwrap();
    thread::scope(|scope| {
        let sent = scope.spawn(|| send(&producer, "p-gone"));
        transcript.note("behind", read_to_end(&mut consumer, 1));
        transcript.result("behind", sent.join().unwrap());
    });
}

/// The offset of a record.
fn send(producer: &Producer, topic: &str) -> Result<Option<i64>, Error> {
    let record = Record::to(topic).value("v").partition(0).timestamp(1);
    producer.send(record).and_then(Delivery::wait).map(|placed| placed.offset)
}

fn partitions(kafka: &Kafka, topic: &str) -> Result<usize, Error> {
    let mut described: Vec<(_, Result<Arc<Topic>, _>)> = kafka.admin.describe_topics(&[topic])?;
    described.remove(0).1.map(|topic| topic.partitions.len())
}
