//! `kafka perf consume`.

use std::hint::black_box;
use std::time::{Duration, Instant};

use clap::Args;
use indicatif::ProgressBar;
use kafka_tokio::{AutoOffsetReset, Consumer, ConsumerConfig, StartAt};

use crate::connect::no_such_topic;
use crate::failure::Failure;
use crate::numbers::grouped;
use crate::perf::Workload;
use crate::perf::cost::Stopwatch;
use crate::perf::latency::Latencies;
use crate::perf::report::Report;
use crate::progress;

/// When nothing has come for so long, nothing will.
const PATIENCE: Duration = Duration::from_secs(10);

/// Options of `kafka perf consume`.
#[derive(Debug, Args)]
pub(crate) struct Consume {
    #[command(flatten)]
    workload: Workload,
}

/// Reads every partition from the beginning until all records have come.
pub(crate) async fn measure(options: Consume) -> Result<Report, Failure> {
    let Workload { connect, topic, records, warmup } = options.workload;
    let mut config = ConsumerConfig {
        auto_offset_reset: AutoOffsetReset::Earliest,
        ..ConsumerConfig::default()
    };
    let client_config = connect.configure(Some(&mut config))?;
    config.allow_auto_create_topics = false;
    let client = kafka_tokio::connect(client_config)?;
    let mut consumer = client.consumer(config)?;
    connect.find_topic(&client.admin(), &topic).await?.ok_or_else(|| no_such_topic(&topic))?;
    consumer.assign_topics(&[&topic], StartAt::Beginning).await?;

    let latencies = Latencies::new().ok_or_else(|| Failure::Failed("no histogram".to_owned()))?;
    let progress = progress::bar("consuming", records);
    // What the last poll of the warm-up gave too much is not measured.
    read(&mut consumer, warmup, None, &progress).await?;
    let watch = Stopwatch::start();
    let (records, bytes) = read(&mut consumer, records, Some(&latencies), &progress).await?;
    let cost = watch.stop();
    Ok(Report { records, bytes, cost, latencies })
}

/// Reads at least so many records; gives how many, and the bytes of their values.
async fn read(
    consumer: &mut Consumer,
    wanted: u64,
    latencies: Option<&Latencies>,
    progress: &ProgressBar,
) -> Result<(u64, u64), Failure> {
    let (mut records, mut bytes) = (0_u64, 0_u64);
    while records < wanted {
        let asked = Instant::now();
        let polled = consumer.poll(PATIENCE).await?;
        if polled.is_empty() && asked.elapsed() >= PATIENCE {
            let (records, wanted) = (grouped(records), grouped(wanted));
            return Err(Failure::Failed(format!(
                "only {records} of {wanted} records came; send more with `kafka perf produce`"
            )));
        }
        if let Some(latencies) = latencies {
            latencies.record(asked.elapsed());
            progress.inc(u64::try_from(polled.len()).unwrap_or(0));
        }
        for record in &polled {
            let value = black_box(record.value.unwrap_or_default());
            bytes = bytes.wrapping_add(u64::try_from(value.len()).unwrap_or(0));
            records += 1;
        }
    }
    Ok((records, bytes))
}
