//! The kit on one node: what Java writes, Java reads, so that later tests may trust either half of it.

use crate::records::{self, CODECS};
use crate::shared::{self, java};
use kafka_interop::{Consumed, Error, Record, java::End};

#[test]
#[ignore = "needs Java"]
fn java_reads_what_java_wrote_in_every_codec() {
    for codec in CODECS {
        let topic = shared::topic(codec);
        java().create(&topic, 2, 1, &[]).unwrap();
        let records = records::odd();
        let placed = java().produce(&topic, codec, &records, &[("linger.ms", "100")]).unwrap();
        assert_eq!(
            placed.iter().map(|it| (it.partition, it.offset)).collect::<Vec<_>>(),
            [(0, 0), (0, 1), (1, 0)],
            "{codec}"
        );
        let mut consumed = java().consume(&topic, &[]).unwrap();
        consumed.sort_by_key(|it| (it.partition, it.offset));
        assert_eq!(consumed.iter().map(Consumed::record).collect::<Vec<_>>(), records, "{codec}");
        assert!(
            consumed
                .iter()
                .all(|it| it.timestamp_type == "CreateTime" && it.leader_epoch == Some(0)),
            "{codec}"
        );
    }
}

#[test]
#[ignore = "needs Java"]
fn a_transaction_is_seen_by_its_end() {
    for (end, committed, uncommitted) in
        [(End::Commit, 1, 1), (End::Abort, 0, 1), (End::Open, 0, 1)]
    {
        let topic = shared::topic("txn");
        java().create(&topic, 1, 1, &[]).unwrap();
        let id = [("transactional.id", topic.as_str())];
        java().produce_ending(&topic, "none", &[Record::value("v")], &id, end).unwrap();
        for (isolation, seen) in [("read_committed", committed), ("read_uncommitted", uncommitted)]
        {
            assert_eq!(
                java().consume(&topic, &[("isolation.level", isolation)]).unwrap().len(),
                seen,
                "{end:?} {isolation}"
            );
        }
    }
}

#[test]
#[ignore = "needs Java"]
fn many_lines_come_in_order() {
    const COUNT: usize = 100_000;
    let topic = shared::topic("lines");
    let records: Vec<Record> = (0..COUNT).map(|n| Record::value(n.to_string()).to(0)).collect();
    assert_eq!(java().produce(&topic, "lz4", &records, &[]).unwrap().len(), COUNT);
    let mut next = 0;
    java()
        .lines(&topic, |line| {
            assert_eq!(line, next.to_string().as_bytes());
            next += 1;
        })
        .unwrap();
    assert_eq!(next, COUNT);
}

#[test]
#[ignore = "needs Java"]
fn topics_are_administered() {
    let topic = shared::topic("admin");
    java().create(&topic, 1, 1, &[("retention.ms", "1000000")]).unwrap();
    let refused = java().create(&topic, 1, 1, &[]).unwrap_err();
    assert!(
        matches!(&refused, Error::Java(text) if text.starts_with("TopicExistsException")),
        "{refused}"
    );
    java().grow(&topic, 2).unwrap();
    java().alter(&topic, &[("cleanup.policy", "compact")]).unwrap();
    let refused =
        java().produce(&topic, "none", &[Record::value("without a key").to(0)], &[]).unwrap_err();
    assert!(
        matches!(&refused, Error::Java(text) if text.starts_with("InvalidRecordException")),
        "{refused}"
    );
    java().alter(&topic, &[("cleanup.policy", "delete")]).unwrap();

    let records = ["a", "b", "c"].map(|value| Record::value(value).to(1));
    java().produce(&topic, "none", &records, &[]).unwrap();
    java().trim(&topic, 1, 2).unwrap();
    let ends: Vec<_> = java()
        .end_offsets(&topic, &[])
        .unwrap()
        .iter()
        .map(|it| (it.partition, it.start, it.end))
        .collect();
    assert_eq!(ends, [(0, 0, 0), (1, 2, 3)]);
    assert_eq!(java().consume(&topic, &[]).unwrap().len(), 1);

    java().commit(&topic, &topic, 1, 3).unwrap();
    assert_eq!(java().committed(&topic).unwrap(), [(topic.clone(), 1, 3)]);
    assert!(
        java()
            .leaders(&topic)
            .unwrap()
            .iter()
            .all(|it| it.leader == Some(1) && it.replicas == [1] && it.isr == [1])
    );
    assert!(java().topics().unwrap().iter().any(|it| it.name == topic && !it.internal));
    java().delete(&topic).unwrap();
    assert!(java().topics().unwrap().iter().all(|it| it.name != topic));
}
