//! `seq 1 1000000 | kafka produce`, and `kafka consume` gives the same lines; so does the Java client, in either place.

use kafka_interop::Java;

use crate::binary::run;
use crate::records::CODECS;
use crate::shared::{self, cluster, java};

/// What `seq 1 COUNT` prints.
fn seq(count: usize) -> Vec<String> {
    (1..=count).map(|number| number.to_string()).collect()
}

/// A million without compression, and enough with it for many batches.
fn count(codec: &str) -> usize {
    if codec == "none" { 1_000_000 } else { 100_000 }
}

/// The lines as one text.
fn joined(lines: &[String]) -> Vec<u8> {
    lines.iter().flat_map(|line| [line.as_bytes(), b"\n"]).flatten().copied().collect()
}

fn assert_same(found: &[u8], expected: &[u8], what: &str) {
    // Two texts of megabytes are nothing to print.
    let first = found.iter().zip(expected).position(|(found, expected)| found != expected);
    if let Some(at) = first.or((found.len() != expected.len()).then_some(found.len())) {
        let near = |text: &[u8]| text[at.saturating_sub(20)..text.len().min(at + 20)].to_vec();
        let [found, expected] = [found, expected].map(|text| String::from_utf8(near(text)));
        panic!("{what}: at byte {at} there is {found:?} in place of {expected:?}");
    }
}

fn new_topic(stem: &str) -> String {
    let topic = shared::topic(stem);
    java().create(&topic, 1, 1, &[]).unwrap();
    topic
}

fn consume(topic: &str) -> Vec<u8> {
    run(&["consume", "-b", &cluster().bootstrap(), "-t", topic, "-o", "beginning", "-e"], b"")
}

#[test]
#[ignore = "needs Java"]
fn a_million_lines_go_in_and_come_out_in_order() {
    for (number, codec) in (0..).zip(CODECS) {
        let topic = new_topic(&format!("kafka-{codec}"));
        let text = joined(&seq(count(codec)));
        let printed =
            run(&["produce", "-b", &cluster().bootstrap(), "-t", &topic, "-z", codec], &text);
        assert_eq!(printed, b"", "{codec}");
        assert_eq!(shared::codecs_in_log(&topic, 0), [number].into(), "{codec}");
        assert_same(&consume(&topic), &text, codec);

        let mut seen = Vec::new();
        java().lines(&topic, |line| seen.extend([line, b"\n"].concat())).unwrap();
        assert_same(&seen, &text, codec);
    }
}

#[test]
#[ignore = "needs Java"]
fn lines_that_java_wrote_come_out_in_order() {
    // One of its own: the other tests would wait for it.
    let java = Java::start(cluster().jars(), &cluster().bootstrap()).unwrap();
    for codec in CODECS {
        let topic = new_topic(&format!("java-kafka-{codec}"));
        let lines = seq(count(codec));
        java.produce_lines(&topic, codec, &lines).unwrap();
        assert_same(&consume(&topic), &joined(&lines), codec);
    }
}
