//! Brokers that ask for silence get it (KIP-219), and it costs nobody else anything.

use std::time::Duration;

use kafka_engine::{Command, NewTopic, ResponseBody, StartAt};
use kafka_proto::{ApiKey, VersionRange, releases};
use kafka_sim::Fault;

use crate::rig::Rig;

const APIS: [ApiKey; 7] = [
    ApiKey::ApiVersions,
    ApiKey::Metadata,
    ApiKey::InitProducerId,
    ApiKey::Produce,
    ApiKey::ListOffsets,
    ApiKey::Fetch,
    ApiKey::CreateTopics,
];

fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

/// Sends so many records to partition 0 of `t`, in batches of about ten.
fn send(rig: &mut Rig, range: std::ops::Range<usize>) {
    let topic = rig.find("t").unwrap();
    for n in range {
        rig.send(&topic, 0, &format!("{n:08}"));
    }
    rig.flush();
}

/// Does something with every API, through `count` records there and back.
fn work(rig: &mut Rig, count: usize) {
    rig.producer(|config| {
        config.batch_bytes = 250;
        config.delivery_timeout = secs(600);
    });
    send(rig, 0..count);
    rig.until(|rig| rig.reports.len() == count);
    assert!(rig.reports.iter().all(|sent| sent.result.is_ok()), "{:?}", rig.reports);
    rig.consumer(|config| config.max_partition_fetch_bytes = 1000);
    rig.assign("t", 0, StartAt::Beginning).unwrap();
    let values: Vec<String> = rig.consume(count).into_iter().map(|(_, value)| value).collect();
    assert_eq!(values, (0..count).map(|n| format!("{n:08}")).collect::<Vec<_>>());
}

fn topic(name: &str) -> NewTopic {
    let (partitions, replication_factor) = (Some(1), Some(1));
    NewTopic { name: name.into(), partitions, replication_factor, configs: Vec::new() }
}

#[test]
fn nothing_is_sent_on_a_connection_while_its_broker_wants_silence() {
    for api in APIS {
        let mut rig = Rig::new(1);
        rig.cluster.create_topic("t", 1, 1).unwrap();
        rig.cluster.throttle(api, secs(3));
        work(&mut rig, 100);
        for name in ["u", "v"] {
            let topics = vec![topic(name)];
            let (validate_only, deadline) = (false, rig.in_ms(60_000));
            rig.run(Command::CreateTopics { topics, validate_only, deadline }).unwrap();
        }
        rig.pass(secs(10));
        assert_eq!(rig.impatient, [], "{api:?}");
        assert!(rig.cluster.requests(api) > 0, "{api:?}");
    }
}

#[test]
fn silence_is_no_timeout() {
    for api in APIS {
        let mut rig = Rig::new(1);
        rig.cluster.create_topic("t", 1, 1).unwrap();
        rig.cluster.fail_next(api, Fault::Throttle(secs(45)));
        work(&mut rig, 100);
        let topics = vec![topic("u")];
        let (validate_only, deadline) = (false, rig.in_ms(60_000));
        rig.run(Command::CreateTopics { topics, validate_only, deadline }).unwrap();
        rig.pass(secs(60));
        assert_eq!((rig.cluster.pending_faults(), rig.attempts), (0, 4), "{api:?}");
    }
}

#[test]
fn nobody_is_silent_for_longer_than_a_minute() {
    let mut rig = Rig::new(1);
    rig.cluster.create_topic("t", 1, 1).unwrap();
    rig.cluster.fail_next(ApiKey::Fetch, Fault::Throttle(secs(86_400)));
    let begun = rig.now;
    work(&mut rig, 100);
    // After the minute the broker is still deaf, and so the connection is given up for another.
    let seconds = (rig.now - begun) / 1_000_000_000;
    assert!((90..100).contains(&seconds), "{seconds}");
}

#[test]
fn nonsense_is_not_obeyed() {
    for millis in [-1, i32::MIN] {
        let mut rig = Rig::new(1);
        rig.cluster.create_topic("t", 1, 1).unwrap();
        rig.twist = Some(Box::new(move |response| {
            if let ResponseBody::Fetch(fetched) = &mut response.body {
                fetched.response.throttle_time_ms = millis;
            }
        }));
        let begun = rig.now;
        work(&mut rig, 100);
        assert!(rig.now - begun < 1_000_000_000);
    }
}

#[test]
fn a_broker_that_held_its_answer_back_is_not_waited_for_twice() {
    let release = releases::release("1.1").unwrap();
    let mut rig = Rig::with_brokers(1, |options| options.release = release, |_| {});
    rig.cluster.create_topic("t", 1, 1).unwrap();
    for api in APIS {
        rig.cluster.fail_times(api, Fault::Throttle(secs(1)), 2);
    }
    work(&mut rig, 100);
    for api in [ApiKey::Produce, ApiKey::Fetch] {
        let mut times = rig.asked.iter().filter(|asked| asked.2 == api).map(|asked| asked.0);
        let (first, second) = (times.next().unwrap(), times.next().unwrap());
        assert_eq!(second - first, 1_000_000_000, "{api:?}");
    }
}

#[test]
fn only_the_connection_that_was_meant_is_silent() {
    let mut rig = Rig::new(1);
    rig.cluster.create_topic("t", 1, 1).unwrap();
    work(&mut rig, 10);
    rig.pass(secs(1));
    rig.cluster.fail_next(ApiKey::Fetch, Fault::Throttle(secs(30)));
    rig.pass(secs(1));
    let begun = rig.now;
    send(&mut rig, 10..20);
    rig.until(|rig| rig.reports.len() == 20);
    assert_eq!(rig.now, begun, "a producer does not wait for a consumer's quota");
    assert_eq!(rig.consume(10).len(), 10);
    assert!(rig.now > begun);
}

#[test]
fn metadata_is_asked_of_a_broker_that_is_not_silent() {
    let mut rig = Rig::new(3);
    for topic in ["t", "u", "v"] {
        rig.cluster.create_topic(topic, 1, 3).unwrap();
    }
    for topic in ["t", "u", "v"] {
        rig.cluster.fail_next(ApiKey::Metadata, Fault::Throttle(secs(50)));
        let begun = rig.now;
        rig.find(topic).unwrap();
        assert!(rig.now - begun < 1_000_000_000, "{topic}: {:?}", rig.asked);
    }
    assert_eq!(rig.impatient, []);
}

#[test]
fn a_fetch_that_was_held_back_is_repeated_right_after_the_silence() {
    let mut rig = Rig::new(1);
    rig.cluster.create_topic("t", 1, 1).unwrap();
    // Shorter than any backoff.
    rig.cluster.fail_times(ApiKey::Fetch, Fault::Throttle(Duration::from_millis(20)), 2);
    work(&mut rig, 10);
    let times = rig.asked.iter().filter(|asked| asked.2 == ApiKey::Fetch).map(|asked| asked.0);
    let times: Vec<u64> = times.map(|at| at / 1_000_000).collect();
    assert_eq!(times[..3], [times[0], times[0] + 20, times[0] + 40]);
}

#[test]
fn a_broker_of_old_that_says_nothing_is_not_stormed() {
    let mut rig = Rig::new(1);
    rig.cluster.create_topic("t", 1, 1).unwrap();
    rig.cluster.set_versions(ApiKey::Fetch, Some(VersionRange::new(4, 7)));
    rig.producer(|_| {});
    send(&mut rig, 0..10);
    rig.consumer(|_| {});
    // In this version it has waited before it answered; this one has not.
    rig.twist = Some(Box::new(|response| {
        if let ResponseBody::Fetch(fetched) = &mut response.body {
            fetched.response.responses.clear();
            fetched.spans.clear();
            fetched.response.throttle_time_ms = 10;
        }
    }));
    rig.assign("t", 0, StartAt::Beginning).unwrap();
    rig.pass(secs(10));
    assert!((5..60).contains(&rig.fetches.len()), "{} fetches", rig.fetches.len());
    rig.twist = None;
    assert_eq!(rig.consume(10).len(), 10);
}
