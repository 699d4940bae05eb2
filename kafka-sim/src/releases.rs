//! What brokers of older releases do otherwise than those of the newest one, beside speaking older versions.
//!
//! A [`ClusterOptions::release`](crate::ClusterOptions::release) before 4.0 stands for brokers with ZooKeeper, and with
//! all their settings at that release's defaults (so with its own message format). What a version of an API says, its
//! schema and its handler know; here is what the same version is answered with by brokers of different age:
//!
//! | release | difference |
//! |---|---|
//! | 0.11 | a batch of an unknown producer id that doesn't begin at 0 is OUT_OF_ORDER_SEQUENCE_NUMBER; only the last batch of a producer id is remembered |
//! | 1.0 to 2.4 | the former is UNKNOWN_PRODUCER_ID (KIP-360 ended that) |
//! | up to 1.1 | an answer to a client over its quota is held back; no Fetch is emptied for it (KIP-219) |
//! | up to 2.3 | INVALID_RECORD isn't there yet and is CORRUPT_MESSAGE (KIP-467); followers don't answer Fetch (KIP-392); -1 partitions or replicas are refused (KIP-464); an unknown version of ApiVersions is answered with an empty list, whatever its header looks like (KIP-511) |
//! | up to 2.4 | `max.message.bytes` is 1000012 |
//! | up to 2.7 | Metadata answers LEADER_NOT_AVAILABLE for a topic that it just created |
//! | 2.8 to 3.9 | so does the controller's node; the others answer UNKNOWN_TOPIC_OR_PARTITION |
//! | up to 3.6 | Fetch doesn't tell the leader (KIP-951); the high watermark moves also while fewer replicas than `min.insync.replicas` are in sync (KIP-966) |
//! | up to 4.0 | `min.insync.replicas` is not in a new cluster's dynamic configuration (KIP-966) |
//! | up to 3.9 | topics are created, deleted and grown by the controller's node only, the others answer NOT_CONTROLLER; there are no features; batches below format 2 are taken and given |

use kafka_proto::releases::Release;
use kafka_proto::{ApiKey, VersionRange};

/// `metadata.version` of brokers with KRaft: the release that came with it, oldest, newest.
const METADATA_VERSIONS: [((u8, u8, u8), i16, i16); 5] = [
    ((4, 0, 0), 7, 25),
    ((4, 1, 0), 7, 27),
    ((4, 2, 0), 7, 29),
    ((4, 3, 0), 7, 30),
    ((4, 4, 0), 7, 33),
];

/// The largest batch by default, before and since 2.5.
const MESSAGE_BYTES: (&str, &str) = ("1000012", "1048588");

/// The ways of one release.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ways(pub(crate) &'static Release);

impl Ways {
    /// The versions of an API that are advertised, of those that this crate serves at all.
    pub(crate) fn versions(self, api: ApiKey, served: VersionRange) -> Option<VersionRange> {
        let range = self.0.range(api).intersect(served);
        (!range.is_empty()).then_some(range)
    }

    fn since(self, major: u8, minor: u8) -> bool {
        self.0.version >= (major, minor, 0)
    }

    /// Whether any node takes what is the controller's to do, and sees to it.
    pub(crate) fn forwards(self) -> bool {
        self.since(4, 0)
    }

    /// Whether Produce before version 3 and Fetch before 4 are served, with their formats.
    pub(crate) fn speaks_old_formats(self) -> bool {
        !self.since(4, 0)
    }

    /// Whether a topic that Metadata just created is said to be without a leader, rather than unknown.
    pub(crate) fn creates_leaderless(self, on_controller: bool) -> bool {
        !self.since(2, 8) || (!self.since(4, 0) && on_controller)
    }

    /// Whether a client over its quota is answered at once, and then not listened to.
    pub(crate) fn mutes(self) -> bool {
        self.since(2, 0)
    }

    /// Whether CreateTopics takes -1 for the default number of partitions and replicas.
    pub(crate) fn has_default_counts(self) -> bool {
        self.since(2, 4)
    }

    /// Whether an ApiVersions of an unknown version is answered with the known ones.
    pub(crate) fn names_its_api_versions(self) -> bool {
        self.since(2, 4)
    }

    /// Whether in-sync followers answer Fetch.
    pub(crate) fn followers_answer(self) -> bool {
        self.since(2, 4)
    }

    /// Whether INVALID_RECORD is known.
    pub(crate) fn has_invalid_record(self) -> bool {
        self.since(2, 4)
    }

    /// Whether Fetch tells a client that came to the wrong node who leads.
    pub(crate) fn fetch_hints(self) -> bool {
        self.since(3, 7)
    }

    /// What is made of a producer id without state whose first sequence is not 0.
    pub(crate) fn on_unknown_producer(self) -> UnknownProducer {
        match self.0.version {
            (0, ..) => UnknownProducer::OutOfOrder,
            (1, ..) | (2, ..=4, _) => UnknownProducer::Unknown,
            _ => UnknownProducer::Taken,
        }
    }

    /// Whether the high watermark stands still while too few replicas are in sync.
    pub(crate) fn min_isr_holds_back(self) -> bool {
        self.since(3, 7)
    }

    /// Whether a new cluster has `min.insync.replicas` in its dynamic configuration, for eligible leader replicas to go by.
    pub(crate) fn has_dynamic_min_isr(self) -> bool {
        self.since(4, 1)
    }

    /// How many batches of a producer id are remembered.
    pub(crate) fn remembered_batches(self) -> usize {
        if self.since(1, 0) { 5 } else { 1 }
    }

    /// The default of `max.message.bytes`.
    pub(crate) fn max_message_bytes(self) -> &'static str {
        if self.since(2, 5) { MESSAGE_BYTES.1 } else { MESSAGE_BYTES.0 }
    }

    /// Oldest and newest `metadata.version`; `None` without KRaft.
    pub(crate) fn metadata_version(self) -> Option<(i16, i16)> {
        let mut newest_first = METADATA_VERSIONS.iter().rev();
        let (_, oldest, newest) = newest_first.find(|(since, ..)| self.0.version >= *since)?;
        Some((*oldest, *newest))
    }
}

/// What a broker makes of a producer id that it has no state of, with a sequence other than 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UnknownProducer {
    OutOfOrder,
    Unknown,
    Taken,
}
