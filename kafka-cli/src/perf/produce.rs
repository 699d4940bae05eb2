//! `kafka perf produce`.

use std::time::{Duration, Instant};

use clap::Args;
use indicatif::ProgressBar;
use kafka_tokio::{
    Admin, Deliveries, ErrorCode, ErrorKind, NewTopic, Producer, ProducerConfig, Record,
    TopicProducer, TrySendError,
};
use tokio::task::JoinSet;
use tokio::time::sleep_until;

use crate::connect::Configurable;
use crate::failure::Failure;
use crate::perf::Workload;
use crate::perf::cost::Stopwatch;
use crate::perf::latency::Latencies;
use crate::perf::payload::Payload;
use crate::perf::report::Report;
use crate::perf::sampler::Sampler;
use crate::{progress, topics};

/// Results are looked at, and the bar moved, after so many records.
const STEP: u64 = 4096;

/// Options of `kafka perf produce`.
#[derive(Debug, Args)]
pub(crate) struct Produce {
    #[command(flatten)]
    workload: Workload,

    /// Size of a value in bytes; there is no key.
    #[arg(long, value_name = "BYTES", default_value_t = 100)]
    size: usize,

    /// Create the topic with this many partitions if it does not exist; the broker's default without.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..))]
    partitions: Option<i32>,

    /// Replicas that must have a record: all, 1 or 0.
    #[arg(long, value_parser = ["all", "-1", "1", "0"], allow_hyphen_values = true)]
    acks: Option<String>,

    /// How long a batch waits for more records.
    #[arg(long, value_name = "MS")]
    linger_ms: Option<u64>,

    /// Size at which a batch is full, in bytes.
    #[arg(long, value_name = "BYTES")]
    batch: Option<u64>,

    /// none, gzip, snappy, lz4 or zstd.
    #[arg(long, value_name = "CODEC")]
    compression: Option<String>,

    /// Whether the broker drops what it already has. Without: unless the other settings rule it out.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    idempotent: Option<bool>,

    /// Records a second; as fast as they go without.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    rate: Option<u64>,
}

/// Sends the records and waits for the broker's answer to each.
pub(crate) async fn measure(options: Produce) -> Result<Report, Failure> {
    let mut config = options.producer_config()?;
    let Workload { connect, topic, records, warmup } = &options.workload;
    let client_config = connect.configure(Some(&mut config))?;
    let client = kafka_tokio::connect(client_config)?;
    let producer = client.producer(config)?;
    let admin = client.admin();
    if connect.find_topic(&admin, topic).await?.is_none() {
        create(&admin, topic, options.partitions).await?;
    }
    let topic = producer.topic(topic).await?;
    let mut payload = Payload::new(options.size);

    let latencies = Latencies::new().ok_or_else(|| Failure::Failed("no histogram".to_owned()))?;
    let mut run = Run { producer: &producer, topic: &topic, payload: &mut payload, rate: None };
    let hidden = ProgressBar::hidden();
    run.send(*warmup, Sampler::none(), &hidden).await?;
    run.rate = options.rate;
    let progress = progress::bar("producing", *records);
    let watch = Stopwatch::start();
    run.send(*records, Sampler::new(*records, &latencies), &progress).await?;
    let cost = watch.stop();
    let bytes = records.saturating_mul(u64::try_from(options.size).unwrap_or(u64::MAX));
    Ok(Report { records: *records, bytes, cost, latencies })
}

impl Produce {
    fn producer_config(&self) -> Result<ProducerConfig, Failure> {
        let mut config = ProducerConfig::default();
        let settings = [
            ("acks", self.acks.clone()),
            ("linger.ms", self.linger_ms.map(|number| number.to_string())),
            ("batch.size", self.batch.map(|number| number.to_string())),
            ("compression.type", self.compression.clone()),
            ("enable.idempotence", self.idempotent.map(|on| on.to_string())),
        ];
        for (key, value) in settings {
            if let Some(value) = value {
                config.set_key(key, &value)?;
            }
        }
        Ok(config)
    }
}

/// Creates a topic; that somebody else did meanwhile is as well.
async fn create(admin: &Admin, name: &str, partitions: Option<i32>) -> Result<(), Failure> {
    let topic =
        NewTopic { name: name.into(), partitions, replication_factor: None, configs: Vec::new() };
    for (_, created) in admin.create_topics(&[topic]).await? {
        match created {
            Ok(_) => topics::wait_until_settled(admin, &[name]).await,
            Err(error) => match error.kind() {
                ErrorKind::Broker { code: ErrorCode::TOPIC_ALREADY_EXISTS, .. } => {}
                _ => return Err(error.into()),
            },
        }
    }
    Ok(())
}

struct Run<'a> {
    producer: &'a Producer,
    topic: &'a TopicProducer,
    payload: &'a mut Payload,
    rate: Option<u64>,
}

impl Run<'_> {
    /// Sends so many records and waits until all of them are written.
    async fn send(
        &mut self,
        records: u64,
        mut sampler: Sampler,
        progress: &ProgressBar,
    ) -> Result<(), Failure> {
        let mut deliveries = Deliveries::new();
        let mut settling = JoinSet::new();
        let mut pace = Pace::new(self.rate);
        for number in 0..records {
            if let Some(pace) = &mut pace {
                pace.hold(number).await;
            }
            let record = Record { value: Some(self.payload.next()), ..Record::new() };
            let sent_at = sampler.wants_next().then(Instant::now);
            let delivery = match self.topic.try_send(record) {
                Ok(delivery) => delivery,
                Err(TrySendError::Full) => self.topic.send(record).await?,
                Err(TrySendError::Failed(error)) => return Err(error.into()),
            };
            if let Some(sent_at) = sent_at {
                sampler.watch(sent_at, delivery.clone());
            }
            deliveries.push(delivery);
            if number % STEP == STEP - 1 {
                progress.inc(STEP);
                // Results of many records at a time cost next to nothing, and what is settled is forgotten.
                settling.spawn(std::mem::take(&mut deliveries).all());
                while let Some(settled) = settling.try_join_next() {
                    settled.map_err(|error| Failure::Failed(error.to_string()))??;
                }
            }
        }
        self.producer.flush().await?;
        deliveries.all().await?;
        while let Some(settled) = settling.join_next().await {
            settled.map_err(|error| Failure::Failed(error.to_string()))??;
        }
        sampler.finish().await;
        Ok(())
    }
}

/// Keeps to a rate.
struct Pace {
    start: tokio::time::Instant,
    interval: Duration,
}

impl Pace {
    fn new(rate: Option<u64>) -> Option<Self> {
        let interval = Duration::from_secs(1).div_f64(rate? as f64);
        Some(Self { start: tokio::time::Instant::now(), interval })
    }

    /// Waits until the record of this number is due. Records that are late are made up for.
    async fn hold(&mut self, number: u64) {
        let due = self.start + self.interval.mul_f64(number as f64);
        if due > tokio::time::Instant::now() {
            sleep_until(due).await;
        }
    }
}
