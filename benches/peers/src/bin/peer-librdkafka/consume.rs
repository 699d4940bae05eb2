//! Consuming: the assigned partitions' common queue, taken from in batches, which costs the library least.

use std::ptr;
use std::slice;

use kafka_peers::broker::TOPIC;
use kafka_peers::measure::{Measured, Stopwatch};
use kafka_peers::settings::Settings;
use kafka_peers::value::{check_sum, read_value};
use rdkafka_sys as sys;

use crate::client::{Client, Conf, c_string, check};

/// Messages taken at once.
const BATCH: usize = 1_000;

/// How long to wait for the first of them, in milliseconds.
const WAIT_MS: i32 = 1_000;

pub(crate) fn consume(
    settings: &Settings,
    address: &str,
    over: &[(&str, &str)],
) -> Result<Measured, String> {
    let conf = Conf::new(&properties(settings, address), over)?;
    let client = Client::new(sys::rd_kafka_type_t::RD_KAFKA_CONSUMER, conf)?;
    assign(&client, settings)?;
    let queue = Queue::new(&client)?;
    let mut read = Read::default();
    while read.count < settings.warmup {
        queue.take(&mut read)?;
    }
    let before = read.count;
    let watch = Stopwatch::start();
    while read.count < before + settings.records {
        queue.take(&mut read)?;
    }
    let measured = watch.stop(read.count - before);
    check_sum(read.count, settings.value_bytes as usize, read.sum)?;
    drop(queue);
    // SAFETY: The client is alive.
    check(unsafe { sys::rd_kafka_consumer_close(client.raw()) })?;
    Ok(measured)
}

fn properties(settings: &Settings, address: &str) -> Vec<(&'static str, String)> {
    vec![
        ("bootstrap.servers", address.to_owned()),
        // Assigning wants a group's name. Nothing is joined and nothing committed.
        ("group.id", "peers".to_owned()),
        ("enable.auto.commit", "false".to_owned()),
        ("enable.auto.offset.store", "false".to_owned()),
        ("check.crcs", "true".to_owned()),
        ("fetch.max.bytes", settings.fetch_bytes.to_string()),
        (
            "max.partition.fetch.bytes",
            settings.partition_fetch_bytes.to_string(),
        ),
    ]
}

/// Assigns all partitions from offset 0 on.
fn assign(client: &Client, settings: &Settings) -> Result<(), String> {
    let name = c_string(TOPIC)?;
    // SAFETY: The list is made, filled, read and destroyed here; each element is written before the next is added.
    let assigned = unsafe {
        let list = sys::rd_kafka_topic_partition_list_new(settings.partitions as i32);
        for partition in 0..settings.partitions {
            let element =
                sys::rd_kafka_topic_partition_list_add(list, name.as_ptr(), partition as i32);
            (*element).offset = 0;
        }
        let assigned = sys::rd_kafka_assign(client.raw(), list);
        sys::rd_kafka_topic_partition_list_destroy(list);
        assigned
    };
    check(assigned)
}

/// What has been read.
#[derive(Default)]
struct Read {
    count: u64,
    sum: u64,
}

/// The consumer's queue.
struct Queue(*mut sys::rd_kafka_queue_t);

impl Queue {
    fn new(client: &Client) -> Result<Self, String> {
        // SAFETY: The client is alive and outlives the queue.
        let queue = unsafe { sys::rd_kafka_queue_get_consumer(client.raw()) };
        if queue.is_null() {
            Err("the consumer has no queue".to_owned())
        } else {
            Ok(Self(queue))
        }
    }

    /// Takes a batch of messages and reads their values.
    fn take(&self, read: &mut Read) -> Result<(), String> {
        let mut messages = [ptr::null_mut(); BATCH];
        // SAFETY: The array has the length given. The library fills the front of it with messages that are ours.
        let taken = unsafe {
            sys::rd_kafka_consume_batch_queue(self.0, WAIT_MS, messages.as_mut_ptr(), BATCH)
        };
        let taken = usize::try_from(taken).map_err(|_| "taking a batch failed".to_owned())?;
        for message in messages.into_iter().take(taken) {
            // SAFETY: The message is live until destroyed, which happens once, after its value has been read.
            let error = unsafe {
                let error = (*message).err;
                if !(*message).payload.is_null() && check(error).is_ok() {
                    read.sum += read_value(slice::from_raw_parts(
                        (*message).payload.cast(),
                        (*message).len,
                    ));
                }
                sys::rd_kafka_message_destroy(message);
                error
            };
            check(error)?;
            read.count += 1;
        }
        Ok(())
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        // SAFETY: Got from `rd_kafka_queue_get_consumer` and not used after this.
        unsafe { sys::rd_kafka_queue_destroy(self.0) };
    }
}
