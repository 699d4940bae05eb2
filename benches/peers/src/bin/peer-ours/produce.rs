//! Producing through the public handle: a producer for one topic, as whoever sends many records to it uses it.

use std::time::Duration;

use kafka_peers::broker::TOPIC;
use kafka_peers::measure::{Measured, Stopwatch};
use kafka_peers::settings::Settings;
use kafka_peers::value::value;
use kafka_tokio::{Acks, Codec, Config, Deliveries, ProducerConfig, Record};

use crate::{Adapter, text};

/// Sends `settings.warmup` records to [`TOPIC`], waits until the last is acknowledged, starts the [`Stopwatch`], and
/// does the same with `settings.records` before stopping it. Every record is
/// [`value(0, settings.value_bytes)`](value) under a null key, copied by the call that sends it.
///
/// `awaited`: every Delivery is awaited, and one that is no success fails the run. Otherwise each is dropped at once
/// and the flush at the end is all the news there is; the comparison then looks into the broker's counts.
///
/// Idempotent, acks=all, no compression; batch size, linger and memory as in `settings`.
pub(crate) fn produce(
    adapter: Adapter,
    awaited: bool,
    settings: &Settings,
    address: &str,
) -> Result<Measured, String> {
    let client = Config::new(address).map_err(text)?;
    match adapter {
        Adapter::Tokio => {
            let runtime = tokio::runtime::Runtime::new().map_err(text)?;
            runtime.block_on(on_tokio(client, awaited, settings))
        }
        Adapter::Blocking => on_threads(client, awaited, settings),
    }
}

fn producer_config(settings: &Settings) -> ProducerConfig {
    ProducerConfig {
        acks: Acks::All,
        enable_idempotence: Some(true),
        compression: Codec::None,
        batch_bytes: settings.batch_bytes as usize,
        linger: Duration::from_millis(settings.linger_ms),
        buffer_memory: settings.buffer_bytes as usize,
        // A batch of that size has to fit in a request.
        max_request_bytes: (settings.batch_bytes as usize).max(1 << 20),
        ..ProducerConfig::default()
    }
}

async fn on_tokio(config: Config, awaited: bool, settings: &Settings) -> Result<Measured, String> {
    let client = kafka_tokio::connect(config).map_err(text)?;
    let producer = client.producer(producer_config(settings)).map_err(text)?;
    let topic = producer.topic(TOPIC).await.map_err(text)?;
    let value = value(0, settings.value_bytes as usize);
    let send = async |records: u64| -> Result<(), String> {
        if awaited {
            let mut deliveries = Deliveries::new();
            for _ in 0..records {
                deliveries.push(topic.send(Record::new().value(&value)).await.map_err(text)?);
            }
            producer.flush().await.map_err(text)?;
            return deliveries.all().await.map_err(text);
        }
        for _ in 0..records {
            drop(topic.send(Record::new().value(&value)).await.map_err(text)?);
        }
        producer.flush().await.map_err(text)
    };
    send(settings.warmup).await?;
    let watch = Stopwatch::start();
    send(settings.records).await?;
    let measured = watch.stop(settings.records);
    client.close().await;
    Ok(measured)
}

fn on_threads(config: Config, awaited: bool, settings: &Settings) -> Result<Measured, String> {
    let client = kafka_blocking::connect(config).map_err(text)?;
    let producer = client.producer(producer_config(settings)).map_err(text)?;
    let topic = producer.topic(TOPIC).map_err(text)?;
    let value = value(0, settings.value_bytes as usize);
    let send = |records: u64| -> Result<(), String> {
        if awaited {
            let mut deliveries = Deliveries::new();
            for _ in 0..records {
                deliveries.push(topic.send(Record::new().value(&value)).map_err(text)?);
            }
            producer.flush().map_err(text)?;
            return deliveries.wait().map_err(text);
        }
        for _ in 0..records {
            drop(topic.send(Record::new().value(&value)).map_err(text)?);
        }
        producer.flush().map_err(text)
    };
    send(settings.warmup)?;
    let watch = Stopwatch::start();
    send(settings.records)?;
    let measured = watch.stop(settings.records);
    client.close();
    Ok(measured)
}
