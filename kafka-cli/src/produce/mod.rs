//! `kafka produce`: a line of stdin, a record.

mod fields;
mod lines;
mod outcomes;
mod stdin;

use clap::Args;
use kafka_tokio::{
    Client, Delivery, Error, ErrorKind, Header, Producer, ProducerConfig, Record, TopicProducer,
    TrySendError,
};

use crate::connect::{Configurable, Connect, no_such_topic};
use crate::escape::unescape;
use crate::failure::{Failure, explain};
use crate::interrupt::Interrupt;
use crate::produce::fields::{Fields, HeaderArgument};
use crate::produce::lines::{Line, Lines};
use crate::produce::outcomes::Outcomes;
use crate::produce::stdin::Stdin;

/// Options of `kafka produce`.
#[derive(Debug, Args)]
pub(crate) struct Produce {
    #[command(flatten)]
    connect: Connect,

    /// The topic.
    #[arg(short, long)]
    topic: String,

    /// What stands between key and value: "-K :" or "-K '\t'". A line without it has no key.
    #[arg(short = 'K', long, value_name = "SEP", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    key_separator: Option<String>,

    /// An empty value, or key, is null: "key:" deletes the key from a compacted topic.
    #[arg(short = 'Z', long)]
    null: bool,

    /// How batches are compressed: none, gzip, snappy, lz4 or zstd.
    #[arg(short = 'z', long, value_name = "CODEC")]
    compression: Option<String>,

    /// Into this partition. Without: by the hash of the key, or any.
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(i32).range(0..))]
    partition: Option<i32>,

    /// A header of every record, or without "=" one with a null value; may be given many times.
    #[arg(short = 'H', long = "header", value_name = "NAME=VALUE", value_parser = HeaderArgument::parse)]
    headers: Vec<HeaderArgument>,

    /// Do not let the broker create the topic.
    #[arg(long)]
    no_auto_create: bool,
}

/// Sends lines until stdin ends or it is told to stop, and says which of them failed.
pub(crate) async fn run(options: Produce, mut interrupt: Interrupt) -> Result<(), Failure> {
    let producer = tokio::select! {
        producer = open(&options) => producer?,
        () = interrupt.told() => return Ok(()),
    };
    let headers: Vec<Header<'_>> = options.headers.iter().map(HeaderArgument::as_header).collect();
    let template = Record { partition: options.partition, headers: &headers, ..Record::new() };
    let separator = options.key_separator.as_deref().map(unescape);
    let mut sender = Sender {
        topic: None,
        name: &options.topic,
        fields: Fields { separator: separator.as_deref(), empty_is_null: options.null, template },
        interrupt,
        outcomes: Outcomes::default(),
        producer: &producer.producer,
    };
    let sent = sender.send_lines(producer.line_max).await;
    let outcomes = sender.outcomes;
    // What was accepted before a failure is as good as ever.
    let flushed = producer.producer.flush().await.map_err(Failure::from);
    let settled = outcomes.settle().await;
    producer.client.close().await;
    sent.and(settled).and(flushed)
}

struct Open {
    client: Client,
    producer: Producer,
    /// No record with a longer line can be sent.
    line_max: usize,
}

/// Makes sure that a broker is there, and the topic if it has to be, before the first line is read.
async fn open(options: &Produce) -> Result<Open, Failure> {
    let mut config = ProducerConfig::default();
    if let Some(codec) = &options.compression {
        config.set_key("compression.type", codec)?;
    }
    let client_config = options.connect.configure(Some(&mut config))?;
    config.allow_auto_create_topics &= !options.no_auto_create;
    let line_max = config.max_request_bytes;
    let create = config.allow_auto_create_topics;

    let client = kafka_tokio::connect(client_config)?;
    let producer = client.producer(config)?;
    if options.connect.find_topic(&client.admin(), &options.topic).await?.is_none() && !create {
        return Err(no_such_topic(&options.topic));
    }
    Ok(Open { client, producer, line_max })
}

struct Sender<'a> {
    producer: &'a Producer,
    name: &'a str,
    /// Looked up, and perhaps created, with the first line.
    topic: Option<TopicProducer>,
    fields: Fields<'a>,
    interrupt: Interrupt,
    outcomes: Outcomes,
}

/// Whether to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Go,
    Stop,
}

impl Sender<'_> {
    async fn send_lines(&mut self, line_max: usize) -> Result<(), Failure> {
        let mut stdin = Stdin::open()?;
        let mut lines = Lines::new(line_max);
        while let Some(piece) = self.read(&mut stdin).await? {
            let mut rest = piece.bytes();
            while let Some(line) = lines.next(&mut rest) {
                if self.send(line).await? == Next::Stop {
                    return Ok(());
                }
            }
            stdin.give_back(piece);
            self.outcomes.take_ready();
            if self.interrupt.is_told() {
                return Ok(());
            }
        }
        if let Some(line) = lines.rest() {
            self.send(line).await?;
        }
        Ok(())
    }

    /// The next piece of stdin; `None` at its end, or when it was told to stop. Results are taken while it waits.
    async fn read(&mut self, stdin: &mut Stdin) -> Result<Option<stdin::Piece>, Failure> {
        loop {
            tokio::select! {
                biased;
                piece = stdin.read() => return piece,
                () = self.interrupt.told() => return Ok(None),
                () = self.outcomes.take_next(), if !self.outcomes.is_empty() => {}
            }
        }
    }

    async fn send(&mut self, line: Line<'_>) -> Result<Next, Failure> {
        let line = match line {
            Line::Whole(line) => line,
            Line::TooLong { bytes, limit } => {
                let limit = Some(limit);
                let error = ErrorKind::RecordTooLarge { bytes, limit, setting: "max.request.size" };
                self.outcomes.push_error(Error::new(error));
                return Ok(Next::Go);
            }
        };
        let record = self.fields.record(line);
        let tried = match &self.topic {
            Some(topic) => topic.try_send(record),
            None => Err(TrySendError::Full),
        };
        match tried {
            Ok(delivery) => {
                self.outcomes.push(delivery);
                Ok(Next::Go)
            }
            Err(TrySendError::Full) => self.send_slowly(record).await,
            Err(TrySendError::Failed(error)) => self.refused(error),
        }
    }

    /// Waits for the topic and for memory.
    async fn send_slowly(&mut self, record: Record<'_>) -> Result<Next, Failure> {
        let sent = tokio::select! {
            biased;
            () = self.interrupt.told() => return Ok(Next::Stop),
            sent = accept(self.producer, self.name, &mut self.topic, record) => sent,
        };
        match sent {
            Ok(delivery) => {
                self.outcomes.push(delivery);
                Ok(Next::Go)
            }
            Err(error) => self.refused(error),
        }
    }

    /// A record was not accepted. The next ones may be, if it was too large; there is no hope for them otherwise.
    fn refused(&mut self, error: Error) -> Result<Next, Failure> {
        if matches!(error.kind(), ErrorKind::RecordTooLarge { .. }) {
            self.outcomes.push_error(error);
            return Ok(Next::Go);
        }
        let line = self.outcomes.lines().saturating_add(1);
        Err(match Failure::from(&error) {
            Failure::NoBroker(text) => Failure::NoBroker(text),
            _ => Failure::Failed(format!("line {line}: {}", explain(&error))),
        })
    }
}

async fn accept(
    producer: &Producer,
    name: &str,
    topic: &mut Option<TopicProducer>,
    record: Record<'_>,
) -> Result<Delivery, Error> {
    let topic = match topic {
        Some(topic) => topic,
        None => topic.insert(producer.topic(name).await?),
    };
    topic.send(record).await
}
