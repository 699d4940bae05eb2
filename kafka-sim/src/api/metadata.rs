//! Metadata (key 3), versions 0 to 13.
//!
//! - Topics by name or, from version 10, by id; all of them for null (version 0: for an empty
//!   list). A topic named twice is answered once. Ids and names given for one request before
//!   version 12 are INVALID_REQUEST.
//! - A topic that isn't there is created if request (always before version 4) and cluster allow it,
//!   and answered with UNKNOWN_TOPIC_OR_PARTITION this time, as a broker does that has to forward
//!   the creation; with LEADER_NOT_AVAILABLE by the controller's node before 4.0, and by any before 2.8.
//! - A partition without a leader is LEADER_NOT_AVAILABLE, with its epoch.
//! - Nodes that are down are not listed, and are offline replicas (version 5).
//! - Answered from what the node knows, which may be stale: `state::view`.
//!
//! Deviations: the controller named is the first node that is up; without an authorizer every operation is allowed.

use std::collections::BTreeSet;

use kafka_proto::messages::metadata::{
    MetadataRequest, MetadataRequestTopic, MetadataResponse, MetadataResponseBroker,
    MetadataResponsePartition, MetadataResponseTopic,
};
use kafka_proto::{ApiKey, ErrorCode, Str, Uuid};

use super::tamper::{Tamper, fail_list, tamper_list};
use super::{Call, Reply};
use crate::fault::Fault;
use crate::state::config::TopicConfig;
use crate::state::{NewTopic, Replicas, Seat, State, View, check_name};

/// Bits of every operation on a topic, and on a cluster, that an ACL can allow.
const ALL_TOPIC_OPERATIONS: i32 = 3576;
pub(super) const ALL_CLUSTER_OPERATIONS: i32 = 8096;

pub(super) fn handle(call: &mut Call<'_>, request: MetadataRequest) -> Reply<MetadataResponse> {
    let version = call.version;
    let wanted = match request.topics {
        None => None,
        Some(topics) if version == 0 && topics.is_empty() => None,
        Some(topics) => Some(topics),
    };
    let mut topics = match wanted {
        None => {
            let view = call.state.view(call.node);
            view.topics().into_iter().filter_map(|name| describe(view, name)).collect()
        }
        Some(wanted) => named(call, &wanted, version < 4 || request.allow_auto_topic_creation),
    };
    if request.include_topic_authorized_operations {
        for topic in &mut topics {
            topic.topic_authorized_operations = ALL_TOPIC_OPERATIONS;
        }
    }
    let state = &*call.state;
    call.script.tamper(ApiKey::Metadata, |fault| go_back(state, fault, &mut topics));
    let broker = |(node, endpoint): (i32, &crate::Endpoint)| MetadataResponseBroker {
        node_id: node,
        host: endpoint.host.as_str().into(),
        port: i32::from(endpoint.port),
        ..Default::default()
    };
    let mut response = MetadataResponse {
        brokers: state.view(call.node).nodes().map(broker).collect(),
        cluster_id: Some(state.cluster_id.as_str().into()),
        controller_id: state.controller().unwrap_or(-1),
        topics,
        ..Default::default()
    };
    if request.include_cluster_authorized_operations {
        response.cluster_authorized_operations = ALL_CLUSTER_OPERATIONS;
    }
    Reply::Answer(response)
}

/// The topics of a list, each once. As soon as one of them has an id, only those with ids count.
fn named(
    call: &mut Call<'_>,
    wanted: &[MetadataRequestTopic],
    may_create: bool,
) -> Vec<MetadataResponseTopic> {
    let by_id = wanted.iter().any(|topic| !topic.topic_id.is_zero());
    let illegal = call.version < 12
        && wanted.iter().any(|topic| topic.name.is_none() || !topic.topic_id.is_zero());
    if illegal {
        let refuse = |topic: &MetadataRequestTopic| {
            failed(
                Some(topic.name.clone().unwrap_or_default()),
                topic.topic_id,
                ErrorCode::INVALID_REQUEST,
            )
        };
        return wanted.iter().map(refuse).collect();
    }
    let mut seen = BTreeSet::new();
    let mut topics = Vec::with_capacity(wanted.len());
    for topic in wanted {
        if by_id && !topic.topic_id.is_zero() && seen.insert((Str::default(), topic.topic_id)) {
            topics.push(topic_by_id(call.state.view(call.node), topic.topic_id));
        } else if let Some(name) = topic.name.as_ref().filter(|_| !by_id)
            && seen.insert((name.clone(), Uuid::ZERO))
        {
            topics.push(topic_by_name(call, name, may_create));
        }
    }
    topics
}

fn topic_by_id(view: View<'_>, id: Uuid) -> MetadataResponseTopic {
    let found = view.name(id).and_then(|name| describe(view, name));
    found.unwrap_or_else(|| failed(None, id, ErrorCode::UNKNOWN_TOPIC_ID))
}

fn topic_by_name(call: &mut Call<'_>, name: &Str, may_create: bool) -> MetadataResponseTopic {
    let code = match call.script.refusal_of_topic(ApiKey::Metadata, name) {
        Some(code) => code,
        None => match describe(call.state.view(call.node), name) {
            Some(described) => return described,
            None => create(call, name, may_create),
        },
    };
    failed(Some(name.clone()), Uuid::ZERO, code)
}

/// Creates a topic that was asked for, and returns how that is answered.
fn create(call: &mut Call<'_>, name: &Str, may_create: bool) -> ErrorCode {
    let state = &mut *call.state;
    if let Err((code, _)) = check_name(name) {
        return code;
    }
    if !may_create || !state.options.auto_create {
        return ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
    }
    let replicas = Replicas::Counted { partitions: -1, factor: -1 };
    let new = NewTopic { name: name.clone(), replicas, config: TopicConfig::default() };
    match state.create_topic(new) {
        Ok(_) if state.ways().creates_leaderless(state.controller() == Some(call.node)) => {
            ErrorCode::LEADER_NOT_AVAILABLE
        }
        Ok(_) => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
        // The node that was asked hasn't heard of it yet.
        Err((ErrorCode::TOPIC_ALREADY_EXISTS, _)) => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
        Err((code, _)) => code,
    }
}

fn failed(name: Option<Str>, topic_id: Uuid, code: ErrorCode) -> MetadataResponseTopic {
    MetadataResponseTopic { error_code: code.0, name, topic_id, ..Default::default() }
}

fn describe(view: View<'_>, name: &Str) -> Option<MetadataResponseTopic> {
    Some(MetadataResponseTopic {
        name: Some(name.clone()),
        topic_id: view.topic_id(name)?,
        is_internal: name.as_str() == "__consumer_offsets"
            || name.as_str() == "__transaction_state",
        partitions: (0..)
            .zip(view.seats(name))
            .map(|(index, seat)| describe_partition(view, index, seat))
            .collect(),
        ..Default::default()
    })
}

fn describe_partition(view: View<'_>, index: i32, seat: Seat<'_>) -> MetadataResponsePartition {
    let code = if seat.leader < 0 { ErrorCode::LEADER_NOT_AVAILABLE } else { ErrorCode::NONE };
    MetadataResponsePartition {
        error_code: code.0,
        partition_index: index,
        leader_id: seat.leader,
        leader_epoch: seat.leader_epoch,
        replica_nodes: seat.replicas.into(),
        isr_nodes: seat.isr.into(),
        offline_replicas: seat
            .replicas
            .iter()
            .copied()
            .filter(|node| view.is_fenced(*node))
            .collect(),
        ..Default::default()
    }
}

/// Names the leaders before.
fn go_back(state: &State, fault: &Fault, topics: &mut [MetadataResponseTopic]) -> bool {
    let Fault::EpochBack { at } = fault else { return false };
    let mut met = false;
    for topic in topics {
        let name = topic.name.clone().unwrap_or_default();
        for told in topic.partitions.iter_mut().filter(|p| at.matches(&name, p.partition_index)) {
            let before = state.partition(&name, told.partition_index).and_then(|p| p.led_before);
            let Some((leader, epoch)) = before.filter(|(_, epoch)| *epoch < told.leader_epoch)
            else {
                continue;
            };
            (told.error_code, told.leader_id, told.leader_epoch) = (0, leader, epoch);
            met = true;
        }
    }
    met
}

impl Tamper for MetadataResponse {
    fn tamper(&mut self, fault: &Fault) -> bool {
        let mut met = false;
        for topic in &mut self.topics {
            let name = topic.name.clone().unwrap_or_default();
            met |= match fault {
                Fault::ZeroPartitions { topic: wanted }
                    if wanted.as_ref().is_none_or(|wanted| *wanted == name) =>
                {
                    topic.error_code = 0;
                    topic.partitions.clear();
                    true
                }
                Fault::FailAfter { at, code }
                    if at.partition.is_none() && at.matches_topic(&name) =>
                {
                    topic.error_code = code.0;
                    topic.partitions.clear();
                    true
                }
                Fault::Leaderless { at } => {
                    let mut found = false;
                    for partition in
                        topic.partitions.iter_mut().filter(|p| at.matches(&name, p.partition_index))
                    {
                        partition.error_code = ErrorCode::LEADER_NOT_AVAILABLE.0;
                        (partition.leader_id, partition.leader_epoch) = (-1, -1);
                        found = true;
                    }
                    found
                }
                _ => {
                    let fail = |partition: &mut MetadataResponsePartition, code| {
                        partition.error_code = code;
                    };
                    tamper_list(&mut topic.partitions, fault, |at, p| {
                        at.matches(&name, p.partition_index)
                    }) | fail_list(
                        &mut topic.partitions,
                        fault,
                        |at, p| at.matches(&name, p.partition_index),
                        fail,
                    )
                }
            };
        }
        met | omit_topics(&mut self.topics, fault)
    }
}

/// An [`Fault::Omit`] that names no partition leaves the whole topic out.
fn omit_topics(topics: &mut Vec<MetadataResponseTopic>, fault: &Fault) -> bool {
    let Fault::Omit { at } = fault else {
        return false;
    };
    let before = topics.len();
    if at.partition.is_none() {
        topics.retain(|topic| !at.matches_topic(topic.name.as_deref().unwrap_or_default()));
    }
    topics.len() != before
}
