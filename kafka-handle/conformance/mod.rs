//! What every adapter must do: the same scenarios, as async functions over [`kafka_handle`], against served brokers.
//!
//! An adapter's test includes this file by its path and calls [`each_scenario`] with a function that runs one scenario.
//! No scenario knows a runtime, sleeps, or looks at a clock; the runner ends one that hangs.

#![allow(unreachable_pub, reason = "included by tests, which export nothing")]

mod admin;
mod consume;
mod faults;
mod lifecycle;
mod produce;

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use kafka_handle::{
    Client, Config, ConfigError, Consumer, ConsumerConfig, OwnedRecord, Producer, ProducerConfig,
    StartAt,
};
use kafka_sim::{ServeOptions, Served, serve};

/// How an adapter makes a client.
pub type Connect = fn(Config) -> Result<Client, ConfigError>;

/// Longer than anything takes that goes well.
pub const LONG: Duration = Duration::from_secs(10);

/// Served brokers and a client of them.
pub struct World {
    pub brokers: Served,
    pub client: Client,
    connect: Connect,
}

impl World {
    /// A world of so many brokers. Topics are made by hand.
    pub fn new(connect: Connect, nodes: usize) -> Self {
        let options = ServeOptions { nodes, auto_create: false, ..ServeOptions::default() };
        let brokers = serve(options).expect("brokers on free ports");
        let client = connect(config(&brokers.bootstrap())).expect("settings that can be used");
        Self { brokers, client, connect }
    }

    /// A world of one broker with a topic.
    pub fn with_topic(connect: Connect, topic: &str, partitions: i32) -> Self {
        let world = Self::new(connect, 1);
        world.create(topic, partitions, 1);
        world
    }

    pub fn create(&self, topic: &str, partitions: i32, replicas: i16) {
        self.brokers
            .with(|cluster| cluster.create_topic(topic, partitions, replicas))
            .expect("a new topic");
    }

    /// Another client of the same brokers.
    pub fn another_client(&self) -> Client {
        (self.connect)(config(&self.brokers.bootstrap())).expect("settings that can be used")
    }

    /// A producer with one setting after the other changed.
    pub fn producer(&self, settings: &[(&str, &str)]) -> Producer {
        let mut config = ProducerConfig::default();
        for (key, value) in settings {
            config.set(key, value).expect(key);
        }
        self.client.producer(config).expect("settings that can be used")
    }

    /// A consumer with one setting after the other changed.
    pub fn consumer(&self, settings: &[(&str, &str)]) -> Consumer {
        let mut config = ConsumerConfig::default();
        config.set("fetch.max.wait.ms", "50").expect("fetch.max.wait.ms");
        for (key, value) in settings {
            config.set(key, value).expect(key);
        }
        self.client.consumer(config).expect("settings that can be used")
    }

    /// A consumer at the beginning of a topic.
    pub async fn consumer_of(&self, topic: &str, settings: &[(&str, &str)]) -> Consumer {
        let mut consumer = self.consumer(settings);
        consumer.assign_topics(&[topic], StartAt::Beginning).await.expect("a topic that exists");
        consumer
    }

    /// The values in a partition's log, as text.
    pub fn log(&self, topic: &str, partition: i32) -> Vec<String> {
        let text = |value: Option<&[u8]>| {
            String::from_utf8(value.unwrap_or_default().to_vec()).expect("text")
        };
        self.brokers.with(|cluster| {
            cluster.log(topic, partition).map(|record| text(record.value.as_deref())).collect()
        })
    }
}

/// Settings with which retries don't take long.
pub fn config(bootstrap: &str) -> Config {
    let mut config = Config::new(bootstrap).expect("addresses");
    for (key, value) in [
        ("retry.backoff.ms", "10"),
        ("reconnect.backoff.ms", "10"),
        ("default.api.timeout.ms", "20000"),
    ] {
        config.set(key, value).expect(key);
    }
    config
}

/// Polls until so many records have come.
pub async fn take(consumer: &mut Consumer, count: usize) -> Vec<OwnedRecord> {
    let mut taken = Vec::new();
    while taken.len() < count {
        let records = consumer.poll(LONG).await.expect("a poll that goes well");
        assert!(!records.is_empty(), "only {} of {count} records came", taken.len());
        taken.extend(records.iter().map(|record| record.to_owned()));
    }
    taken
}

/// The values by partition, in the order in which they came.
pub fn by_partition(records: &[OwnedRecord]) -> BTreeMap<i32, Vec<String>> {
    let mut partitions: BTreeMap<i32, Vec<String>> = BTreeMap::new();
    for record in records {
        partitions.entry(record.partition).or_default().push(value_of(record));
    }
    partitions
}

pub fn value_of(record: &OwnedRecord) -> String {
    String::from_utf8(record.value.as_deref().unwrap_or_default().to_vec()).expect("text")
}

/// Runs futures side by side until all are ready.
pub async fn join<'a, T>(futures: Vec<Pin<Box<dyn Future<Output = T> + Send + 'a>>>) -> Vec<T> {
    let mut running: Vec<_> = futures.into_iter().map(Ok).collect();
    poll_fn(|cx| {
        let mut pending = false;
        for slot in &mut running {
            if let Ok(future) = slot {
                match future.as_mut().poll(cx) {
                    Poll::Ready(output) => *slot = Err(output),
                    Poll::Pending => pending = true,
                }
            }
        }
        if pending { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    running.into_iter().filter_map(Result::err).collect()
}

/// Polls a future once, with a waker that nobody hears, and drops it.
pub fn poll_once<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut cx = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut cx) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

/// Yields to the executor again and again until something is so.
pub async fn until(mut is_so: impl FnMut() -> bool) {
    poll_fn(|cx| {
        if is_so() {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

macro_rules! scenarios {
    ($($module:ident: $($name:ident)+;)+) => {
        $($(pub use $module::$name;)+)+

        /// Makes a test of every scenario, run by `$run`.
        macro_rules! each_scenario {
            ($run:path) => {
                $($(
                    #[test]
                    fn $name() {
                        $run($crate::conformance::$name);
                    }
                )+)+
            };
        }
        pub(crate) use each_scenario;
    };
}

scenarios! {
    produce: records_arrive_as_they_were_sent deliveries_tell_where_records_are equal_keys_share_a_partition
        every_codec_makes_the_round_trip linger_sends_without_a_flush flush_is_a_cut posted_failures_show_at_flush
        what_can_not_be_sent_is_refused try_send_is_full_until_the_topic_is_known send_waits_for_memory
        memory_that_never_comes_times_out senders_wait_in_line acks_none_knows_no_offset many_senders_lose_nothing
        records_without_key_use_all_partitions send_all_keeps_order a_cancelled_send_sends_nothing
        a_long_record_crosses_segments a_partition_that_was_added_is_sent_to;
    consume: polls_are_as_long_as_they_may_be positions_move_by_hand_out_only a_stream_hands_out_one_by_one
        seek_leaves_nothing_of_before a_paused_partition_is_silent_and_loses_nothing wake_ends_a_poll
        the_end_of_a_partition_is_told_once starting_points_are_kept a_batch_is_entered_in_its_middle
        poll_waits_for_what_comes reset_none_is_an_error topics_are_assigned_whole lag_counts_down reassignment_drops_what_is_not_named;
    faults: a_cut_connection_costs_no_record leaders_move_under_load a_killed_broker_comes_back
        nonsense_ends_a_connection_and_not_the_client nobody_listens_is_told_with_the_cause
        a_topic_that_is_missing_is_named a_deleted_topic_fails_its_records;
    lifecycle: close_delivers_what_was_accepted dropping_a_producer_delivers_too close_gives_up_at_its_timeout
        a_closed_client_completes_everything dropping_every_handle_closes_the_connections
        two_clients_do_not_meet a_closed_consumer_ends_its_polls;
    admin: topics_come_and_go offsets_are_looked_up;
}
