//! The APIs that a node serves, one file each, and the way from a frame to its handler and back.
//!
//! Each file's header names the versions served, what is done, and where that deviates from a real
//! broker.

mod alter_configs;
mod api_versions;
mod create_partitions;
mod create_topics;
mod delete_records;
mod delete_topics;
mod describe_cluster;
mod describe_configs;
pub(crate) mod fetch;
mod incremental_alter_configs;
mod init_producer_id;
mod list_offsets;
mod metadata;
mod offset_for_leader_epoch;
mod old_formats;
mod parked;
mod produce;
mod tamper;
mod throttle;

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use kafka_proto::header::{decode_body_lenient, decode_request_header, encode_response};
use kafka_proto::messages::fetch::FetchRequest;
use kafka_proto::messages::produce::ProduceRequest;
use kafka_proto::{ApiKey, Chunks, Reader, Request};

pub(crate) use fetch::Sessions;
pub(crate) use kafka_proto::api::VersionRange;
pub(crate) use parked::Parked;
use tamper::Tamper;
use throttle::Throttled;

use crate::fault::Script;
use crate::releases::Ways;
use crate::state::State;
use crate::{CloseReason, ConnId, Time};

/// What every handler is called with.
pub(crate) struct Call<'a> {
    pub(crate) state: &'a mut State,
    pub(crate) script: &'a mut Script,
    pub(crate) sessions: &'a mut Sessions,
    pub(crate) conn: ConnId,
    /// The node that was asked.
    pub(crate) node: i32,
    pub(crate) version: i16,
    pub(crate) now: Time,
    /// How long the client is to be silent afterwards.
    pub(crate) silence: Duration,
}

/// What a handler decides.
pub(crate) enum Reply<M> {
    Answer(M),
    /// No response, as for acks=0.
    Silence,
    Close(CloseReason),
    /// Not yet.
    Park(Parked),
}

/// A handler's decision, encoded.
pub(crate) enum Outcome {
    Answer(Chunks),
    Silence,
    Park(Parked),
}

/// The first bytes of every request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Prelude {
    pub(crate) key: i16,
    pub(crate) version: i16,
    pub(crate) correlation_id: i32,
}

impl Prelude {
    /// Reads API key, version and correlation id, which are at the same place whatever the header's
    /// version.
    pub(crate) fn parse(frame: &Bytes) -> Option<Self> {
        let (key, rest) = frame.split_first_chunk()?;
        let (version, rest) = rest.split_first_chunk()?;
        Some(Self {
            key: i16::from_be_bytes(*key),
            version: i16::from_be_bytes(*version),
            correlation_id: i32::from_be_bytes(*rest.first_chunk()?),
        })
    }
}

/// The APIs that brokers of a release serve, by key, at the versions that they advertise.
pub(crate) fn served_versions(ways: Ways) -> impl Iterator<Item = (i16, VersionRange)> {
    [
        // From 4.0 on, versions 0 to 2 are advertised for the sake of old clients, and refused (KAFKA-18659).
        (ApiKey::Produce, VersionRange::new(0, 13)),
        (ApiKey::Fetch, VersionRange::new(0, 18)),
        (ApiKey::ListOffsets, VersionRange::new(0, 11)),
        (ApiKey::Metadata, VersionRange::new(0, 13)),
        (ApiKey::ApiVersions, VersionRange::new(0, 5)),
        (ApiKey::CreateTopics, VersionRange::new(0, 7)),
        (ApiKey::DeleteTopics, VersionRange::new(0, 6)),
        (ApiKey::DeleteRecords, VersionRange::new(0, 2)),
        (ApiKey::InitProducerId, VersionRange::new(0, 5)),
        (ApiKey::OffsetForLeaderEpoch, VersionRange::new(0, 4)),
        (ApiKey::DescribeConfigs, VersionRange::new(0, 4)),
        (ApiKey::AlterConfigs, VersionRange::new(0, 2)),
        (ApiKey::CreatePartitions, VersionRange::new(0, 3)),
        (ApiKey::IncrementalAlterConfigs, VersionRange::new(0, 1)),
        (ApiKey::DescribeCluster, VersionRange::new(0, 2)),
    ]
    .into_iter()
    .filter_map(move |(api, served)| Some((api.to_i16(), ways.versions(api, served)?)))
}

/// Serves one request. An error closes the connection.
pub(crate) fn serve(
    call: &mut Call<'_>,
    prelude: Prelude,
    frame: Bytes,
) -> Result<Outcome, CloseReason> {
    let Prelude { key, version, .. } = prelude;
    let api = ApiKey::from_i16(key).ok_or(CloseReason::UnknownApi(key))?;
    let range = call.state.version_range(key).ok_or(CloseReason::UnknownApi(key))?;
    if !range.contains(version) {
        if api == ApiKey::ApiVersions {
            return api_versions::refuse_version(call.state.ways(), prelude, range, &frame);
        }
        return Err(CloseReason::UnsupportedVersion { key, version });
    }
    let (_, reader) = decode_request_header(frame).map_err(CloseReason::Malformed)?;
    match api {
        ApiKey::ApiVersions => answer(call, prelude, reader, api_versions::handle),
        ApiKey::Metadata => answer(call, prelude, reader, metadata::handle),
        ApiKey::Produce => answer(call, prelude, reader, produce::handle),
        ApiKey::Fetch => answer(call, prelude, reader, fetch::handle),
        ApiKey::ListOffsets => answer(call, prelude, reader, list_offsets::handle),
        ApiKey::OffsetForLeaderEpoch => {
            answer(call, prelude, reader, offset_for_leader_epoch::handle)
        }
        ApiKey::InitProducerId => answer(call, prelude, reader, init_producer_id::handle),
        ApiKey::CreateTopics => answer(call, prelude, reader, create_topics::handle),
        ApiKey::DeleteTopics => answer(call, prelude, reader, delete_topics::handle),
        ApiKey::DeleteRecords => answer(call, prelude, reader, delete_records::handle),
        ApiKey::DescribeConfigs => answer(call, prelude, reader, describe_configs::handle),
        ApiKey::AlterConfigs => answer(call, prelude, reader, alter_configs::handle),
        ApiKey::CreatePartitions => answer(call, prelude, reader, create_partitions::handle),
        ApiKey::IncrementalAlterConfigs => {
            answer(call, prelude, reader, incremental_alter_configs::handle)
        }
        ApiKey::DescribeCluster => answer(call, prelude, reader, describe_cluster::handle),
        _ => Err(CloseReason::UnknownApi(key)),
    }
}

/// Looks again at a parked request; `last` when its time is up.
pub(crate) fn retry(
    call: &mut Call<'_>,
    prelude: Prelude,
    parked: Parked,
    last: bool,
) -> Result<Outcome, CloseReason> {
    match parked {
        Parked::Fetch(parked) => {
            let reply = fetch::retry(call, parked, last);
            finish::<FetchRequest>(call, prelude, reply)
        }
        Parked::Produce(parked) => {
            let reply = produce::retry(call, parked, last);
            finish::<ProduceRequest>(call, prelude, reply)
        }
    }
}

/// The elements whose key no later element has: of what a request says twice, a broker hears the
/// last.
pub(crate) fn last_of_each<T, K: Ord>(elements: Vec<T>, key: impl Fn(&T) -> K) -> Vec<T> {
    if elements.len() < 2 {
        return elements;
    }
    let mut last = BTreeMap::new();
    for (at, element) in elements.iter().enumerate() {
        last.insert(key(element), at);
    }
    if last.len() == elements.len() {
        return elements;
    }
    elements
        .into_iter()
        .enumerate()
        .filter(|(at, element)| last.get(&key(element)) == Some(at))
        .map(|(_, element)| element)
        .collect()
}

/// The keys that come more than once.
pub(crate) fn repeated<K: Ord>(keys: impl Iterator<Item = K>) -> BTreeSet<K> {
    let mut seen = BTreeSet::new();
    let mut repeated = BTreeSet::new();
    for key in keys {
        if let Some(key) = seen.replace(key) {
            repeated.insert(key);
        }
    }
    repeated
}

fn answer<R: Request>(
    call: &mut Call<'_>,
    prelude: Prelude,
    reader: Reader,
    handler: impl FnOnce(&mut Call<'_>, R) -> Reply<R::Response>,
) -> Result<Outcome, CloseReason>
where
    R::Response: Tamper + Throttled,
{
    // A real broker ignores bytes behind the body, too.
    let request = decode_body_lenient::<R>(reader).map_err(CloseReason::Malformed)?;
    let reply = handler(call, request);
    finish::<R>(call, prelude, reply)
}

fn finish<R: Request>(
    call: &mut Call<'_>,
    prelude: Prelude,
    reply: Reply<R::Response>,
) -> Result<Outcome, CloseReason>
where
    R::Response: Tamper + Throttled,
{
    match reply {
        Reply::Answer(mut response) => {
            response.throttle(call.silence);
            call.script.tamper(R::API, |fault| response.tamper(fault));
            let frame = encode_response::<R>(&response, prelude.version, prelude.correlation_id);
            frame.map(|encoded| Outcome::Answer(encoded.chunks)).map_err(CloseReason::Unencodable)
        }
        Reply::Silence => Ok(Outcome::Silence),
        Reply::Park(parked) => Ok(Outcome::Park(parked)),
        Reply::Close(why) => Err(why),
    }
}
