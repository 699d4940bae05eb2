//! `kafka demo`: a million records there and back, each one checked.

mod checker;
mod content;

use std::process;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use clap::Args;
use kafka_sim::{ServeOptions, Served, serve};
use kafka_tokio::{
    AutoOffsetReset, Client, ConsumerConfig, Deliveries, NewTopic, OffsetSpec, ProducerConfig,
    Record, StartAt, TrySendError,
};

use crate::connect::{Connect, is_unknown_topic};
use crate::consume::offsets;
use crate::demo::checker::Checker;
use crate::demo::content::{VALUE, fill};
use crate::failure::{Failure, explain, say};
use crate::interrupt::Interrupt;
use crate::numbers::{grouped, per_second};
use crate::output::Output;
use crate::{progress, topics};

const NODES: usize = 3;
const PARTITIONS: i32 = 6;

/// When nothing has come for so long, nothing will.
const PATIENCE: Duration = Duration::from_secs(10);

/// The bar is moved after so many records.
const STEP: u64 = 4096;

/// Options of `kafka demo`.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// A cluster to use instead of an embedded one, host:port behind commas. The topic is deleted afterwards.
    #[arg(short, long, value_name = "HOST:PORT,...")]
    brokers: Option<String>,

    /// How many records.
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1..))]
    records: u32,
}

/// Runs it, and says `verified` if everything came as it was sent.
pub(crate) async fn run(options: Demo, mut interrupt: Interrupt) -> Result<(), Failure> {
    let mut output = Output::new();
    let embedded = match options.brokers {
        Some(_) => None,
        None => Some(embed()?),
    };
    let brokers = match (&options.brokers, &embedded) {
        (Some(brokers), _) => brokers.clone(),
        (None, Some(served)) => served.bootstrap(),
        (None, None) => String::new(),
    };
    let connect = Connect { brokers, settings: Vec::new() };
    match &embedded {
        Some(_) => {
            output.line(format_args!("cluster   {NODES} embedded nodes, {}", connect.brokers))?;
        }
        None => output.line(format_args!("cluster   {}", connect.brokers))?,
    }
    let client = kafka_tokio::connect(connect.configure(None)?)?;
    let name = name();
    connect.find_topic(&client.admin(), &name).await?;
    let topic = Topic { client: &client, name };
    let shown = tokio::select! {
        shown = topic.show(options.records, embedded.is_some(), &mut output) => shown,
        () = interrupt.told() => Err(Failure::Failed("interrupted".to_owned())),
    };
    if embedded.is_none() {
        topic.delete().await;
    }
    client.close().await;
    shown
}

fn embed() -> Result<Served, Failure> {
    let served = serve(ServeOptions { nodes: NODES, ..ServeOptions::default() });
    served
        .map_err(|error| Failure::Failed(format!("no embedded cluster could be started: {error}")))
}

/// A name that nobody else uses.
fn name() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("kafka-demo-{}-{}", now.as_millis(), process::id())
}

struct Topic<'a> {
    client: &'a Client,
    name: String,
}

impl Topic<'_> {
    async fn create(&self, replicate: bool, output: &mut Output) -> Result<(), Failure> {
        let admin = self.client.admin();
        let replication_factor = if replicate { i16::try_from(NODES).ok() } else { None };
        let topic = NewTopic {
            name: self.name.as_str().into(),
            partitions: Some(PARTITIONS),
            replication_factor,
            configs: Vec::new(),
        };
        for (_, created) in admin.create_topics(&[topic]).await? {
            created?;
        }
        topics::wait_until_settled(&admin, &[&self.name]).await;
        output.line(format_args!("topic     {}, {PARTITIONS} partitions", self.name))
    }

    async fn delete(&self) {
        let deleted = self.client.admin().delete_topics(&[&self.name]).await;
        let failed = match deleted {
            Ok(results) => results.into_iter().find_map(|(_, result)| result.err()),
            Err(error) => Some(error),
        };
        if let Some(error) = failed.filter(|error| !is_unknown_topic(error)) {
            say(format!("topic {} is left behind: {}", self.name, explain(&error)));
        }
    }

    async fn show(
        &self,
        records: u32,
        replicate: bool,
        output: &mut Output,
    ) -> Result<(), Failure> {
        self.create(replicate, output).await?;
        let started = Instant::now();
        self.produce(records.into()).await?;
        output.line(rates("produced", records, started.elapsed()))?;

        let started = Instant::now();
        self.consume(records).await?;
        output.line(rates("consumed", records, started.elapsed()))?;
        self.check_ends(records).await?;
        output.line("verified  count, content and order in each partition")
    }

    /// Sends all records and waits for the broker's answer to each.
    async fn produce(&self, records: u64) -> Result<(), Failure> {
        let progress = progress::bar("producing", records);
        let producer = self.client.producer(ProducerConfig::default())?;
        let topic = producer.topic(&self.name).await?;
        let mut deliveries = Deliveries::new();
        let mut value = [0; VALUE];
        for number in 0..records {
            fill(number, &mut value);
            let record = Record::new().value(&value);
            let delivery = match topic.try_send(record) {
                Err(TrySendError::Full) => topic.send(record).await?,
                Err(TrySendError::Failed(error)) => return Err(error.into()),
                Ok(delivery) => delivery,
            };
            deliveries.push(delivery);
            if number % STEP == 0 {
                progress.set_position(number);
                // Without this it would not be noticed that it is to end.
                tokio::task::yield_now().await;
            }
        }
        producer.flush().await?;
        Ok(deliveries.all().await?)
    }

    /// Reads until all records have come, checking each.
    async fn consume(&self, records: u32) -> Result<(), Failure> {
        let progress = progress::bar("consuming", records.into());
        let config = ConsumerConfig {
            auto_offset_reset: AutoOffsetReset::None,
            allow_auto_create_topics: false,
            max_poll_records: 5_000,
            ..ConsumerConfig::default()
        };
        let mut consumer = self.client.consumer(config)?;
        consumer.assign_topics(&[&self.name], StartAt::Beginning).await?;
        let mut checker = Checker::new(usize::try_from(records).unwrap_or(usize::MAX));
        while checker.count() < records.into() {
            let asked = Instant::now();
            let polled = consumer.poll(PATIENCE).await?;
            if polled.is_empty() && asked.elapsed() >= PATIENCE {
                break;
            }
            for record in &polled {
                let checked = checker.check(record.partition, record.offset, record.value);
                checked.map_err(Failure::Failed)?;
            }
            progress.set_position(checker.count());
            tokio::task::yield_now().await;
        }
        checker.finish().map_err(Failure::Failed)
    }

    /// Checks that the logs hold as many records as were sent: none was written twice behind those that were read.
    async fn check_ends(&self, records: u32) -> Result<(), Failure> {
        let admin = self.client.admin();
        let partitions: Vec<i32> = (0..PARTITIONS).collect();
        let ends = offsets(&admin, &self.name, &partitions, OffsetSpec::Latest).await?;
        let written: i64 = ends.iter().sum();
        if written == i64::from(records) {
            return Ok(());
        }
        Err(Failure::Failed(format!("{records} records were sent, and the logs hold {written}")))
    }
}

fn rates(what: &str, records: u32, time: Duration) -> String {
    let records = u64::from(records);
    let rate = per_second(records, time);
    let bytes = u64::try_from(VALUE).unwrap_or(0).saturating_mul(records);
    format!(
        "{what}  {} records of {VALUE} B in {:.2} s: {} records/s, {:.1} MB/s",
        grouped(records),
        time.as_secs_f64(),
        grouped(rate as u64),
        per_second(bytes, time) / 1e6
    )
}
