//! The error codes that brokers answer with.

use core::fmt;

/// An error code in a response; 0 is [`ErrorCode::NONE`].
///
/// Codes are associated constants, under Kafka's names, so that a code which this crate does not know is a value like any
/// other: it is kept, displayed as its number, and neither retriable nor a sign of stale metadata.
///
/// ```
/// use kafka_proto::ErrorCode;
///
/// let code = ErrorCode::from(6);
/// assert_eq!(code, ErrorCode::NOT_LEADER_OR_FOLLOWER);
/// assert!(code.is_retriable() && code.is_invalid_metadata());
/// assert_eq!(ErrorCode::from(9999).to_string(), "UNKNOWN_9999");
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ErrorCode(pub i16);

impl ErrorCode {
    /// Whether this is an error at all.
    #[inline]
    #[must_use]
    pub const fn is_error(self) -> bool {
        self.0 != 0
    }

    /// This code as an error, if it is one.
    ///
    /// # Errors
    /// The code itself, unless it is 0.
    #[inline]
    pub const fn to_result(self) -> Result<(), Self> {
        if self.is_error() { Err(self) } else { Ok(()) }
    }

    /// Whether this crate knows the code.
    #[must_use]
    pub fn is_known(self) -> bool {
        self.row().is_some()
    }

    /// Kafka's name, such as `NOT_LEADER_OR_FOLLOWER`; `UNKNOWN` for a code that this crate does not know.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().map_or("UNKNOWN", |row| row.name)
    }

    /// What the code says, in a few words.
    #[must_use]
    pub fn description(self) -> &'static str {
        self.row().map_or("an error that this client does not know", |row| row.description)
    }

    /// Whether the same request may succeed later, as far as Kafka's own client is concerned.
    #[must_use]
    pub fn is_retriable(self) -> bool {
        self.row().is_some_and(|row| row.remedy != Remedy::Fail)
    }

    /// Whether the code says that the client's metadata is outdated. All such codes are retriable.
    #[must_use]
    pub fn is_invalid_metadata(self) -> bool {
        self.row().is_some_and(|row| row.remedy == Remedy::Refresh)
    }

    fn row(self) -> Option<&'static Row> {
        // The table starts at -1 and has no gaps.
        let index = usize::try_from(self.0.checked_add(1)?).ok()?;
        TABLE.get(index)
    }
}

impl From<i16> for ErrorCode {
    #[inline]
    fn from(code: i16) -> Self {
        Self(code)
    }
}

impl From<ErrorCode> for i16 {
    #[inline]
    fn from(code: ErrorCode) -> Self {
        code.0
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.row() {
            Some(row) => f.pad(row.name),
            None => write!(f, "UNKNOWN_{}", self.0),
        }
    }
}

impl fmt::Debug for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}({})", self.0)
    }
}

impl core::error::Error for ErrorCode {}

struct Row {
    name: &'static str,
    remedy: Remedy,
    description: &'static str,
}

/// What Kafka's own client does about a code.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Remedy {
    Fail,
    Retry,
    /// Retry with new metadata.
    Refresh,
}

/// The table macro for codes: a constant and a row each.
macro_rules! error_codes {
    ($($name:ident = $code:literal, $remedy:ident, $description:literal;)*) => {
        impl ErrorCode {
            /// Every known code, ascending.
            pub const ALL: &'static [Self] = &[$(Self($code)),*];

            $(
                #[doc = concat!("Code ", $code, ": ", $description, ".")]
                pub const $name: Self = Self($code);
            )*
        }

        static TABLE: &[Row] = &[$(Row {
            name: stringify!($name),
            remedy: Remedy::$remedy,
            description: $description,
        }),*];
    };
}

error_codes! {
    UNKNOWN_SERVER_ERROR = -1, Fail, "the broker failed in a way it has no code for";
    NONE = 0, Fail, "no error";
    OFFSET_OUT_OF_RANGE = 1, Fail, "the offset is not in the partition's log";
    CORRUPT_MESSAGE = 2, Retry, "the records' checksum or format is wrong";
    UNKNOWN_TOPIC_OR_PARTITION = 3, Refresh, "the broker does not know the topic or partition";
    INVALID_FETCH_SIZE = 4, Fail, "the fetch size is negative";
    LEADER_NOT_AVAILABLE = 5, Refresh, "the partition is between leaders";
    NOT_LEADER_OR_FOLLOWER = 6, Refresh, "the broker is not the partition's leader, or no replica of it";
    REQUEST_TIMED_OUT = 7, Retry, "the broker ran into its own timeout";
    BROKER_NOT_AVAILABLE = 8, Fail, "the broker is not available";
    REPLICA_NOT_AVAILABLE = 9, Refresh, "the replica is not available";
    MESSAGE_TOO_LARGE = 10, Fail, "the batch is larger than the broker or topic allows";
    STALE_CONTROLLER_EPOCH = 11, Fail, "the controller has been replaced";
    OFFSET_METADATA_TOO_LARGE = 12, Fail, "the commit's metadata string is too long";
    NETWORK_EXCEPTION = 13, Refresh, "the connection was lost before the answer";
    COORDINATOR_LOAD_IN_PROGRESS = 14, Retry, "the coordinator is still loading its state";
    COORDINATOR_NOT_AVAILABLE = 15, Retry, "there is no coordinator at the moment";
    NOT_COORDINATOR = 16, Retry, "the broker is not the coordinator of this group or transaction";
    INVALID_TOPIC_EXCEPTION = 17, Fail, "the topic name is not allowed, or the topic may not be written to";
    RECORD_LIST_TOO_LARGE = 18, Fail, "the records are larger than a segment of the log";
    NOT_ENOUGH_REPLICAS = 19, Retry, "too few in-sync replicas to append";
    NOT_ENOUGH_REPLICAS_AFTER_APPEND = 20, Retry, "appended, but to too few in-sync replicas";
    INVALID_REQUIRED_ACKS = 21, Fail, "acks is something other than -1, 0 or 1";
    ILLEGAL_GENERATION = 22, Fail, "the member's generation is not the group's";
    INCONSISTENT_GROUP_PROTOCOL = 23, Fail, "the member's protocols fit no other member's";
    INVALID_GROUP_ID = 24, Fail, "the group id is not allowed";
    UNKNOWN_MEMBER_ID = 25, Fail, "the group does not know the member";
    INVALID_SESSION_TIMEOUT = 26, Fail, "the session timeout is outside the broker's bounds";
    REBALANCE_IN_PROGRESS = 27, Fail, "the group is rebalancing, the member has to join again";
    INVALID_COMMIT_OFFSET_SIZE = 28, Fail, "the commit is too large";
    TOPIC_AUTHORIZATION_FAILED = 29, Fail, "not authorized for the topic";
    GROUP_AUTHORIZATION_FAILED = 30, Fail, "not authorized for the group";
    CLUSTER_AUTHORIZATION_FAILED = 31, Fail, "not authorized for the cluster";
    INVALID_TIMESTAMP = 32, Fail, "a record's timestamp is out of bounds";
    UNSUPPORTED_SASL_MECHANISM = 33, Fail, "the broker does not offer the SASL mechanism";
    ILLEGAL_SASL_STATE = 34, Fail, "the request is out of order in the SASL exchange";
    UNSUPPORTED_VERSION = 35, Fail, "the broker does not know this version of the API";
    TOPIC_ALREADY_EXISTS = 36, Fail, "the topic exists already";
    INVALID_PARTITIONS = 37, Fail, "the number of partitions is not allowed";
    INVALID_REPLICATION_FACTOR = 38, Fail, "the replication factor is not allowed, or there are too few brokers";
    INVALID_REPLICA_ASSIGNMENT = 39, Fail, "the replica assignment is not allowed";
    INVALID_CONFIG = 40, Fail, "the configuration is not allowed";
    NOT_CONTROLLER = 41, Retry, "the broker is not the controller";
    INVALID_REQUEST = 42, Fail, "the request contradicts itself or the broker's state";
    UNSUPPORTED_FOR_MESSAGE_FORMAT = 43, Fail, "the partition's message format can't carry this";
    POLICY_VIOLATION = 44, Fail, "a policy of the broker forbids it";
    OUT_OF_ORDER_SEQUENCE_NUMBER = 45, Fail, "the batch's sequence number leaves a gap";
    DUPLICATE_SEQUENCE_NUMBER = 46, Fail, "the batch was appended before";
    INVALID_PRODUCER_EPOCH = 47, Fail, "a newer producer has taken this producer id";
    INVALID_TXN_STATE = 48, Fail, "the transaction is in another state";
    INVALID_PRODUCER_ID_MAPPING = 49, Fail, "the producer id does not belong to this transactional id";
    INVALID_TRANSACTION_TIMEOUT = 50, Fail, "the transaction timeout is above the broker's maximum";
    CONCURRENT_TRANSACTIONS = 51, Retry, "another request of the transaction is still being worked on";
    TRANSACTION_COORDINATOR_FENCED = 52, Fail, "the transaction coordinator has been replaced";
    TRANSACTIONAL_ID_AUTHORIZATION_FAILED = 53, Fail, "not authorized for the transactional id";
    SECURITY_DISABLED = 54, Fail, "security features are off";
    OPERATION_NOT_ATTEMPTED = 55, Fail, "not attempted, because something else in the request failed";
    KAFKA_STORAGE_ERROR = 56, Refresh, "the broker can't read or write its disk";
    LOG_DIR_NOT_FOUND = 57, Fail, "the log directory is not known";
    SASL_AUTHENTICATION_FAILED = 58, Fail, "authentication failed";
    UNKNOWN_PRODUCER_ID = 59, Fail, "the broker has forgotten the producer id";
    REASSIGNMENT_IN_PROGRESS = 60, Fail, "a reassignment of the partition is in progress";
    DELEGATION_TOKEN_AUTH_DISABLED = 61, Fail, "delegation tokens are off";
    DELEGATION_TOKEN_NOT_FOUND = 62, Fail, "the delegation token is not known";
    DELEGATION_TOKEN_OWNER_MISMATCH = 63, Fail, "the delegation token belongs to somebody else";
    DELEGATION_TOKEN_REQUEST_NOT_ALLOWED = 64, Fail, "delegation tokens can't be asked for on this connection";
    DELEGATION_TOKEN_AUTHORIZATION_FAILED = 65, Fail, "not authorized for the delegation token";
    DELEGATION_TOKEN_EXPIRED = 66, Fail, "the delegation token has expired";
    INVALID_PRINCIPAL_TYPE = 67, Fail, "the principal's type is not supported";
    NON_EMPTY_GROUP = 68, Fail, "the group has members";
    GROUP_ID_NOT_FOUND = 69, Fail, "the group does not exist";
    FETCH_SESSION_ID_NOT_FOUND = 70, Retry, "the broker does not know the fetch session";
    INVALID_FETCH_SESSION_EPOCH = 71, Retry, "the fetch session is at another epoch";
    LISTENER_NOT_FOUND = 72, Refresh, "the broker has no such listener";
    TOPIC_DELETION_DISABLED = 73, Fail, "deleting topics is off";
    FENCED_LEADER_EPOCH = 74, Refresh, "the client's leader epoch is older than the broker's";
    UNKNOWN_LEADER_EPOCH = 75, Retry, "the client's leader epoch is newer than the broker's";
    UNSUPPORTED_COMPRESSION_TYPE = 76, Fail, "the broker can't handle the compression codec in this version";
    STALE_BROKER_EPOCH = 77, Fail, "the broker has registered again since";
    OFFSET_NOT_AVAILABLE = 78, Retry, "the leader can't vouch for its offsets yet";
    MEMBER_ID_REQUIRED = 79, Fail, "the member has to join again with the id it was given";
    PREFERRED_LEADER_NOT_AVAILABLE = 80, Refresh, "the preferred leader is not available";
    GROUP_MAX_SIZE_REACHED = 81, Fail, "the group is full";
    FENCED_INSTANCE_ID = 82, Fail, "another member has taken the group instance id";
    ELIGIBLE_LEADERS_NOT_AVAILABLE = 83, Refresh, "no eligible leader is available";
    ELECTION_NOT_NEEDED = 84, Refresh, "the partition has its leader already";
    NO_REASSIGNMENT_IN_PROGRESS = 85, Fail, "no reassignment is in progress";
    GROUP_SUBSCRIBED_TO_TOPIC = 86, Fail, "a member is subscribed to the topic";
    INVALID_RECORD = 87, Fail, "a record breaks a rule of the broker";
    UNSTABLE_OFFSET_COMMIT = 88, Retry, "offsets of an open transaction are in the way";
    THROTTLING_QUOTA_EXCEEDED = 89, Retry, "a quota is used up";
    PRODUCER_FENCED = 90, Fail, "a newer producer has the transactional id";
    RESOURCE_NOT_FOUND = 91, Fail, "there is no such resource";
    DUPLICATE_RESOURCE = 92, Fail, "the resource is in the request twice";
    UNACCEPTABLE_CREDENTIAL = 93, Fail, "the credential is not acceptable";
    INCONSISTENT_VOTER_SET = 94, Fail, "the voters contradict each other";
    INVALID_UPDATE_VERSION = 95, Fail, "the version to update to is not allowed";
    FEATURE_UPDATE_FAILED = 96, Fail, "the features could not be updated";
    PRINCIPAL_DESERIALIZATION_FAILURE = 97, Fail, "the forwarded principal can't be read";
    SNAPSHOT_NOT_FOUND = 98, Fail, "there is no such snapshot";
    POSITION_OUT_OF_RANGE = 99, Fail, "the position is not in the snapshot";
    UNKNOWN_TOPIC_ID = 100, Refresh, "the broker does not know the topic id";
    DUPLICATE_BROKER_REGISTRATION = 101, Fail, "the broker id is registered already";
    BROKER_ID_NOT_REGISTERED = 102, Fail, "the broker id is not registered";
    INCONSISTENT_TOPIC_ID = 103, Refresh, "the topic id is not the log's";
    INCONSISTENT_CLUSTER_ID = 104, Fail, "the cluster id is another one";
    TRANSACTIONAL_ID_NOT_FOUND = 105, Fail, "the transactional id is not known";
    FETCH_SESSION_TOPIC_ID_ERROR = 106, Retry, "the fetch session mixes names and ids of topics";
    INELIGIBLE_REPLICA = 107, Fail, "the replica may not join the in-sync ones";
    NEW_LEADER_ELECTED = 108, Fail, "the partition has elected another leader meanwhile";
    OFFSET_MOVED_TO_TIERED_STORAGE = 109, Fail, "the offset is in tiered storage";
    FENCED_MEMBER_EPOCH = 110, Fail, "the group is ahead of the member's epoch";
    UNRELEASED_INSTANCE_ID = 111, Fail, "another member still has the instance id";
    UNSUPPORTED_ASSIGNOR = 112, Fail, "the group does not support the assignor";
    STALE_MEMBER_EPOCH = 113, Fail, "the member is behind the group's epoch";
    MISMATCHED_ENDPOINT_TYPE = 114, Fail, "the endpoint is a broker's where a controller's is needed, or the other way round";
    UNSUPPORTED_ENDPOINT_TYPE = 115, Fail, "the endpoint's type is not supported";
    UNKNOWN_CONTROLLER_ID = 116, Fail, "the controller id is not known";
    UNKNOWN_SUBSCRIPTION_ID = 117, Fail, "the telemetry subscription is outdated";
    TELEMETRY_TOO_LARGE = 118, Fail, "the telemetry is larger than the broker takes";
    INVALID_REGISTRATION = 119, Fail, "the broker's registration is not valid";
    TRANSACTION_ABORTABLE = 120, Fail, "the transaction has to be aborted";
    INVALID_RECORD_STATE = 121, Fail, "the record is in another state of delivery";
    SHARE_SESSION_NOT_FOUND = 122, Retry, "the broker does not know the share session";
    INVALID_SHARE_SESSION_EPOCH = 123, Retry, "the share session is at another epoch";
    FENCED_STATE_EPOCH = 124, Fail, "the share state has a newer epoch";
    INVALID_VOTER_KEY = 125, Fail, "the voter's key does not fit";
    DUPLICATE_VOTER = 126, Fail, "the voter is there already";
    VOTER_NOT_FOUND = 127, Fail, "there is no such voter";
    INVALID_REGULAR_EXPRESSION = 128, Fail, "the regular expression is not valid";
    REBOOTSTRAP_REQUIRED = 129, Fail, "the client should start over from its bootstrap servers";
    STREAMS_INVALID_TOPOLOGY = 130, Fail, "the streams topology is not valid";
    STREAMS_INVALID_TOPOLOGY_EPOCH = 131, Fail, "the streams topology's epoch is not valid";
    STREAMS_TOPOLOGY_FENCED = 132, Fail, "the streams topology is outdated";
    SHARE_SESSION_LIMIT_REACHED = 133, Retry, "the broker has no room for another share session";
    GROUP_DELETION_FAILED = 134, Fail, "the group could not be deleted";
    STREAMS_TOPOLOGY_DESCRIPTION_UPDATE_FAILED = 135, Fail, "the streams topology's description could not be updated";
    CONTROLLER_ID_NOT_REGISTERED = 136, Fail, "the controller id is not registered";
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{format, string::ToString};

    #[test]
    fn the_table_starts_at_minus_one_and_has_no_gaps() {
        assert!(ErrorCode::ALL.iter().map(|code| code.0).eq(-1..=136));
        assert_eq!(ErrorCode::from(-1).name(), "UNKNOWN_SERVER_ERROR");
        assert_eq!(ErrorCode::from(136).name(), "CONTROLLER_ID_NOT_REGISTERED");
    }

    #[test]
    fn remedies() {
        let cases = [
            (ErrorCode::NONE, false, false),
            (ErrorCode::UNKNOWN_SERVER_ERROR, false, false),
            (ErrorCode::CORRUPT_MESSAGE, true, false),
            (ErrorCode::NOT_LEADER_OR_FOLLOWER, true, true),
            (ErrorCode::NOT_COORDINATOR, true, false),
            (ErrorCode::MESSAGE_TOO_LARGE, false, false),
            (ErrorCode::UNKNOWN_TOPIC_ID, true, true),
            (ErrorCode::PRODUCER_FENCED, false, false),
        ];
        for (code, retriable, invalid_metadata) in cases {
            assert_eq!(code.is_retriable(), retriable, "{code}");
            assert_eq!(code.is_invalid_metadata(), invalid_metadata, "{code}");
        }
    }

    #[test]
    fn c25_unknown_codes_are_kept() {
        for number in [-2, 137, i16::MIN, i16::MAX] {
            let code = ErrorCode::from(number);
            assert_eq!(i16::from(code), number);
            assert!(!code.is_known() && !code.is_retriable() && !code.is_invalid_metadata());
            assert_eq!(code.to_string(), format!("UNKNOWN_{number}"));
            assert_eq!(code.to_result(), Err(code));
        }
        assert_eq!(ErrorCode::NONE.to_result(), Ok(()));
    }
}
