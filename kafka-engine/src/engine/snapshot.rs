//! From a Metadata response to the snapshot's nodes and topics: what makes no sense is left out.

use alloc::collections::BTreeMap;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;

use kafka_proto::messages::metadata::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use kafka_proto::{ErrorCode, Uuid};

use crate::cluster::{Node, Partition, Topic};
use crate::id::TopicKey;

/// The most partitions of a topic that are believed: brokers in use have some ten thousand at the most.
const PARTITIONS_MAX: usize = 200_000;

/// What a response says of one topic.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// It exists; `settled` if every partition has a leader.
    Known { topic: Arc<Topic>, settled: bool },
    /// The broker doesn't know it (or not yet).
    Unknown,
    /// It is being created, or the answer is incomplete: ask again.
    Passing,
    /// It can't be had.
    Refused(ErrorCode),
}

/// Nodes by id; of a duplicate id the last holds, and entries without a usable address are left out.
pub(crate) fn nodes(brokers: &[MetadataResponseBroker]) -> BTreeMap<i32, Node> {
    let mut nodes = BTreeMap::new();
    for broker in brokers {
        let Ok(port @ 1..) = u16::try_from(broker.port) else {
            continue;
        };
        if broker.node_id < 0 || !is_host(&broker.host) {
            continue;
        }
        let node = Node {
            id: broker.node_id,
            host: Arc::from(&*broker.host),
            port,
            rack: broker.rack.as_ref().map(|rack| rack.to_string()),
        };
        nodes.insert(node.id, node);
    }
    nodes
}

/// Judges what a response says of a topic, beside what was known before.
pub(crate) fn judge(
    key: TopicKey,
    name: &Arc<str>,
    described: Option<&MetadataResponseTopic>,
    before: Option<&Arc<Topic>>,
) -> Verdict {
    let Some(described) = described else {
        return Verdict::Unknown;
    };
    match ErrorCode::from(described.error_code) {
        ErrorCode::NONE | ErrorCode::LEADER_NOT_AVAILABLE
            if !described.partitions.is_empty() || mutant!("no_partitions_is_none") => {}
        ErrorCode::NONE | ErrorCode::LEADER_NOT_AVAILABLE => return Verdict::Passing,
        ErrorCode::UNKNOWN_TOPIC_OR_PARTITION | ErrorCode::UNKNOWN_TOPIC_ID => {
            return Verdict::Unknown;
        }
        code if code.is_retriable() => return Verdict::Passing,
        code => return Verdict::Refused(code),
    }
    let before =
        before.filter(|before| before.id == described.topic_id || described.topic_id == Uuid::ZERO);
    let Some(partitions) = partitions(&described.partitions, before) else {
        return Verdict::Passing;
    };
    let settled = partitions.iter().all(|partition| partition.leader.is_some());
    let topic = Topic {
        key,
        name: Arc::clone(name),
        id: described.topic_id,
        internal: described.is_internal,
        partitions,
    };
    Verdict::Known { topic: Arc::new(topic), settled }
}

/// Whether a broker that tells no ids tells of an older leader of some partition than is known.
pub(crate) fn is_behind(described: &MetadataResponseTopic, known: &Topic) -> bool {
    let older = |entry: &MetadataResponsePartition| {
        let number = usize::try_from(entry.partition_index).ok();
        let known = number.and_then(|number| known.partitions.get(number));
        entry.leader_epoch >= 0
            && known.is_some_and(|known| entry.leader_epoch < known.leader_epoch)
    };
    described.topic_id == Uuid::ZERO && described.partitions.iter().any(older)
}

/// The partitions in order of their number, which must be 0, 1, 2 and so on.
fn partitions(
    described: &[MetadataResponsePartition],
    before: Option<&Arc<Topic>>,
) -> Option<Vec<Partition>> {
    if described.len() > PARTITIONS_MAX {
        return None;
    }
    let mut by_number: BTreeMap<i32, &MetadataResponsePartition> = BTreeMap::new();
    for partition in described {
        by_number.insert(partition.partition_index, partition);
    }
    let dense = by_number.keys().enumerate().all(|(at, number)| usize::try_from(*number) == Ok(at));
    if !dense {
        return None;
    }
    let known = |number: usize| before.and_then(|before| before.partitions.get(number));
    Some(
        by_number
            .values()
            .enumerate()
            .map(|(number, entry)| partition(entry, known(number)))
            .collect(),
    )
}

/// One partition. A response of a broker that lags behind does not undo a newer leader.
fn partition(entry: &MetadataResponsePartition, before: Option<&Partition>) -> Partition {
    let told = Partition {
        leader: (entry.leader_id >= 0).then_some(entry.leader_id),
        leader_epoch: entry.leader_epoch,
        replicas: entry.replica_nodes.to_vec(),
        in_sync: entry.isr_nodes.to_vec(),
        error: ErrorCode::from(entry.error_code),
    };
    match before {
        Some(before)
            if told.leader_epoch >= 0
                && told.leader_epoch < before.leader_epoch
                && !mutant!("lower_epoch_taken") =>
        {
            before.clone()
        }
        // Without a leader there is no epoch either: the last real one is kept.
        Some(before) if told.leader.is_none() => {
            Partition { leader_epoch: before.leader_epoch, ..told }
        }
        _ => told,
    }
}

/// Whether a text can be a host: a name or an address, nothing that smuggles in more.
fn is_host(host: &str) -> bool {
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'%');
    !host.is_empty() && host.len() <= 255 && host.bytes().all(plain)
}
