//! What can go wrong, whose fault it is, whether to try again, and whether a record may have been written.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use kafka_proto::{ApiKey, ErrorCode};

/// An operation, or a record, that failed.
///
/// It is a pointer, so that results stay short on the hot paths, and one failure may be that of a million records.
#[derive(Clone, PartialEq, Eq)]
pub struct Error(Arc<Failure>);

#[derive(Clone, PartialEq, Eq)]
struct Failure {
    kind: ErrorKind,
    written: Written,
}

/// Whether the log may contain what the failed operation was to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// It is certain that the log does not contain it and never will.
    NotAppended,
    /// The log may contain it: it was sent, and its fate is not known.
    Unknown,
}

/// Whose fault an error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The application asked for what can't be had.
    Application,
    /// The configuration of the client or the cluster.
    Configuration,
    /// A broker refused, or is in a state that should pass.
    Broker,
    /// A broker broke the protocol.
    Misbehaviour,
    /// The network, or no broker is there.
    Network,
    /// The client was closed.
    Closed,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The operation's time was over.
    TimedOut {
        /// What was waited for.
        waiting_for: &'static str,
        /// What stood in the way, as far as known: failed connections, refusals that were retried.
        causes: Vec<String>,
    },
    /// No broker could be reached; each address that was tried with its cause.
    NoBroker {
        /// `host:port: cause`.
        causes: Vec<String>,
    },
    /// The topic does not exist and may not be, or was not, created.
    UnknownTopic {
        /// Its name.
        topic: Arc<str>,
    },
    /// The topic has no such partition.
    UnknownPartition {
        /// The topic.
        topic: Arc<str>,
        /// The partition asked for.
        partition: i32,
        /// How many it has.
        partitions: usize,
    },
    /// The consumer has no such partition assigned.
    NotAssigned {
        /// The topic.
        topic: Arc<str>,
        /// The partition.
        partition: i32,
    },
    /// A broker answered with an error code.
    Broker {
        /// The code.
        code: ErrorCode,
        /// What was asked of it: an API, and the topic or partition.
        context: String,
        /// The broker's own words, if it had any.
        message: Option<String>,
    },
    /// The broker does not speak a version of an API that this needs.
    BrokerTooOld {
        /// The API.
        api: ApiKey,
        /// The oldest version that would do.
        needs: i16,
        /// The newest that the broker speaks, `None` if it lacks the API.
        speaks: Option<i16>,
        /// The release that has it.
        since: &'static str,
    },
    /// A record, with its framing, is longer than a limit.
    RecordTooLarge {
        /// Its length in bytes.
        bytes: usize,
        /// The limit in bytes, `None` where it is the broker's and unknown.
        limit: Option<usize>,
        /// The setting that holds the limit.
        setting: &'static str,
    },
    /// The position does not exist in the log, and `auto.offset.reset` is `none`.
    OffsetOutOfRange {
        /// The topic.
        topic: Arc<str>,
        /// The partition.
        partition: i32,
        /// The position.
        offset: i64,
    },
    /// The log has lost records that were handed out (an unclean election), and `auto.offset.reset` is `none`. A seek to
    /// `end` goes on with what it has instead of them.
    LogTruncated {
        /// The topic.
        topic: Arc<str>,
        /// The partition.
        partition: i32,
        /// The position before.
        offset: i64,
        /// The first offset that was lost.
        end: i64,
    },
    /// There is no position, and `auto.offset.reset` is `none`.
    NoOffset {
        /// The topic.
        topic: Arc<str>,
        /// The partition.
        partition: i32,
    },
    /// A batch that was fetched is broken.
    Corrupt {
        /// The topic.
        topic: Arc<str>,
        /// The partition.
        partition: i32,
        /// The offset where the batch or record begins.
        offset: i64,
        /// How it is broken.
        reason: String,
    },
    /// A connection failed with the request on it.
    Disconnected {
        /// Why.
        cause: CloseCause,
    },
    /// The cluster is not the one that this client started with (KIP-1242's case).
    OtherCluster {
        /// The id first seen.
        expected: String,
        /// The id seen since.
        found: String,
    },
    /// An argument that can't be used.
    InvalidArgument {
        /// What and why.
        reason: String,
    },
    /// A batch could not be compressed.
    Compression {
        /// Why.
        reason: String,
    },
    /// The client, producer or consumer was closed.
    Closed,
}

/// Why a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CloseCause {
    /// Nobody listens there.
    Refused,
    /// No way to get there; the system's words.
    Unreachable(String),
    /// It took too long; what did.
    Timeout(&'static str),
    /// The peer reset it.
    Reset,
    /// The peer closed it; `clean` between frames.
    Eof {
        /// Whether it ended between frames.
        clean: bool,
    },
    /// The TLS layer failed.
    Tls(String),
    /// The peer broke the protocol.
    Misbehaved(String),
    /// Any other failure of the socket; the system's words.
    Io(String),
    /// This side closed it.
    Requested,
}

impl Error {
    /// An error of something that writes no record, or of a record that certainly was not written.
    pub fn new(kind: ErrorKind) -> Self {
        Self(Arc::new(Failure { kind, written: Written::NotAppended }))
    }

    /// An error of a record whose fate is not known.
    pub fn unknown_outcome(kind: ErrorKind) -> Self {
        Self(Arc::new(Failure { kind, written: Written::Unknown }))
    }

    /// The same error with another word on whether the record was written.
    #[must_use]
    pub fn with_written(mut self, written: Written) -> Self {
        Arc::make_mut(&mut self.0).written = written;
        self
    }

    /// What went wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// Whether the log may contain what was to be written.
    pub fn written(&self) -> Written {
        self.0.written
    }

    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        match &self.0.kind {
            ErrorKind::UnknownTopic { .. }
            | ErrorKind::UnknownPartition { .. }
            | ErrorKind::NotAssigned { .. }
            | ErrorKind::RecordTooLarge { .. }
            | ErrorKind::OffsetOutOfRange { .. }
            | ErrorKind::LogTruncated { .. }
            | ErrorKind::NoOffset { .. }
            | ErrorKind::InvalidArgument { .. } => Fault::Application,
            ErrorKind::BrokerTooOld { .. }
            | ErrorKind::OtherCluster { .. }
            | ErrorKind::Compression { .. } => Fault::Configuration,
            ErrorKind::Broker { .. } => Fault::Broker,
            ErrorKind::Corrupt { .. }
            | ErrorKind::Disconnected { cause: CloseCause::Misbehaved(_) } => Fault::Misbehaviour,
            ErrorKind::TimedOut { .. }
            | ErrorKind::NoBroker { .. }
            | ErrorKind::Disconnected { .. } => Fault::Network,
            ErrorKind::Closed => Fault::Closed,
        }
    }

    /// Whether the same call may succeed later without a change of arguments or configuration.
    ///
    /// The client itself has already retried until the operation's deadline.
    pub fn is_retriable(&self) -> bool {
        match &self.0.kind {
            ErrorKind::TimedOut { .. }
            | ErrorKind::NoBroker { .. }
            | ErrorKind::Disconnected { .. } => true,
            ErrorKind::Broker { code, .. } => code.is_retriable(),
            _ => false,
        }
    }
}

impl CloseCause {
    /// Whether the peer ended the connection, between two frames if it says so.
    pub(crate) fn is_hang_up(&self) -> bool {
        matches!(self, Self::Eof { clean: true } | Self::Reset)
    }
}

impl core::error::Error for Error {}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} ({:?})", self.0.kind, self.0.written)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.kind)?;
        match self.0.written {
            Written::NotAppended => Ok(()),
            Written::Unknown => f.write_str(" (the record may have been written)"),
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut { waiting_for, causes } => {
                write!(f, "timed out waiting for {waiting_for}")?;
                write_causes(f, causes)
            }
            Self::NoBroker { causes } => {
                f.write_str("no broker could be reached")?;
                write_causes(f, causes)
            }
            Self::UnknownTopic { topic } => write!(f, "topic {topic} does not exist"),
            Self::UnknownPartition { topic, partition, partitions } => {
                write!(f, "topic {topic} has no partition {partition}: it has {partitions}")
            }
            Self::NotAssigned { topic, partition } => {
                write!(f, "partition {topic}-{partition} is not assigned")
            }
            Self::Broker { code, context, message } => {
                write!(f, "{context}: {code}")?;
                match message {
                    Some(message) => write_words(f, message),
                    None => Ok(()),
                }
            }
            Self::BrokerTooOld { api, needs, speaks, since } => match speaks {
                Some(newest) => write!(
                    f,
                    "the broker is too old: {api:?} version {needs} (Kafka {since}) is needed and it speaks up to {newest}"
                ),
                None => write!(
                    f,
                    "the broker is too old: {api:?} (Kafka {since}) is needed and it lacks it"
                ),
            },
            Self::RecordTooLarge { bytes, limit: Some(limit), setting } => {
                write!(f, "a record of {bytes} bytes is over {setting}, which is {limit}")
            }
            Self::RecordTooLarge { bytes, limit: None, setting } => {
                write!(f, "a record of {bytes} bytes is over {setting}")
            }
            Self::OffsetOutOfRange { topic, partition, offset } => write!(
                f,
                "offset {offset} of {topic}-{partition} does not exist and auto.offset.reset is none"
            ),
            Self::LogTruncated { topic, partition, offset, end } => write!(
                f,
                "{topic}-{partition} has lost its records from offset {end} on, the position was {offset}, and \
                 auto.offset.reset is none"
            ),
            Self::NoOffset { topic, partition } => {
                write!(f, "{topic}-{partition} has no position and auto.offset.reset is none")
            }
            Self::Corrupt { topic, partition, offset, reason } => {
                write!(f, "{topic}-{partition} is broken at offset {offset}: {reason}")
            }
            Self::Disconnected { cause } => write!(f, "the connection failed: {cause}"),
            Self::OtherCluster { expected, found } => {
                write!(f, "this is cluster {found}, not {expected}, where the client started")
            }
            Self::InvalidArgument { reason } => f.write_str(reason),
            Self::Compression { reason } => write!(f, "a batch could not be compressed: {reason}"),
            Self::Closed => f.write_str("the client is closed"),
        }
    }
}

impl fmt::Display for CloseCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused => f.write_str("connection refused"),
            Self::Unreachable(words) => write!(f, "unreachable: {words}"),
            Self::Timeout(what) => write!(f, "{what} timed out"),
            Self::Reset => f.write_str("connection reset by the broker"),
            Self::Eof { clean: true } => f.write_str("the broker closed the connection"),
            Self::Eof { clean: false } => {
                f.write_str("the broker closed the connection within a response")
            }
            Self::Tls(words) => write!(f, "TLS: {words}"),
            Self::Misbehaved(words) => write!(f, "the peer broke the protocol: {words}"),
            Self::Io(words) => f.write_str(words),
            Self::Requested => f.write_str("closed by the client"),
        }
    }
}

fn write_causes(f: &mut fmt::Formatter<'_>, causes: &[String]) -> fmt::Result {
    for (i, cause) in causes.iter().enumerate() {
        write!(f, "{}{cause}", if i == 0 { ": " } else { "; " })?;
    }
    Ok(())
}

/// As much of a broker's own words is shown.
const WORDS_MAX: usize = 500;

/// What a broker says, as far as it fits on a line and does nothing to a terminal.
fn write_words(f: &mut fmt::Formatter<'_>, words: &str) -> fmt::Result {
    f.write_str(": ")?;
    for letter in words.chars().take(WORDS_MAX) {
        if letter.is_control() {
            write!(f, "{}", letter.escape_default())?;
        } else {
            write!(f, "{letter}")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn a_brokers_words_are_shown_but_not_obeyed() {
        let kind = |message: &str| ErrorKind::Broker {
            code: ErrorCode::TOPIC_ALREADY_EXISTS,
            context: "create topic t".into(),
            message: Some(message.into()),
        };
        let shown = kind("Topic 'old' already exists.\u{1b}[2J\n").to_string();
        assert!(shown.ends_with(": Topic 'old' already exists.\\u{1b}[2J\\n"), "{shown}");
        assert!(kind(&"x".repeat(100_000)).to_string().len() < 1_000);
    }
}
