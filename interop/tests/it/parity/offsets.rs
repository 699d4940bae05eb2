//! Offsets are looked up.

use kafka_blocking::OffsetSpec;

use super::{Kafka, Transcript, told};

pub(super) fn scenario(kafka: &Kafka, trim: &dyn Fn(&str, i32, i64), transcript: &mut Transcript) {
    kafka.create("p-offsets", 2, &[]);
    look_up(kafka, "empty", transcript);
    // Times go up, stand still, and go back.
    kafka.fill("p-offsets", &["a", "b", "c"]);
    kafka.fill("p-offsets", &["d", "e"]);
    look_up(kafka, "filled", transcript);
    trim("p-offsets", 0, 2);
    look_up(kafka, "trimmed", transcript);
    trim("p-offsets", 0, 5);
    look_up(kafka, "emptied", transcript);
}

fn look_up(kafka: &Kafka, what: &str, transcript: &mut Transcript) {
    let mut asked = vec![(2, OffsetSpec::Latest), (-1, OffsetSpec::Earliest)];
    for partition in [0, 1] {
        asked.extend([OffsetSpec::Earliest, OffsetSpec::Latest].map(|spec| (partition, spec)));
        let times = [0, 1000, 1001, 1010, 1015, 1020, 1021, i64::MAX];
        asked.extend(times.map(|time| (partition, OffsetSpec::Timestamp(time))));
    }
    let question: Vec<_> =
        asked.iter().map(|(partition, spec)| ("p-offsets", *partition, *spec)).collect();
    for ((partition, spec), answer) in
        asked.iter().zip(kafka.admin.list_offsets(&question).unwrap())
    {
        let answer = answer.2.map_err(|error| told(&error));
        transcript.note(&format!("{what} {partition} {spec:?}"), answer);
    }
}
