//! Control records: what brokers write into a partition for clients to act on, and applications never see.

use super::{Record, malformed};
use crate::error::DecodeError;

/// What a control record says.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ControlType {
    /// The transaction of the batch's producer id was aborted (KIP-98).
    Abort,
    /// The transaction of the batch's producer id was committed (KIP-98).
    Commit,
    /// A leader of the metadata quorum took office (KIP-595).
    LeaderChange,
    /// First record of a metadata snapshot (KIP-630).
    SnapshotHeader,
    /// Last record of a metadata snapshot (KIP-630).
    SnapshotFooter,
    /// Version of the metadata quorum (KIP-853).
    KRaftVersion,
    /// Voters of the metadata quorum (KIP-853).
    KRaftVoters,
    /// One of a later release, to be skipped.
    Unknown(i16),
}

impl ControlType {
    /// From the number on the wire.
    #[must_use]
    pub fn from_number(number: i16) -> Self {
        match number {
            0 => Self::Abort,
            1 => Self::Commit,
            2 => Self::LeaderChange,
            3 => Self::SnapshotHeader,
            4 => Self::SnapshotFooter,
            5 => Self::KRaftVersion,
            6 => Self::KRaftVoters,
            other => Self::Unknown(other),
        }
    }

    /// The number on the wire.
    #[must_use]
    pub fn number(self) -> i16 {
        match self {
            Self::Abort => 0,
            Self::Commit => 1,
            Self::LeaderChange => 2,
            Self::SnapshotHeader => 3,
            Self::SnapshotFooter => 4,
            Self::KRaftVersion => 5,
            Self::KRaftVoters => 6,
            Self::Unknown(number) => number,
        }
    }
}

/// A control record, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ControlRecord {
    /// Offset in the partition.
    pub offset: i64,
    /// What it says.
    pub kind: ControlType,
    /// Epoch of the transaction coordinator, in an abort or commit marker that carries it.
    pub coordinator_epoch: Option<i32>,
}

impl ControlRecord {
    /// Takes apart a record of a control batch: key = version and type, value of a marker = version and epoch.
    ///
    /// # Errors
    /// `Corrupt` if the key is null or shorter than 4 bytes, or its version negative.
    pub fn parse(record: &Record<'_>) -> Result<Self, DecodeError> {
        let Some((version, kind)) = record.key.and_then(i16s) else {
            return Err(malformed("control record key shorter than 4 bytes", 0));
        };
        if version < 0 {
            return Err(malformed("negative control record version", 0));
        }
        let kind = ControlType::from_number(kind);
        let coordinator_epoch = match (kind, record.value) {
            (ControlType::Abort | ControlType::Commit, Some(value)) => {
                value.get(2..).and_then(<[u8]>::first_chunk).map(|epoch| i32::from_be_bytes(*epoch))
            }
            _ => None,
        };
        Ok(Self { offset: record.offset, kind, coordinator_epoch })
    }
}

/// Key and value of a transaction marker of version 0, as brokers write them.
pub(super) fn marker(kind: ControlType, coordinator_epoch: i32) -> ([u8; 4], [u8; 6]) {
    let [type_high, type_low] = kind.number().to_be_bytes();
    let [a, b, c, d] = coordinator_epoch.to_be_bytes();
    ([0, 0, type_high, type_low], [0, 0, a, b, c, d])
}

fn i16s(key: &[u8]) -> Option<(i16, i16)> {
    let &[a, b, c, d] = key.first_chunk()?;
    Some((i16::from_be_bytes([a, b]), i16::from_be_bytes([c, d])))
}
