//! `kafka consume`: a topic's records to stdout.

use std::collections::BTreeSet;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use clap::Args;
use kafka_tokio::{
    Admin, AutoOffsetReset, ConsumedRecord, Consumer, ConsumerConfig, OffsetSpec, Records, StartAt,
};

use crate::connect::{Connect, no_such_topic};
use crate::failure::Failure;
use crate::format::Format;
use crate::interrupt::Interrupt;
use crate::json;
use crate::output::{Output, Reader};

/// How long a poll may wait for records: it is simply called again.
const POLL: Duration = Duration::from_secs(3600);

/// Options of `kafka consume`.
#[derive(Debug, Args)]
pub(crate) struct Consume {
    #[command(flatten)]
    connect: Connect,

    /// The topic. It is never created.
    #[arg(short, long)]
    topic: String,

    /// Only this partition; may be given many times. Without: all that the topic has now.
    #[arg(short, long = "partition", value_name = "N", value_parser = clap::value_parser!(i32).range(0..))]
    partitions: Vec<i32>,

    /// Where to start in each partition: beginning, end, an offset, -N for the last N, or @MS for a time in ms since 1970.
    #[arg(
        short,
        long,
        value_name = "WHERE",
        default_value = "beginning",
        allow_hyphen_values = true
    )]
    #[arg(value_parser = Start::parse)]
    offset: Start,

    /// Exit at the end of the partitions instead of waiting for more.
    #[arg(short = 'e', long)]
    exit: bool,

    /// Exit after this many records.
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,

    /// How to print a record: %t topic, %p partition, %o offset, %k key, %s value, %h headers, %T timestamp, %K and %S
    /// lengths of key and value, %% a percent sign; \n, \t, \xHH. Without: %s\n.
    #[arg(short, long, value_name = "FORMAT", value_parser = Format::parse)]
    format: Option<Format>,

    /// Print a JSON object a line.
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

/// Where to start in each partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    At(StartAt),
    /// So many records before the end.
    Last(i64),
}

/// How records are printed.
enum Printer {
    Format(Format),
    Json,
}

/// What is left to do before it ends by itself.
struct Left {
    records: Option<u64>,
    /// Partitions whose end has not been seen, if their ends matter.
    partitions: Option<BTreeSet<i32>>,
}

/// Prints until told to stop, the count is reached, the ends are, or nobody reads any more.
pub(crate) async fn run(options: Consume, interrupt: Interrupt) -> Result<(), Failure> {
    let mut output = Output::new();
    let ended = consume(options, interrupt, &mut output).await;
    // What was read before a failure is as good as ever.
    let flushed = output.flush();
    ended.and(flushed)
}

async fn consume(
    options: Consume,
    mut interrupt: Interrupt,
    output: &mut Output,
) -> Result<(), Failure> {
    let mut consumer = tokio::select! {
        consumer = open(&options) => consumer?,
        () = interrupt.told() => return Ok(()),
    };
    let partitions = consumer.assignment().into_iter().map(|(_, partition)| partition).collect();
    let mut left = Left { records: options.count, partitions: options.exit.then_some(partitions) };
    let printer = match options.format {
        _ if options.json => Printer::Json,
        Some(format) => Printer::Format(format),
        None => Printer::Format(Format::value()),
    };
    let mut reader = Reader::watch();
    while !left.is_done() && !interrupt.is_told() {
        let records = tokio::select! {
            biased;
            records = poll(&mut consumer, output) => records?,
            () = interrupt.told() => break,
            () = reader.gone() => return Err(Failure::ClosedPipe),
        };
        for record in left.take(&records) {
            printer.print(&record, output.pending());
            output.relieve()?;
        }
    }
    Ok(())
}

/// Finds the topic and assigns its partitions.
async fn open(options: &Consume) -> Result<Consumer, Failure> {
    let reset = match options.offset {
        // To jump elsewhere than where the user pointed would be a surprise.
        Start::At(StartAt::Offset(_)) => AutoOffsetReset::None,
        _ => AutoOffsetReset::Earliest,
    };
    let mut config = ConsumerConfig { auto_offset_reset: reset, ..ConsumerConfig::default() };
    let client_config = options.connect.configure(Some(&mut config))?;
    config.allow_auto_create_topics = false;
    config.enable_partition_eof |= options.exit;

    let client = kafka_tokio::connect(client_config)?;
    let mut consumer = client.consumer(config)?;
    let admin = client.admin();
    let name = options.topic.as_str();
    let topic =
        options.connect.find_topic(&admin, name).await?.ok_or_else(|| no_such_topic(name))?;
    let partitions = if options.partitions.is_empty() {
        (0..).take(topic.partitions.len()).collect()
    } else {
        options.partitions.clone()
    };
    let starts = options.offset.resolve(&admin, name, &partitions).await?;
    let assignment: Vec<_> =
        partitions.iter().zip(starts).map(|(partition, start)| (name, *partition, start)).collect();
    consumer.assign(&assignment).await?;
    Ok(consumer)
}

/// Polls, and flushes if there is nothing at once: whoever reads is not to wait for what is there.
async fn poll(consumer: &mut Consumer, output: &mut Output) -> Result<Records, Failure> {
    let mut records = pin!(consumer.poll(POLL));
    let at_once = poll_fn(|cx| match records.as_mut().poll(cx) {
        Poll::Ready(records) => Poll::Ready(Some(records)),
        Poll::Pending => Poll::Ready(None),
    });
    match at_once.await {
        Some(records) => Ok(records?),
        None => {
            output.flush()?;
            Ok(records.await?)
        }
    }
}

impl Left {
    fn is_done(&self) -> bool {
        self.records == Some(0) || self.partitions.as_ref().is_some_and(BTreeSet::is_empty)
    }

    /// Counts the records that are wanted, and gives them.
    fn take<'r>(&mut self, records: &'r Records) -> impl Iterator<Item = ConsumedRecord<'r>> {
        let here = u64::try_from(records.len()).unwrap_or(u64::MAX);
        let wanted = self.records.map_or(here, |left| left.min(here));
        if let Some(left) = &mut self.records {
            *left -= wanted;
        }
        if let Some(partitions) = &mut self.partitions {
            for end in records.ends() {
                partitions.remove(&end.partition);
            }
        }
        records.iter().take(usize::try_from(wanted).unwrap_or(usize::MAX))
    }
}

impl Printer {
    #[inline]
    fn print(&self, record: &ConsumedRecord<'_>, out: &mut Vec<u8>) {
        match self {
            Self::Format(format) => format.write(record, out),
            Self::Json => {
                json::write(record, out);
                out.push(b'\n');
            }
        }
    }
}

impl Start {
    fn parse(text: &str) -> Result<Self, String> {
        let wrong =
            || "use beginning, end, an offset, -N for the last N, or @MS for a time".to_owned();
        match text {
            "beginning" | "earliest" => return Ok(Self::At(StartAt::Beginning)),
            "end" | "latest" => return Ok(Self::At(StartAt::End)),
            _ => {}
        }
        let (sign, digits) = match text.split_at_checked(1) {
            Some((sign @ ("-" | "@"), digits)) => (sign, digits),
            _ => ("", text),
        };
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(wrong());
        }
        let number = digits.parse().map_err(|_| wrong())?;
        Ok(match sign {
            "-" => Self::Last(number),
            "@" => Self::At(StartAt::Timestamp(number)),
            _ => Self::At(StartAt::Offset(number)),
        })
    }

    /// Where to start in each of these partitions.
    async fn resolve(
        self,
        admin: &Admin,
        topic: &str,
        partitions: &[i32],
    ) -> Result<Vec<StartAt>, Failure> {
        let count = match self {
            Self::At(start) => return Ok(vec![start; partitions.len()]),
            Self::Last(count) => count,
        };
        let firsts = offsets(admin, topic, partitions, OffsetSpec::Earliest).await?;
        let ends = offsets(admin, topic, partitions, OffsetSpec::Latest).await?;
        let start =
            |(first, end): (i64, i64)| StartAt::Offset(first.max(end.saturating_sub(count)));
        Ok(firsts.into_iter().zip(ends).map(start).collect())
    }
}

/// An offset for each partition, in the same order.
pub(crate) async fn offsets(
    admin: &Admin,
    topic: &str,
    partitions: &[i32],
    spec: OffsetSpec,
) -> Result<Vec<i64>, Failure> {
    let asked: Vec<_> = partitions.iter().map(|partition| (topic, *partition, spec)).collect();
    let listed = admin.list_offsets(&asked).await?;
    listed.into_iter().map(|(_, _, listed)| Ok(listed?.offset.unwrap_or(0))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_are_parsed() {
        let check =
            |text: &str, start: Option<Start>| assert_eq!(Start::parse(text).ok(), start, "{text}");
        check("beginning", Some(Start::At(StartAt::Beginning)));
        check("earliest", Some(Start::At(StartAt::Beginning)));
        check("end", Some(Start::At(StartAt::End)));
        check("0", Some(Start::At(StartAt::Offset(0))));
        check("9223372036854775807", Some(Start::At(StartAt::Offset(i64::MAX))));
        check("-5", Some(Start::Last(5)));
        check("@1700000000000", Some(Start::At(StartAt::Timestamp(1_700_000_000_000))));
        for wrong in ["", "-", "@", "--5", "@-5", "+5", "5x", "é", "start", "9223372036854775808"]
        {
            check(wrong, None);
        }
    }
}
