//! Consuming through `Consumer::poll`.

use std::time::Duration;

use kafka_peers::broker::TOPIC;
use kafka_peers::measure::{Measured, Stopwatch};
use kafka_peers::settings::Settings;
use kafka_peers::value::{check_sum, read_value};
use kafka_tokio::{AutoOffsetReset, Config, ConsumerConfig, Records, StartAt};

use crate::{Adapter, text};

/// The most that one poll gives: as many as are taken from librdkafka at once.
const BATCH: usize = 1_000;

/// How long a poll waits for a first record.
const WAIT: Duration = Duration::from_secs(1);

/// Assigns every partition of [`TOPIC`] from offset 0, without a group, reads `settings.warmup` records, starts the
/// [`Stopwatch`], and stops it when `settings.records` more are read. Each value goes through [`read_value`], and
/// [`check_sum`] must agree at the end.
///
/// CRCs are checked; the sizes of a fetch are those of `settings`.
pub(crate) fn consume(
    adapter: Adapter,
    settings: &Settings,
    address: &str,
) -> Result<Measured, String> {
    let client = Config::new(address).map_err(text)?;
    match adapter {
        Adapter::Tokio => {
            let runtime = tokio::runtime::Runtime::new().map_err(text)?;
            runtime.block_on(on_tokio(client, settings))
        }
        Adapter::Blocking => on_threads(client, settings),
    }
}

fn consumer_config(settings: &Settings) -> ConsumerConfig {
    ConsumerConfig {
        auto_offset_reset: AutoOffsetReset::None,
        check_crcs: true,
        fetch_max_bytes: settings.fetch_bytes as usize,
        max_partition_fetch_bytes: settings.partition_fetch_bytes as usize,
        max_poll_records: BATCH,
        ..ConsumerConfig::default()
    }
}

fn assignment(settings: &Settings) -> Vec<(&'static str, i32, StartAt)> {
    (0..settings.partitions)
        .map(|partition| (TOPIC, partition as i32, StartAt::Offset(0)))
        .collect()
}

async fn on_tokio(config: Config, settings: &Settings) -> Result<Measured, String> {
    let client = kafka_tokio::connect(config).map_err(text)?;
    let mut consumer = client.consumer(consumer_config(settings)).map_err(text)?;
    consumer.assign(&assignment(settings)).await.map_err(text)?;
    let mut read = Read::default();
    while read.count < settings.warmup {
        read.take(&consumer.poll(WAIT).await.map_err(text)?);
    }
    let before = read.count;
    let watch = Stopwatch::start();
    while read.count < before + settings.records {
        read.take(&consumer.poll(WAIT).await.map_err(text)?);
    }
    let measured = watch.stop(read.count - before);
    client.close().await;
    read.check(settings)?;
    Ok(measured)
}

fn on_threads(config: Config, settings: &Settings) -> Result<Measured, String> {
    let client = kafka_blocking::connect(config).map_err(text)?;
    let mut consumer = client.consumer(consumer_config(settings)).map_err(text)?;
    consumer.assign(&assignment(settings)).map_err(text)?;
    let mut read = Read::default();
    while read.count < settings.warmup {
        read.take(&consumer.poll(WAIT).map_err(text)?);
    }
    let before = read.count;
    let watch = Stopwatch::start();
    while read.count < before + settings.records {
        read.take(&consumer.poll(WAIT).map_err(text)?);
    }
    let measured = watch.stop(read.count - before);
    client.close();
    read.check(settings)?;
    Ok(measured)
}

/// What has been read.
#[derive(Default)]
struct Read {
    count: u64,
    sum: u64,
}

impl Read {
    fn take(&mut self, records: &Records) {
        for record in records {
            self.sum += read_value(record.value.unwrap_or_default());
        }
        self.count += records.len() as u64;
    }

    fn check(&self, settings: &Settings) -> Result<(), String> {
        check_sum(self.count, settings.value_bytes as usize, self.sum)
    }
}
