//! The blocking methods do what the async ones do.

use std::thread;
use std::time::Duration;

use kafka_blocking::{
    Admin, Config, DeleteBefore, NewTopic, OffsetSpec, ProducerConfig, Record, StartAt, connect,
};
use kafka_sim::{ServeOptions, serve};

const LONG: Duration = Duration::from_secs(30);

#[test]
fn a_whole_life_on_threads() {
    crate::in_time(|| {
        let brokers =
            serve(ServeOptions { auto_create: false, ..ServeOptions::default() }).expect("brokers");
        let client =
            connect(Config::new(&brokers.bootstrap()).expect("addresses")).expect("settings");
        let topic = NewTopic {
            name: "t".into(),
            partitions: Some(2),
            replication_factor: Some(1),
            configs: Vec::new(),
        };
        let created = client.admin().create_topics(&[topic]).expect("an answer");
        assert!(created[0].1.is_ok());

        let producer = client.producer(ProducerConfig::default()).expect("settings");
        let at = producer
            .send(Record::to("t").partition(0).value("0"))
            .expect("accepted")
            .wait()
            .expect("delivered");
        assert_eq!((at.partition, at.offset), (0, Some(0)));
        let senders: Vec<_> = (0..2)
            .map(|partition| {
                let topic = producer.topic("t").expect("a topic");
                thread::spawn(move || {
                    for n in 1..100 {
                        topic
                            .post(Record::new().partition(partition).value(&n.to_string()))
                            .expect("accepted");
                    }
                })
            })
            .collect();
        senders.into_iter().for_each(|sender| sender.join().expect("no panic"));
        producer.flush().expect("delivered");
        let ends = client
            .admin()
            .list_offsets(&[("t", 0, OffsetSpec::Latest), ("t", 1, OffsetSpec::Latest)]);
        let ends: Vec<_> = ends
            .expect("an answer")
            .into_iter()
            .map(|(_, _, found)| found.expect("found").offset)
            .collect();
        assert_eq!(ends, [Some(100), Some(99)]);

        let mut consumer = client.consumer(Default::default()).expect("settings");
        consumer.assign_topics(&["t"], StartAt::Beginning).expect("a topic");
        let first = consumer.iter().next().expect("no end").expect("a record");
        assert_eq!(first.offset, 0);
        let mut left = 198;
        while left > 0 {
            left -= consumer.poll(LONG).expect("records").len();
        }
        consumer.seek("t", 1, StartAt::Offset(98)).expect("assigned");
        assert_eq!(consumer.poll(LONG).expect("records").len(), 1);
        let handle = consumer.handle();
        let closer = thread::spawn(move || handle.close());
        assert!(consumer.iter().next().is_none());
        closer.join().expect("no panic");
        producer.close(LONG).expect("delivered");
        shrinks_and_grows(&client.admin());
        client.close();
        assert!(client.admin().list_topics().is_err());
    });
}

/// The topic `t`, of two partitions.
fn shrinks_and_grows(admin: &Admin) {
    let deleted = admin.delete_records(&[("t", 0, DeleteBefore::Offset(7))]);
    assert!(matches!(deleted.expect("an answer").as_slice(), [(_, 0, Ok(7))]));
    let grown = admin.create_partitions(&[("t", 3)]).expect("an answer");
    assert!(grown[0].1.is_ok());
    let described = admin.describe_topics(&["t"]).expect("an answer");
    assert_eq!(described[0].1.as_ref().expect("a topic").partitions.len(), 3);
}
