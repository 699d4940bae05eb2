//! `kafka topics`: list, create, describe, delete.

use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Subcommand};
use kafka_tokio::{Admin, CreatedTopic, Error, ErrorCode, NewTopic, Partition, Topic};
use tokio::time::{Instant, sleep};

use crate::connect::{Connect, parse_pair};
use crate::failure::{Failure, explain, say};
use crate::interrupt::Interrupt;
use crate::output::Output;

/// How long to wait for a new topic to be known and to have leaders, so that the next command finds it.
const SETTLE: Duration = Duration::from_secs(5);

/// How long to wait before asking again.
const SETTLE_PAUSE: Duration = Duration::from_millis(20);

/// Commands of `kafka topics`.
#[derive(Debug, Subcommand)]
pub(crate) enum Topics {
    /// Print the names of all topics.
    List(List),
    /// Create topics.
    Create(Create),
    /// Print the partitions of topics, their leaders and replicas.
    Describe(Describe),
    /// Delete topics and all that is in them.
    Delete(Delete),
}

/// Options of `kafka topics list`.
#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    connect: Connect,
}

/// Options of `kafka topics create`.
#[derive(Debug, Args)]
pub(crate) struct Create {
    #[command(flatten)]
    connect: Connect,

    /// The topic; may be given many times.
    #[arg(short, long = "topic", value_name = "NAME", required = true)]
    topics: Vec<String>,

    /// How many partitions; the broker's default without.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..))]
    partitions: Option<i32>,

    /// How many replicas of each; the broker's default without.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i16).range(1..))]
    replication_factor: Option<i16>,

    /// A setting of the topic, such as retention.ms=60000; may be given many times.
    #[arg(long = "config", value_name = "KEY=VALUE", value_parser = parse_pair)]
    configs: Vec<(String, String)>,
}

/// Options of `kafka topics describe`.
#[derive(Debug, Args)]
pub(crate) struct Describe {
    #[command(flatten)]
    connect: Connect,

    /// The topic; may be given many times. Without: all.
    #[arg(short, long = "topic", value_name = "NAME")]
    topics: Vec<String>,
}

/// Options of `kafka topics delete`.
#[derive(Debug, Args)]
pub(crate) struct Delete {
    #[command(flatten)]
    connect: Connect,

    /// The topic; may be given many times.
    #[arg(short, long = "topic", value_name = "NAME", required = true)]
    topics: Vec<String>,
}

/// Does what is asked. Only the first question needs an end by Ctrl-C: the others have been sent then.
pub(crate) async fn run(topics: Topics, mut interrupt: Interrupt) -> Result<(), Failure> {
    let work = async {
        match topics {
            Topics::List(options) => list(&options).await,
            Topics::Create(options) => create(options).await,
            Topics::Describe(options) => describe(&options).await,
            Topics::Delete(options) => delete(&options).await,
        }
    };
    tokio::select! {
        done = work => done,
        () = interrupt.told() => Err(Failure::Failed("interrupted".to_owned())),
    }
}

async fn list(options: &List) -> Result<(), Failure> {
    let topics = first_contact(&options.connect)?.list_topics().await;
    let topics = topics.map_err(|error| Failure::at_first_contact(&error))?;
    let mut output = Output::new();
    for topic in topics {
        output.pending().extend_from_slice(topic.name.as_bytes());
        output.pending().push(b'\n');
        output.relieve()?;
    }
    output.flush()
}

async fn create(options: Create) -> Result<(), Failure> {
    let admin = meet(&options.connect, &options.topics).await?;
    let new = |name: String| NewTopic {
        name: name.into(),
        partitions: options.partitions,
        replication_factor: options.replication_factor,
        configs: options.configs.clone(),
    };
    let new: Vec<NewTopic> = options.topics.into_iter().map(new).collect();
    let results = admin.create_topics(&new).await?;
    let created: Vec<&str> =
        results.iter().filter(|(_, result)| result.is_ok()).map(|(name, _)| &**name).collect();
    wait_until_settled(&admin, &created).await;
    report(results, |name, created| match created {
        CreatedTopic {
            partitions: Some(partitions), replication_factor: Some(replicas), ..
        } => {
            format!("created {name}: partitions {partitions}, replication factor {replicas}")
        }
        _ => format!("created {name}"),
    })
}

async fn delete(options: &Delete) -> Result<(), Failure> {
    let names: Vec<&str> = options.topics.iter().map(String::as_str).collect();
    let admin = meet(&options.connect, &options.topics).await?;
    report(admin.delete_topics(&names).await?, |name, ()| format!("deleted {name}"))
}

async fn describe(options: &Describe) -> Result<(), Failure> {
    let admin = first_contact(&options.connect)?;
    let described = if options.topics.is_empty() {
        let topics = admin.list_topics().await;
        topics.map(|topics| {
            topics.into_iter().map(|topic| (Arc::clone(&topic.name), Ok(topic))).collect()
        })
    } else {
        let names: Vec<&str> = options.topics.iter().map(String::as_str).collect();
        admin.describe_topics(&names).await
    };
    report(described.map_err(|error| Failure::at_first_contact(&error))?, |_, topic| {
        lines_of(topic)
    })
}

/// For a command whose only question is the first.
fn first_contact(connect: &Connect) -> Result<Admin, Failure> {
    let client = kafka_tokio::connect(connect.configure(None)?)?;
    Ok(connect.first_contact(&client.admin()))
}

/// For a command that changes something, which may take the cluster longer than a person should wait to learn that no
/// broker is there. So a question comes first.
async fn meet(connect: &Connect, topics: &[String]) -> Result<Admin, Failure> {
    let admin = kafka_tokio::connect(connect.configure(None)?)?.admin();
    if let Some(topic) = topics.first() {
        // Whether it exists does not matter yet, nor whether it can by that name: the change itself will tell.
        match connect.find_topic(&admin, topic).await {
            Ok(_) | Err(Failure::Failed(_)) => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok(admin)
}

/// Prints what went well to stdout and what did not to stderr.
fn report<T>(
    results: Vec<(Arc<str>, Result<T, Error>)>,
    line: impl Fn(&str, &T) -> String,
) -> Result<(), Failure> {
    let mut output = Output::new();
    let mut ended = Ok(());
    for (name, result) in &results {
        match result {
            Ok(value) => output.line(line(name, value))?,
            Err(error) => {
                say(format!("{name}: {}", explain(error)));
                ended = Err(Failure::Said);
            }
        }
    }
    ended
}

/// Waits until topics are known and have leaders; it was created even if that takes too long.
pub(crate) async fn wait_until_settled(admin: &Admin, names: &[&str]) {
    let deadline = Instant::now() + SETTLE;
    let admin = admin.timeout(SETTLE);
    while !names.is_empty() && Instant::now() < deadline {
        let settled = |topic: &Result<Arc<Topic>, Error>| {
            topic.as_ref().is_ok_and(|topic| {
                topic.partitions.iter().all(|partition| partition.leader.is_some())
            })
        };
        match admin.describe_topics(names).await {
            Ok(topics) if topics.iter().all(|(_, topic)| settled(topic)) => return,
            _ => sleep(SETTLE_PAUSE).await,
        }
    }
}

/// A line for the topic and one for each partition.
fn lines_of(topic: &Topic) -> String {
    let internal = if topic.internal { " internal" } else { "" };
    let mut lines =
        format!("{} id {} partitions {}{internal}", topic.name, topic.id, topic.partitions.len());
    for (number, partition) in topic.partitions.iter().enumerate() {
        lines.push_str(&line_of(number, partition));
    }
    lines
}

fn line_of(number: usize, partition: &Partition) -> String {
    let ids = |nodes: &[i32]| nodes.iter().map(i32::to_string).collect::<Vec<_>>().join(",");
    let leader = partition.leader.map_or_else(|| "none".to_owned(), |leader| leader.to_string());
    let error = match partition.error {
        ErrorCode(0) => String::new(),
        error => format!(" {error}"),
    };
    format!(
        "\n  partition {number} leader {leader} replicas {} in sync {}{error}",
        ids(&partition.replicas),
        ids(&partition.in_sync)
    )
}
