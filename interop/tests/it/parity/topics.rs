//! Topics come, are described, are refused, and go.

use std::sync::Arc;

use kafka_blocking::{CreatedTopic, Error, NewTopic, Topic, Uuid};

use super::{Kafka, Transcript, new, owned, told};

pub(super) fn scenario(kafka: &Kafka, transcript: &mut Transcript) {
    creations(kafka, transcript);
    refusals(kafka, transcript);
    deletions(kafka, transcript);
}

fn creations(kafka: &Kafka, transcript: &mut Transcript) {
    let configs = owned(&[("retention.ms", "60000"), ("cleanup.policy", "compact,delete")]);
    let topics = [
        new("p-two", 2, 1),
        NewTopic { partitions: None, replication_factor: None, ..new("p-default", 1, 1) },
        NewTopic { configs, ..new("p-configured", 1, 1) },
        new(&long_name(249), 1, 1),
    ];
    let would = kafka.admin.validate_topics(&topics);
    transcript.result("validate", would.map(created));
    transcript.result("validated", describe(kafka, "p-two"));
    let created = kafka.admin.create_topics(&topics).map(created);
    transcript.result("create", created);
    for topic in &topics {
        kafka.until_known(&topic.name, true);
        transcript.result("describe", describe(kafka, &topic.name));
    }
    let listed = kafka.admin.list_topics().map(|topics| {
        let ours = topics.iter().filter(|topic| topic.name.starts_with("p-"));
        ours.map(|topic| topic_as_text(topic)).collect::<Vec<_>>()
    });
    transcript.result("list", listed);
    transcript.result("describe a bad name", describe(kafka, "p bad"));
    transcript.result("describe no name", describe(kafka, ""));
    transcript.result("describe what is not there", describe(kafka, "p-missing"));
}

fn refusals(kafka: &Kafka, transcript: &mut Transcript) {
    let configured = |key, value| NewTopic { configs: owned(&[(key, value)]), ..new("p-no", 1, 1) };
    let topics = [
        new("p-two", 2, 1),
        new("p-two", 0, 9),
        new("p bad", 1, 1),
        new("p/bad", 0, 1),
        new("pä", 1, 1),
        new("", 1, 1),
        new(".", 1, 1),
        new("..", 1, 1),
        new(&long_name(250), 1, 1),
        new("p_two", 1, 1),
        new("p.two", 1, 1),
        new("p-no", 0, 1),
        new("p-no", -2, 1),
        new("p-no", 1, 0),
        new("p-no", 1, -2),
        new("p-no", 1, 2),
        configured("no.such.key", "1"),
        configured("retention.ms", "soon"),
        configured("retention.ms", "-2"),
        configured("cleanup.policy", "keep"),
        configured("compression.type", "lzma"),
        configured("max.message.bytes", "-1"),
        configured("min.insync.replicas", "0"),
        configured("segment.bytes", "1"),
        configured("message.timestamp.type", "Never"),
    ];
    for (at, topic) in topics.into_iter().enumerate() {
        let what = format!("create {at} {:.20}", topic.name);
        let topics = [topic];
        transcript.result(&what, kafka.admin.create_topics(&topics).map(created));
        transcript
            .result(&format!("validate {at}"), kafka.admin.validate_topics(&topics).map(created));
    }
    let twice = [new("p-twice", 1, 1), new("p-once", 1, 1), new("p-twice", 1, 1)];
    transcript.result("create twice", kafka.admin.create_topics(&twice).map(created));
    kafka.create("p-dots.a", 1, &[]);
    let collides = kafka.admin.create_topics(&[new("p-dots_a", 1, 1)]);
    transcript.result("create what collides", collides.map(created));
}

fn deletions(kafka: &Kafka, transcript: &mut Transcript) {
    let before = id(kafka, "p-default");
    let delete = |names: &[&str]| kafka.admin.delete_topics(names).map(by_name);
    transcript.result("delete", delete(&["p-default", "p-missing", "p-configured"]));
    for gone in ["p-default", "p-configured"] {
        kafka.until_known(gone, false);
        transcript.result("describe what is gone", describe(kafka, gone));
    }
    transcript.result("delete again", delete(&["p-default"]));
    transcript.result("delete twice", delete(&["p-two", "p-two"]));
    transcript.result("delete a bad name", delete(&["p bad"]));
    transcript.result("delete no name", delete(&[""]));
    kafka.create("p-default", 1, &[]);
    transcript.note("the id is another", id(kafka, "p-default") != before);
}

fn long_name(length: usize) -> String {
    format!("p-{:x<1$}", "", length - 2)
}

fn id(kafka: &Kafka, name: &str) -> Option<Uuid> {
    Some(kafka.admin.describe_topics(&[name]).ok()?.first()?.1.as_ref().ok()?.id)
}

fn describe(kafka: &Kafka, name: &str) -> Result<Vec<String>, Error> {
    let described = kafka.admin.describe_topics(&[name])?;
    Ok(by_name_with(described, |topic| topic_as_text(&topic)))
}

/// Without ids, which are random.
fn topic_as_text(topic: &Topic) -> String {
    let Topic { name, internal, partitions, .. } = topic;
    format!("{name:.20} {} {internal} {partitions:?}", topic.id != Uuid::default())
}

fn created(results: Vec<(Arc<str>, Result<CreatedTopic, Error>)>) -> Vec<String> {
    by_name_with(results, |created| {
        let CreatedTopic { id, partitions, replication_factor } = created;
        format!("{} {partitions:?} {replication_factor:?}", id != Uuid::default())
    })
}

fn by_name(results: Vec<(Arc<str>, Result<(), Error>)>) -> Vec<String> {
    by_name_with(results, |()| "done".to_owned())
}

fn by_name_with<T>(
    results: Vec<(Arc<str>, Result<T, Error>)>,
    show: impl Fn(T) -> String,
) -> Vec<String> {
    let text = |(name, result): (Arc<str>, Result<T, Error>)| match result {
        Ok(value) => format!("{name:.20} {}", show(value)),
        Err(error) => format!("{name:.20} {}", told(&error)),
    };
    results.into_iter().map(text).collect()
}
