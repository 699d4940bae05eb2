//! Every message, one file per API with its request and response.
//!
//! All versions of a message are one struct. Build it with `..Default::default()`: defaults are Kafka's, except that a
//! nullable field is null unless noted, and a new version's field is then a minor release. A field that the version
//! can't carry is an error when it holds something else than its default, unless it is marked `ignorable`. Every field's
//! documentation ends with its versions, and with those that allow null, as patterns.

pub mod api_versions;
pub mod create_topics;
pub mod delete_topics;
pub mod fetch;
pub mod init_producer_id;
pub mod list_offsets;
pub mod metadata;
pub mod produce;

pub use self::{
    api_versions::{ApiVersionsRequest, ApiVersionsResponse},
    create_topics::{CreateTopicsRequest, CreateTopicsResponse},
    delete_topics::{DeleteTopicsRequest, DeleteTopicsResponse},
    fetch::{FetchRequest, FetchResponse},
    init_producer_id::{InitProducerIdRequest, InitProducerIdResponse},
    list_offsets::{ListOffsetsRequest, ListOffsetsResponse},
    metadata::{MetadataRequest, MetadataResponse},
    produce::{ProduceRequest, ProduceResponse},
};

use crate::schema::MessageVisitor;

/// Shows every message to `visitor`, in the order of the APIs.
pub fn visit_all(visitor: &mut impl MessageVisitor) {
    visitor.request::<ProduceRequest>();
    visitor.request::<FetchRequest>();
    visitor.request::<ListOffsetsRequest>();
    visitor.request::<MetadataRequest>();
    visitor.request::<ApiVersionsRequest>();
    visitor.request::<CreateTopicsRequest>();
    visitor.request::<DeleteTopicsRequest>();
    visitor.request::<InitProducerIdRequest>();
}
