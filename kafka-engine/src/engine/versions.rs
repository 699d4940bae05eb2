//! Which version of an API to use on a connection.

use alloc::collections::BTreeMap;

use kafka_proto::ApiKey;
use kafka_proto::messages::ApiVersionsResponse;

use crate::error::{Error, ErrorKind};

/// The first version of ApiVersions that is tried: brokers since 2.4 know it, older ones answer in version 0
/// and are asked again in that (KIP-511).
pub(crate) const HANDSHAKE_VERSION: i16 = 3;

/// What a broker speaks, of what this engine speaks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Versions {
    ranges: BTreeMap<i16, (i16, i16)>,
}

/// The versions of an API that this engine can use, and the release that first had the oldest of them.
struct Spoken {
    api: ApiKey,
    min: i16,
    max: i16,
    since: &'static str,
}

/// Produce before 3 and Fetch before 4 carry the older message formats, which this engine doesn't write or read yet.
const SPOKEN: &[Spoken] = &[
    Spoken { api: ApiKey::Produce, min: 3, max: 13, since: "0.11" },
    Spoken { api: ApiKey::Fetch, min: 4, max: 17, since: "0.11" },
    Spoken { api: ApiKey::ListOffsets, min: 1, max: 10, since: "0.10.1" },
    Spoken { api: ApiKey::Metadata, min: 1, max: 13, since: "0.10" },
    Spoken { api: ApiKey::ApiVersions, min: 0, max: HANDSHAKE_VERSION, since: "0.10" },
    Spoken { api: ApiKey::CreateTopics, min: 0, max: 7, since: "0.10.1" },
    Spoken { api: ApiKey::DeleteTopics, min: 0, max: 6, since: "0.10.1" },
    Spoken { api: ApiKey::DeleteRecords, min: 0, max: 2, since: "0.11" },
    Spoken { api: ApiKey::CreatePartitions, min: 0, max: 3, since: "1.0" },
    // Before version 3 it takes a right over the whole cluster.
    Spoken { api: ApiKey::OffsetForLeaderEpoch, min: 3, max: 4, since: "2.3" },
    Spoken { api: ApiKey::InitProducerId, min: 0, max: 5, since: "0.11" },
];

impl Versions {
    /// What a broker says, without entries that make no sense (min over max, negative).
    pub(crate) fn from_response(response: &ApiVersionsResponse) -> Self {
        let sane = response.api_keys.iter().filter(|entry| {
            entry.api_key >= 0 && entry.min_version >= 0 && entry.min_version <= entry.max_version
        });
        Self {
            ranges: sane
                .map(|entry| (entry.api_key, (entry.min_version, entry.max_version)))
                .collect(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The newest version of `api` that both sides speak and that is at most `cap`.
    pub(crate) fn pick(&self, api: ApiKey, cap: i16) -> Result<i16, Error> {
        let spoken = SPOKEN.iter().find(|spoken| spoken.api == api);
        let theirs = self.ranges.get(&(api as i16)).copied();
        let (Some(spoken), Some((min, max))) = (spoken, theirs) else {
            return Err(too_old(api, spoken, None));
        };
        let newest = spoken.max.min(max).min(cap);
        if newest < spoken.min || newest < min {
            return Err(too_old(api, Some(spoken), Some(max)));
        }
        Ok(newest)
    }
}

fn too_old(api: ApiKey, spoken: Option<&Spoken>, speaks: Option<i16>) -> Error {
    Error::new(ErrorKind::BrokerTooOld {
        api,
        needs: spoken.map_or(0, |spoken| spoken.min),
        speaks,
        since: spoken.map_or("", |spoken| spoken.since),
    })
}
