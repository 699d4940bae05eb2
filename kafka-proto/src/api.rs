//! The APIs of the protocol: their keys, names, versions and header versions.

use core::fmt;

/// An inclusive range of versions of one API; empty when `min` is above `max`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VersionRange {
    /// Lowest version.
    pub min: i16,
    /// Highest version.
    pub max: i16,
}

impl VersionRange {
    /// No version at all.
    pub const EMPTY: Self = Self { min: 0, max: -1 };

    /// The versions from `min` to `max`.
    #[must_use]
    pub const fn new(min: i16, max: i16) -> Self {
        Self { min, max }
    }

    /// Whether `version` is in the range.
    #[must_use]
    pub const fn contains(self, version: i16) -> bool {
        self.min <= version && version <= self.max
    }

    /// Whether there is no version in the range.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.min > self.max
    }

    /// The versions in both ranges.
    #[must_use]
    pub fn intersect(self, other: Self) -> Self {
        let both = Self::new(self.min.max(other.min), self.max.min(other.max));
        if both.is_empty() { Self::EMPTY } else { both }
    }
}

impl fmt::Display for VersionRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            f.write_str("none")
        } else if self.min == self.max {
            write!(f, "{}", self.min)
        } else {
            write!(f, "{}-{}", self.min, self.max)
        }
    }
}

/// A table macro, because names, numbers and versions of 95 APIs in four parallel `match`es would drift apart.
macro_rules! api_keys {
    ($($name:ident = $key:literal, versions $min:literal..=$max:literal $(, flexible $flexible:literal..)?;)*) => {
        /// An API of the protocol. The number on the wire is its discriminant.
        #[non_exhaustive]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(i16)]
        pub enum ApiKey {
            $(
                #[doc = concat!("Key ", $key, ", versions ", $min, " to ", $max, ".")]
                $name = $key,
            )*
        }

        impl ApiKey {
            /// Every known API, by ascending key.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The API with this number, if it is known.
            #[must_use]
            pub const fn from_i16(key: i16) -> Option<Self> {
                match key {
                    $($key => Some(Self::$name),)*
                    _ => None,
                }
            }

            /// Kafka's name, such as `ApiVersions`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)*
                }
            }

            /// Every version that a release or a development branch of Kafka ever had, up to 4.4.
            #[must_use]
            pub const fn versions(self) -> VersionRange {
                match self {
                    $(Self::$name => VersionRange::new($min, $max),)*
                }
            }

            #[inline]
            const fn first_flexible(self) -> Option<i16> {
                match self {
                    $(Self::$name => {
                        let _first: Option<i16> = None;
                        $(let _first = Some($flexible);)?
                        _first
                    })*
                }
            }
        }
    };
}

impl ApiKey {
    /// The number on the wire.
    #[must_use]
    pub const fn to_i16(self) -> i16 {
        self as i16
    }

    /// Versions that a client may negotiate without being told to: all but those that no broker has enabled yet.
    #[must_use]
    pub const fn stable_versions(self) -> VersionRange {
        let VersionRange { min, max } = self.versions();
        match self.unstable_version() {
            Some(version) => VersionRange::new(min, version.saturating_sub(1)),
            None => VersionRange::new(min, max),
        }
    }

    /// The newest version, where brokers offer it only with unstable APIs enabled.
    #[must_use]
    pub const fn unstable_version(self) -> Option<i16> {
        match self {
            // KIP-939, two-phase commit.
            Self::InitProducerId => Some(6),
            _ => None,
        }
    }

    /// Whether messages of this version have compact lengths and tagged fields (KIP-482).
    #[must_use]
    #[inline]
    pub const fn is_flexible(self, version: i16) -> bool {
        match self.first_flexible() {
            Some(first) => version >= first,
            None => false,
        }
    }

    /// Version of the header before a request of this version.
    #[must_use]
    #[inline]
    pub const fn request_header_version(self, version: i16) -> i16 {
        match self {
            // The oldest request in the protocol, from a time when brokers sent no client id.
            Self::ControlledShutdown if version == 0 => 0,
            _ if self.is_flexible(version) => 2,
            _ => 1,
        }
    }

    /// Version of the header before a response of this version.
    #[must_use]
    #[inline]
    pub const fn response_header_version(self, version: i16) -> i16 {
        match self {
            // A client must be able to read the answer to a version that the broker doesn't know (KIP-511).
            Self::ApiVersions => 0,
            _ if self.is_flexible(version) => 1,
            _ => 0,
        }
    }
}

impl fmt::Display for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl From<ApiKey> for i16 {
    fn from(api: ApiKey) -> Self {
        api.to_i16()
    }
}

api_keys! {
    Produce = 0, versions 0..=13, flexible 9..;
    Fetch = 1, versions 0..=18, flexible 12..;
    ListOffsets = 2, versions 0..=11, flexible 6..;
    Metadata = 3, versions 0..=13, flexible 9..;
    LeaderAndIsr = 4, versions 0..=7, flexible 4..;
    StopReplica = 5, versions 0..=4, flexible 2..;
    UpdateMetadata = 6, versions 0..=8, flexible 6..;
    ControlledShutdown = 7, versions 0..=3, flexible 3..;
    OffsetCommit = 8, versions 0..=10, flexible 8..;
    OffsetFetch = 9, versions 0..=10, flexible 6..;
    FindCoordinator = 10, versions 0..=6, flexible 3..;
    JoinGroup = 11, versions 0..=9, flexible 6..;
    Heartbeat = 12, versions 0..=4, flexible 4..;
    LeaveGroup = 13, versions 0..=5, flexible 4..;
    SyncGroup = 14, versions 0..=5, flexible 4..;
    DescribeGroups = 15, versions 0..=6, flexible 5..;
    ListGroups = 16, versions 0..=5, flexible 3..;
    SaslHandshake = 17, versions 0..=1;
    ApiVersions = 18, versions 0..=5, flexible 3..;
    CreateTopics = 19, versions 0..=7, flexible 5..;
    DeleteTopics = 20, versions 0..=6, flexible 4..;
    DeleteRecords = 21, versions 0..=2, flexible 2..;
    InitProducerId = 22, versions 0..=6, flexible 2..;
    OffsetForLeaderEpoch = 23, versions 0..=4, flexible 4..;
    AddPartitionsToTxn = 24, versions 0..=5, flexible 3..;
    AddOffsetsToTxn = 25, versions 0..=4, flexible 3..;
    EndTxn = 26, versions 0..=5, flexible 3..;
    WriteTxnMarkers = 27, versions 0..=2, flexible 1..;
    TxnOffsetCommit = 28, versions 0..=6, flexible 3..;
    DescribeAcls = 29, versions 0..=3, flexible 2..;
    CreateAcls = 30, versions 0..=3, flexible 2..;
    DeleteAcls = 31, versions 0..=3, flexible 2..;
    DescribeConfigs = 32, versions 0..=4, flexible 4..;
    AlterConfigs = 33, versions 0..=2, flexible 2..;
    AlterReplicaLogDirs = 34, versions 0..=2, flexible 2..;
    DescribeLogDirs = 35, versions 0..=5, flexible 2..;
    SaslAuthenticate = 36, versions 0..=2, flexible 2..;
    CreatePartitions = 37, versions 0..=3, flexible 2..;
    CreateDelegationToken = 38, versions 0..=3, flexible 2..;
    RenewDelegationToken = 39, versions 0..=2, flexible 2..;
    ExpireDelegationToken = 40, versions 0..=2, flexible 2..;
    DescribeDelegationToken = 41, versions 0..=3, flexible 2..;
    DeleteGroups = 42, versions 0..=3, flexible 2..;
    ElectLeaders = 43, versions 0..=2, flexible 2..;
    IncrementalAlterConfigs = 44, versions 0..=1, flexible 1..;
    AlterPartitionReassignments = 45, versions 0..=1, flexible 0..;
    ListPartitionReassignments = 46, versions 0..=0, flexible 0..;
    OffsetDelete = 47, versions 0..=0;
    DescribeClientQuotas = 48, versions 0..=1, flexible 1..;
    AlterClientQuotas = 49, versions 0..=1, flexible 1..;
    DescribeUserScramCredentials = 50, versions 0..=0, flexible 0..;
    AlterUserScramCredentials = 51, versions 0..=0, flexible 0..;
    Vote = 52, versions 0..=2, flexible 0..;
    BeginQuorumEpoch = 53, versions 0..=1, flexible 1..;
    EndQuorumEpoch = 54, versions 0..=1, flexible 1..;
    DescribeQuorum = 55, versions 0..=2, flexible 0..;
    AlterPartition = 56, versions 0..=3, flexible 0..;
    UpdateFeatures = 57, versions 0..=2, flexible 0..;
    Envelope = 58, versions 0..=0, flexible 0..;
    FetchSnapshot = 59, versions 0..=1, flexible 0..;
    DescribeCluster = 60, versions 0..=2, flexible 0..;
    DescribeProducers = 61, versions 0..=0, flexible 0..;
    BrokerRegistration = 62, versions 0..=4, flexible 0..;
    BrokerHeartbeat = 63, versions 0..=2, flexible 0..;
    UnregisterBroker = 64, versions 0..=0, flexible 0..;
    DescribeTransactions = 65, versions 0..=0, flexible 0..;
    ListTransactions = 66, versions 0..=2, flexible 0..;
    AllocateProducerIds = 67, versions 0..=0, flexible 0..;
    ConsumerGroupHeartbeat = 68, versions 0..=1, flexible 0..;
    ConsumerGroupDescribe = 69, versions 0..=1, flexible 0..;
    ControllerRegistration = 70, versions 0..=0, flexible 0..;
    GetTelemetrySubscriptions = 71, versions 0..=0, flexible 0..;
    PushTelemetry = 72, versions 0..=0, flexible 0..;
    AssignReplicasToDirs = 73, versions 0..=0, flexible 0..;
    ListConfigResources = 74, versions 0..=1, flexible 0..;
    DescribeTopicPartitions = 75, versions 0..=0, flexible 0..;
    ShareGroupHeartbeat = 76, versions 0..=1, flexible 0..;
    ShareGroupDescribe = 77, versions 0..=1, flexible 0..;
    ShareFetch = 78, versions 0..=2, flexible 0..;
    ShareAcknowledge = 79, versions 0..=2, flexible 0..;
    AddRaftVoter = 80, versions 0..=1, flexible 0..;
    RemoveRaftVoter = 81, versions 0..=0, flexible 0..;
    UpdateRaftVoter = 82, versions 0..=0, flexible 0..;
    InitializeShareGroupState = 83, versions 0..=0, flexible 0..;
    ReadShareGroupState = 84, versions 0..=0, flexible 0..;
    WriteShareGroupState = 85, versions 0..=1, flexible 0..;
    DeleteShareGroupState = 86, versions 0..=0, flexible 0..;
    ReadShareGroupStateSummary = 87, versions 0..=1, flexible 0..;
    StreamsGroupHeartbeat = 88, versions 0..=1, flexible 0..;
    StreamsGroupDescribe = 89, versions 0..=1, flexible 0..;
    DescribeShareGroupOffsets = 90, versions 0..=1, flexible 0..;
    AlterShareGroupOffsets = 91, versions 0..=0, flexible 0..;
    DeleteShareGroupOffsets = 92, versions 0..=0, flexible 0..;
    StreamsGroupTopologyDescriptionUpdate = 93, versions 0..=0, flexible 0..;
    UnregisterController = 94, versions 0..=0, flexible 0..;
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn keys_are_dense_and_round_trip() {
        assert_eq!(ApiKey::ALL.len(), 95);
        for (i, api) in ApiKey::ALL.iter().enumerate() {
            assert_eq!(api.to_i16(), i as i16);
            assert_eq!(ApiKey::from_i16(i as i16), Some(*api));
            assert_eq!(api.versions().min, 0, "{api}");
        }
        assert_eq!((ApiKey::from_i16(-1), ApiKey::from_i16(95)), (None, None));
    }

    #[test]
    fn header_versions() {
        let cases = [
            (ApiKey::Produce, 8, 1, 0),
            (ApiKey::Produce, 9, 2, 1),
            (ApiKey::ApiVersions, 0, 1, 0),
            (ApiKey::ApiVersions, 3, 2, 0),
            (ApiKey::ControlledShutdown, 0, 0, 0),
            (ApiKey::ControlledShutdown, 1, 1, 0),
            (ApiKey::ControlledShutdown, 3, 2, 1),
            (ApiKey::SaslHandshake, 1, 1, 0),
            (ApiKey::OffsetDelete, 0, 1, 0),
            (ApiKey::WriteTxnMarkers, 1, 2, 1),
            (ApiKey::AlterPartitionReassignments, 0, 2, 1),
        ];
        for (api, version, request, response) in cases {
            assert_eq!(api.request_header_version(version), request, "{api} v{version}");
            assert_eq!(api.response_header_version(version), response, "{api} v{version}");
        }
    }

    #[test]
    fn unstable_versions_are_not_stable() {
        assert_eq!(ApiKey::InitProducerId.stable_versions(), VersionRange::new(0, 5));
        assert_eq!(ApiKey::Fetch.stable_versions(), ApiKey::Fetch.versions());
    }

    #[test]
    fn ranges_intersect() {
        let cases = [
            ((0, 5), (3, 9), (3, 5)),
            ((0, 5), (6, 9), (0, -1)),
            ((4, 4), (0, 9), (4, 4)),
            ((5, 2), (0, 9), (0, -1)),
        ];
        for (a, b, both) in cases {
            let range = |(min, max)| VersionRange::new(min, max);
            assert_eq!(range(a).intersect(range(b)), range(both));
            assert_eq!(range(b).intersect(range(a)), range(both));
        }
        assert_eq!(VersionRange::EMPTY.to_string(), "none");
        assert_eq!(VersionRange::new(3, 7).to_string(), "3-7");
    }
}
