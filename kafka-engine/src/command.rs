//! What the application can ask of the engine, as data, and the answers.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use kafka_proto::Uuid;

use crate::cluster::Topic;
use crate::config::{ConsumerConfig, ProducerConfig};
use crate::error::Error;
use crate::id::{ConsumerKey, ProducerKey};
use crate::time::Instant;

/// What has to be known of a topic, so that somebody can go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Wanted {
    /// Its partitions, as they were told last.
    Known,
    /// Its partitions, as a broker tells now.
    Fresh,
    /// A partition of this number. If none is known, it may have been added since, of which not every broker hears at once:
    /// they are asked for up to `retry.backoff.max.ms` from the first answer on, and half of the time that is left then at
    /// most. After that the answer is what there is.
    Partition(i32),
}

/// What is wanted. Each is answered by one [`Event::Done`](crate::Event::Done), at its deadline at the latest.
#[derive(Debug)]
#[non_exhaustive]
pub enum Command {
    /// Start a producer under a key that was never used. Answer: [`Reply::Done`], at once.
    OpenProducer {
        /// Its key.
        producer: ProducerKey,
        /// Its settings.
        config: Arc<ProducerConfig>,
    },
    /// End a producer: what is still queued or in flight at the deadline fails. Answer: [`Reply::Done`] once
    /// every batch has been reported.
    CloseProducer {
        /// Its key.
        producer: ProducerKey,
        /// When to give up on what is left.
        deadline: Instant,
    },
    /// Know a topic: wait until its partitions are in the cluster snapshot. Answer: [`Reply::Topic`].
    FindTopic {
        /// Its name.
        topic: Arc<str>,
        /// What has to be known of it.
        wanted: Wanted,
        /// Whether the broker may create it, if it is set to.
        create: bool,
        /// When to give up.
        deadline: Instant,
    },
    /// Describe topics, all of them if `topics` is `None`. Answer: [`Reply::Topics`].
    DescribeTopics {
        /// Their names.
        topics: Option<Vec<Arc<str>>>,
        /// When to give up.
        deadline: Instant,
    },
    /// Create topics. Answer: [`Reply::Created`].
    CreateTopics {
        /// What to create.
        topics: Vec<NewTopic>,
        /// Only check whether they could be created.
        validate_only: bool,
        /// When to give up.
        deadline: Instant,
    },
    /// Delete topics. Answer: [`Reply::Deleted`].
    DeleteTopics {
        /// Their names.
        topics: Vec<Arc<str>>,
        /// When to give up.
        deadline: Instant,
    },
    /// Grow topics to these numbers of partitions (KIP-195). Answer: [`Reply::Grown`].
    CreatePartitions {
        /// Their names, each with the number of partitions that it is to have in all.
        topics: Vec<(Arc<str>, i32)>,
        /// When to give up.
        deadline: Instant,
    },
    /// Delete the records at the front of partitions (KIP-107). Answer: [`Reply::RecordsDeleted`].
    DeleteRecords {
        /// Which, and up to where.
        partitions: Vec<(Arc<str>, i32, DeleteBefore)>,
        /// When to give up.
        deadline: Instant,
    },
    /// Look up offsets of partitions. Answer: [`Reply::Offsets`].
    ListOffsets {
        /// Which, and where in each.
        partitions: Vec<(Arc<str>, i32, OffsetSpec)>,
        /// When to give up.
        deadline: Instant,
    },
    /// Start a consumer under a key that was never used. Answer: [`Reply::Done`], at once.
    OpenConsumer {
        /// Its key.
        consumer: ConsumerKey,
        /// Its settings.
        config: Arc<ConsumerConfig>,
    },
    /// End a consumer. Answer: [`Reply::Done`], at once.
    CloseConsumer {
        /// Its key.
        consumer: ConsumerKey,
    },
    /// Consume exactly these partitions from here on; what was assigned before and is not named is dropped,
    /// what is named again keeps its position unless `start` says otherwise. Answer: [`Reply::Done`] once
    /// every topic and partition is known to exist, else an error that names the first that doesn't.
    Assign {
        /// The consumer.
        consumer: ConsumerKey,
        /// Topic, partition, and where to start.
        partitions: Vec<(Arc<str>, i32, StartAt)>,
        /// When to give up finding the topics.
        deadline: Instant,
    },
    /// Move the position of an assigned partition. What was fetched and not handed out is dropped.
    /// Answer: [`Reply::Done`], at once; the position is looked up in the background where it must be.
    Seek {
        /// The consumer.
        consumer: ConsumerKey,
        /// Topic and partition.
        partition: (Arc<str>, i32),
        /// Where to.
        to: StartAt,
    },
    /// Hand out nothing of these partitions until they are resumed. Answer: [`Reply::Done`], at once.
    Pause {
        /// The consumer.
        consumer: ConsumerKey,
        /// Topics and partitions.
        partitions: Vec<(Arc<str>, i32)>,
    },
    /// Undo [`Command::Pause`]. Answer: [`Reply::Done`], at once.
    Resume {
        /// The consumer.
        consumer: ConsumerKey,
        /// Topics and partitions.
        partitions: Vec<(Arc<str>, i32)>,
    },
    /// End everything: operations and batches fail with [`ErrorKind::Closed`](crate::ErrorKind::Closed), connections close.
    /// Answer: [`Reply::Done`], at once.
    Shutdown,
}

/// Topics by name with what became of each.
pub type ByTopic<T> = Vec<(Arc<str>, Result<T, Error>)>;

/// Partitions by topic and number with what became of each.
pub type ByPartition<T> = Vec<(Arc<str>, i32, Result<T, Error>)>;

/// The answer to a [`Command`] that went well.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Reply {
    /// There is nothing more to say.
    Done,
    /// The topic as the snapshot has it now.
    Topic(Arc<Topic>),
    /// Topics in order of name; one that can't be described has its error.
    Topics(ByTopic<Arc<Topic>>),
    /// For each topic in the order asked: what was created (or would be), or why not.
    Created(ByTopic<CreatedTopic>),
    /// For each topic in the order asked.
    Deleted(ByTopic<()>),
    /// For each topic in the order asked.
    Grown(ByTopic<()>),
    /// For each partition in the order asked: its first offset now.
    RecordsDeleted(ByPartition<i64>),
    /// For each partition in the order asked.
    Offsets(ByPartition<ListedOffset>),
}

/// A topic to create; see KIP-4 and KIP-464 for the defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTopic {
    /// Its name: 1 to 249 of `[a-zA-Z0-9._-]`, not `.` or `..`.
    pub name: Arc<str>,
    /// How many partitions; `None`: the broker's default (needs a broker of 2.4 or later).
    pub partitions: Option<i32>,
    /// How many replicas each; `None`: the broker's default (needs a broker of 2.4 or later).
    pub replication_factor: Option<i16>,
    /// Topic settings by name, such as `retention.ms`.
    pub configs: Vec<(String, String)>,
}

/// A topic that was created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatedTopic {
    /// Its id; zero from brokers older than 2.8.
    pub id: Uuid,
    /// How many partitions, if the broker says (2.4 or later).
    pub partitions: Option<i32>,
    /// How many replicas, if the broker says (2.4 or later).
    pub replication_factor: Option<i16>,
}

/// Up to where records are deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum DeleteBefore {
    /// All before this offset; below zero counts as zero.
    Offset(i64),
    /// All that consumers can read.
    HighWatermark,
}

/// Where in a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OffsetSpec {
    /// The first record that is still there.
    Earliest,
    /// Behind the last record.
    Latest,
    /// The first record with this timestamp or a later one, milliseconds since 1970.
    Timestamp(i64),
}

/// Where to start consuming.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StartAt {
    /// Keep the position if there is one, else do as `auto.offset.reset` says.
    Default,
    /// At the first record that is still there.
    Beginning,
    /// Behind the last record.
    End,
    /// At this offset; if it does not exist, do as `auto.offset.reset` says.
    Offset(i64),
    /// At the first record with this timestamp or a later one (milliseconds since 1970); at the end if there is none.
    Timestamp(i64),
}

/// An offset that was looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListedOffset {
    /// The offset; `None` if no record has such a timestamp.
    pub offset: Option<i64>,
    /// The timestamp of the record there, if one was asked for.
    pub timestamp: Option<i64>,
    /// The epoch of the leader that wrote it, if known.
    pub leader_epoch: Option<i32>,
}
