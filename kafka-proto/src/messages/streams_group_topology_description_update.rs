//! StreamsGroupTopologyDescriptionUpdate (key 93), version 0, flexible from 0: TODO.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    StreamsGroupTopologyDescriptionUpdateRequest -> StreamsGroupTopologyDescriptionUpdateResponse = key 93, versions 0..=0, flexible 0.., memory 16 {
        /// TODO.
        group_id: Str [0..],
        /// TODO.
        member_id: Str [0..],
        /// TODO.
        topology_epoch: i32 [0..],
        /// TODO.
        topology_description: TopologyDescription [0..],
    }

    /// TODO.
    TopologyDescription {
        /// TODO.
        subtopologies: Vec<TopologyDescriptionSubtopology> [0..],
        /// TODO.
        global_stores: Vec<TopologyDescriptionGlobalStore> [0..],
    }

    /// TODO.
    TopologyDescriptionSubtopology {
        /// TODO.
        subtopology_id: Str [0..],
        /// TODO.
        nodes: Vec<TopologyDescriptionNode> [0..],
    }

    /// TODO.
    TopologyDescriptionNode {
        /// TODO.
        name: Str [0..],
        /// TODO.
        node_type: i8 [0..],
        /// TODO.
        source_topics: Vec<Str> [0..],
        /// TODO.
        sink_topic: Option<Str> [0.., null 0..],
        /// TODO.
        stores: Vec<Str> [0..],
        /// TODO.
        successors: Vec<Str> [0..],
    }

    /// TODO.
    TopologyDescriptionGlobalStore {
        /// TODO.
        source: TopologyDescriptionNode [0..],
        /// TODO.
        processor: TopologyDescriptionNode [0..],
    }

    /// TODO.
    StreamsGroupTopologyDescriptionUpdateResponse = key 93, versions 0..=0, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
    }
}
