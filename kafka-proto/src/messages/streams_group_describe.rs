//! StreamsGroupDescribe (key 89), versions 0 to 1, flexible from 0: TODO.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    StreamsGroupDescribeRequest -> StreamsGroupDescribeResponse = key 89, versions 0..=1, flexible 0.. {
        /// TODO.
        group_ids: Vec<Str> [0..],
        /// TODO.
        include_authorized_operations: bool [0..],
        /// TODO.
        include_topology_description: bool [1..] = false,
    }

    /// TODO.
    StreamsGroupDescribeResponse = key 89, versions 0..=1, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// TODO.
        groups: Vec<DescribedGroup> [0..],
    }

    /// TODO.
    DescribedGroup {
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// TODO.
        group_id: Str [0..],
        /// TODO.
        group_state: Str [0..],
        /// TODO.
        group_epoch: i32 [0..],
        /// TODO.
        assignment_epoch: i32 [0..],
        /// TODO.
        topology: Option<Topology> [0.., null 0..],
        /// TODO.
        members: Vec<Member> [0..],
        /// TODO.
        authorized_operations: i32 [0..] = -2147483648,
        /// TODO.
        topology_description: Option<TopologyDescription> [1.., null 1..],
        /// TODO.
        topology_description_status: i8 [1..],
        /// TODO.
        assignor_name: Option<Str> [1.., null 1.., ignorable],
    }

    /// TODO.
    Topology {
        /// TODO.
        epoch: i32 [0..],
        /// TODO.
        subtopologies: Option<Vec<Subtopology>> [0.., null 0..],
    }

    /// TODO.
    Subtopology {
        /// TODO.
        subtopology_id: Str [0..],
        /// TODO.
        source_topics: Vec<Str> [0..],
        /// TODO.
        repartition_sink_topics: Vec<Str> [0..],
        /// TODO.
        state_changelog_topics: Vec<TopicInfo> [0..],
        /// TODO.
        repartition_source_topics: Vec<TopicInfo> [0..],
    }

    /// TODO.
    Member {
        /// TODO.
        member_id: Str [0..],
        /// TODO.
        member_epoch: i32 [0..],
        /// TODO.
        instance_id: Option<Str> [0.., null 0..],
        /// TODO.
        rack_id: Option<Str> [0.., null 0..],
        /// TODO.
        client_id: Str [0..],
        /// TODO.
        client_host: Str [0..],
        /// TODO.
        topology_epoch: i32 [0..],
        /// TODO.
        process_id: Str [0..],
        /// TODO.
        user_endpoint: Option<Endpoint> [0.., null 0..],
        /// TODO.
        client_tags: Vec<KeyValue> [0..],
        /// TODO.
        task_offsets: Vec<TaskOffset> [0..],
        /// TODO.
        task_end_offsets: Vec<TaskOffset> [0..],
        /// TODO.
        assignment: Assignment [0..],
        /// TODO.
        target_assignment: Assignment [0..],
        /// TODO.
        is_classic: bool [0..],
    }

    /// TODO.
    Endpoint {
        /// TODO.
        host: Str [0..],
        /// TODO.
        port: u16 [0..],
    }

    /// TODO.
    TaskOffset {
        /// TODO.
        subtopology_id: Str [0..],
        /// TODO.
        partition: i32 [0..],
        /// TODO.
        offset: i64 [0..],
    }

    /// TODO.
    Assignment {
        /// TODO.
        active_tasks: Vec<TaskIds> [0..],
        /// TODO.
        standby_tasks: Vec<TaskIds> [0..],
        /// TODO.
        warmup_tasks: Vec<TaskIds> [0..],
    }

    /// TODO.
    TaskIds {
        /// TODO.
        subtopology_id: Str [0..],
        /// TODO.
        partitions: Vec<i32> [0..],
    }

    /// TODO.
    KeyValue {
        /// TODO.
        key: Str [0..],
        /// TODO.
        value: Str [0..],
    }

    /// TODO.
    TopicInfo {
        /// TODO.
        name: Str [0..],
        /// TODO.
        partitions: i32 [0..],
        /// TODO.
        replication_factor: i16 [0..],
        /// TODO.
        topic_configs: Vec<KeyValue> [0..],
    }

    /// TODO.
    TopologyDescription {
        /// TODO.
        subtopologies: Vec<TopologyDescriptionSubtopology> [1..],
        /// TODO.
        global_stores: Vec<TopologyDescriptionGlobalStore> [1..],
    }

    /// TODO.
    TopologyDescriptionSubtopology {
        /// TODO.
        subtopology_id: Str [1..],
        /// TODO.
        nodes: Vec<TopologyDescriptionNode> [1..],
    }

    /// TODO.
    TopologyDescriptionNode {
        /// TODO.
        name: Str [1..],
        /// TODO.
        node_type: i8 [1..],
        /// TODO.
        source_topics: Vec<Str> [1..],
        /// TODO.
        sink_topic: Option<Str> [1.., null 1..],
        /// TODO.
        stores: Vec<Str> [1..],
        /// TODO.
        successors: Vec<Str> [1..],
    }

    /// TODO.
    TopologyDescriptionGlobalStore {
        /// TODO.
        source: TopologyDescriptionNode [1..],
        /// TODO.
        processor: TopologyDescriptionNode [1..],
    }
}
