//! Producing: `rd_kafka_produce` on a topic handle, the shortest way in that copies the value.

use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::ptr;

use kafka_peers::broker::TOPIC;
use kafka_peers::measure::{Measured, Stopwatch};
use kafka_peers::settings::Settings;
use kafka_peers::value::value;
use rdkafka_sys as sys;

use sys::rd_kafka_resp_err_t::{RD_KAFKA_RESP_ERR__QUEUE_FULL, RD_KAFKA_RESP_ERR_NO_ERROR};

use crate::client::{Client, Conf, c_string, check};

/// How often, in records, the producing thread looks for delivery reports while there is room.
const POLL_EVERY: u64 = 1_024;

/// How long to wait for reports when there is no room, and for all of them at the end, in milliseconds.
const FULL_WAIT_MS: c_int = 100;
const FLUSH_WAIT_MS: c_int = 60_000;

/// The partition that leaves the choice to the library: with null keys it stays on one for some milliseconds.
const UNASSIGNED: i32 = -1;

/// Awaited means a delivery report for every record, counted in the callback. Dropped means that no report is asked
/// for: the library then frees records without telling, and a full queue blocks in the call itself.
pub(crate) fn produce(
    settings: &Settings,
    address: &str,
    awaited: bool,
    over: &[(&str, &str)],
) -> Result<Measured, String> {
    let tally = Tally::default();
    let conf = Conf::new(&properties(settings, address), over)?;
    if awaited {
        // SAFETY: The tally outlives the client made below, as locals are dropped in reverse order, and is touched by
        // this thread alone: the callback runs inside of `rd_kafka_poll` and `rd_kafka_flush`.
        unsafe {
            sys::rd_kafka_conf_set_opaque(conf.raw(), (&raw const tally).cast_mut().cast());
            sys::rd_kafka_conf_set_dr_msg_cb(conf.raw(), Some(delivered));
        }
    }
    let client = Client::new(sys::rd_kafka_type_t::RD_KAFKA_PRODUCER, conf)?;
    let sender = Sender::new(&client, settings, awaited)?;
    sender.send(settings.warmup)?;
    let watch = Stopwatch::start();
    sender.send(settings.records)?;
    let measured = watch.stop(settings.records);
    if awaited
        && (tally.delivered.get(), tally.failed.get()) != (settings.warmup + settings.records, 0)
    {
        return Err(format!(
            "{} delivered, {} failed",
            tally.delivered.get(),
            tally.failed.get()
        ));
    }
    Ok(measured)
}

fn properties(settings: &Settings, address: &str) -> Vec<(&'static str, String)> {
    vec![
        ("bootstrap.servers", address.to_owned()),
        ("enable.idempotence", "true".to_owned()),
        ("acks", "all".to_owned()),
        ("compression.codec", "none".to_owned()),
        ("linger.ms", settings.linger_ms.to_string()),
        ("batch.size", settings.batch_bytes.to_string()),
        // A batch is never over the largest message either; its size alone is to decide, so the counts are out of reach.
        (
            "message.max.bytes",
            settings.batch_bytes.max(1_000_000).to_string(),
        ),
        ("batch.num.messages", "1000000".to_owned()),
        ("queue.buffering.max.messages", "10000000".to_owned()),
        (
            "queue.buffering.max.kbytes",
            (settings.buffer_bytes / 1_024).max(1).to_string(),
        ),
    ]
}

/// What the delivery reports said.
#[derive(Default)]
struct Tally {
    delivered: Cell<u64>,
    failed: Cell<u64>,
}

unsafe extern "C" fn delivered(
    _: *mut sys::rd_kafka_t,
    message: *const sys::rd_kafka_message_t,
    tally: *mut c_void,
) {
    // SAFETY: The library passes a live message and the opaque pointer that `produce` set.
    let (error, tally) = unsafe { ((*message).err, &*tally.cast::<Tally>()) };
    let count = if error == RD_KAFKA_RESP_ERR_NO_ERROR {
        &tally.delivered
    } else {
        &tally.failed
    };
    count.set(count.get() + 1);
}

/// A topic handle and the value to send through it.
struct Sender<'a> {
    client: &'a Client,
    topic: *mut sys::rd_kafka_topic_t,
    value: Vec<u8>,
    awaited: bool,
}

impl<'a> Sender<'a> {
    fn new(client: &'a Client, settings: &Settings, awaited: bool) -> Result<Self, String> {
        let name = c_string(TOPIC)?;
        // SAFETY: The client is alive, the name ends in zero, no configuration of the topic's own is given.
        let topic =
            unsafe { sys::rd_kafka_topic_new(client.raw(), name.as_ptr(), ptr::null_mut()) };
        if topic.is_null() {
            return Err("no topic handle".to_owned());
        }
        Ok(Self {
            client,
            topic,
            value: value(0, settings.value_bytes as usize),
            awaited,
        })
    }

    /// Sends records and returns when the last one is acknowledged.
    fn send(&self, records: u64) -> Result<(), String> {
        for record in 0..records {
            self.send_one()?;
            if self.awaited && record % POLL_EVERY == 0 {
                self.poll(0);
            }
        }
        // SAFETY: The client is alive. Flushing also sends what lingers.
        check(unsafe { sys::rd_kafka_flush(self.client.raw(), FLUSH_WAIT_MS) })
    }

    fn send_one(&self) -> Result<(), String> {
        let flags = if self.awaited {
            sys::RD_KAFKA_MSG_F_COPY
        } else {
            sys::RD_KAFKA_MSG_F_COPY | sys::RD_KAFKA_MSG_F_BLOCK
        };
        loop {
            // SAFETY: The topic is alive; the value is only read, for it is copied; there is no key.
            let refused = unsafe {
                sys::rd_kafka_produce(
                    self.topic,
                    UNASSIGNED,
                    flags,
                    self.value.as_ptr().cast_mut().cast(),
                    self.value.len(),
                    ptr::null(),
                    0,
                    ptr::null_mut(),
                )
            };
            if refused == 0 {
                return Ok(());
            }
            // SAFETY: Reads the calling thread's last error.
            match unsafe { sys::rd_kafka_last_error() } {
                RD_KAFKA_RESP_ERR__QUEUE_FULL => self.poll(FULL_WAIT_MS),
                code => return check(code),
            }
        }
    }

    fn poll(&self, timeout_ms: c_int) {
        // SAFETY: The client is alive.
        unsafe { sys::rd_kafka_poll(self.client.raw(), timeout_ms) };
    }
}

impl Drop for Sender<'_> {
    fn drop(&mut self) {
        // SAFETY: Made by `rd_kafka_topic_new` and not used after this.
        unsafe { sys::rd_kafka_topic_destroy(self.topic) };
    }
}
