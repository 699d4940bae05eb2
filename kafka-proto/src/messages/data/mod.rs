//! Messages that travel in other things than frames of their own: headers, group metadata, control records, indexes.

pub mod aborted_txn;
pub mod consumer_protocol_assignment;
pub mod consumer_protocol_subscription;
pub mod control_record_type_schema;
pub mod default_principal_data;
pub mod end_txn_marker;
pub mod kraft_version_record;
pub mod leader_change_message;
pub mod request_header;
pub mod response_header;
pub mod snapshot_footer_record;
pub mod snapshot_header_record;
mod versioned;
pub mod voters_record;

pub use self::{
    aborted_txn::AbortedTxn,
    consumer_protocol_assignment::ConsumerProtocolAssignment,
    consumer_protocol_subscription::ConsumerProtocolSubscription,
    control_record_type_schema::ControlRecordTypeSchema,
    default_principal_data::DefaultPrincipalData,
    end_txn_marker::EndTxnMarker,
    kraft_version_record::KRaftVersionRecord,
    leader_change_message::LeaderChangeMessage,
    request_header::RequestHeader,
    response_header::ResponseHeader,
    snapshot_footer_record::SnapshotFooterRecord,
    snapshot_header_record::SnapshotHeaderRecord,
    versioned::{decode_versioned, decode_versioned_lenient, encode_versioned},
    voters_record::VotersRecord,
};
