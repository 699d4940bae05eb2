//! StreamsGroupTopologyDescriptionUpdate (key 93), version 0, flexible from 0: a Kafka Streams member sends the
//! description of its topology (KIP-1331).
//!
//! - Sent to the coordinator of the group when its heartbeat's answer asks for it; new in Kafka 4.4. Brokers hand it to
//!   a plugin, without which they never ask.
//! - UNKNOWN_MEMBER_ID means that the member, or the whole group, is gone.
//! - A description of one node and one global store, with names of four letters, takes 44 bytes and 584 decoded, hence
//!   the memory factor of the request.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// Describes a topology.
    StreamsGroupTopologyDescriptionUpdateRequest -> StreamsGroupTopologyDescriptionUpdateResponse = key 93,
        versions 0..=0, flexible 0.., memory 16, kips [0: 1331] {
        /// The group.
        group_id: Str [0..],
        /// The member that describes it.
        member_id: Str [0..],
        /// Number of the topology.
        topology_epoch: i32 [0..],
        /// The description.
        topology_description: TopologyDescription [0..],
    }

    /// A topology for people to look at.
    TopologyDescription {
        /// Its parts.
        subtopologies: Vec<TopologyDescriptionSubtopology> [0..],
        /// Stores of which every process has all.
        global_stores: Vec<TopologyDescriptionGlobalStore> [0..],
    }

    /// A part of a topology.
    TopologyDescriptionSubtopology {
        /// Its id.
        subtopology_id: Str [0..],
        /// Its nodes.
        nodes: Vec<TopologyDescriptionNode> [0..],
    }

    /// A node.
    TopologyDescriptionNode {
        /// Its name.
        name: Str [0..],
        /// 1 source, 2 processor, 3 sink.
        node_type: i8 [0..],
        /// Topics that a source reads; empty where that is decided later.
        source_topics: Vec<Str> [0..],
        /// Topic that a sink writes; null where that is decided for each record, and for other nodes.
        sink_topic: Option<Str> [0.., null 0..],
        /// State stores of a processor.
        stores: Vec<Str> [0..],
        /// Names of the nodes that come next.
        successors: Vec<Str> [0..],
    }

    /// A store of which every process has all.
    TopologyDescriptionGlobalStore {
        /// Node that reads it.
        source: TopologyDescriptionNode [0..],
        /// Node that fills it.
        processor: TopologyDescriptionNode [0..],
    }

    /// Whether the description is stored.
    StreamsGroupTopologyDescriptionUpdateResponse = key 93, versions 0..=0, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
    }
}
