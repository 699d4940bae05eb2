//! StreamsGroupHeartbeat (key 88), versions 0 to 1, flexible from 0: TODO.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    StreamsGroupHeartbeatRequest -> StreamsGroupHeartbeatResponse = key 88, versions 0..=1, flexible 0.., memory 12 {
        /// TODO.
        group_id: Str [0..],
        /// TODO.
        member_id: Str [0..],
        /// TODO.
        member_epoch: i32 [0..],
        /// TODO.
        endpoint_information_epoch: i32 [0..],
        /// TODO.
        instance_id: Option<Str> [0.., null 0..],
        /// TODO.
        rack_id: Option<Str> [0.., null 0..],
        /// TODO.
        rebalance_timeout_ms: i32 [0..] = -1,
        /// TODO.
        topology: Option<Topology> [0.., null 0..],
        /// TODO.
        active_tasks: Option<Vec<TaskIds>> [0.., null 0..],
        /// TODO.
        standby_tasks: Option<Vec<TaskIds>> [0.., null 0..],
        /// TODO.
        warmup_tasks: Option<Vec<TaskIds>> [0.., null 0..],
        /// TODO.
        process_id: Option<Str> [0.., null 0..],
        /// TODO.
        user_endpoint: Option<Endpoint> [0.., null 0..],
        /// TODO.
        client_tags: Option<Vec<KeyValue>> [0.., null 0..],
        /// TODO.
        task_offsets: Option<Vec<TaskOffset>> [0.., null 0..],
        /// TODO.
        task_end_offsets: Option<Vec<TaskOffset>> [0.., null 0..],
        /// TODO.
        shutdown_application: bool [0..] = false,
    }

    /// TODO.
    Topology {
        /// TODO.
        epoch: i32 [0..],
        /// TODO.
        subtopologies: Vec<Subtopology> [0..],
    }

    /// TODO.
    Subtopology {
        /// TODO.
        subtopology_id: Str [0..],
        /// TODO.
        source_topics: Vec<Str> [0..],
        /// TODO.
        source_topic_regex: Vec<Str> [0..],
        /// TODO.
        state_changelog_topics: Vec<TopicInfo> [0..],
        /// TODO.
        repartition_sink_topics: Vec<Str> [0..],
        /// TODO.
        repartition_source_topics: Vec<TopicInfo> [0..],
        /// TODO.
        copartition_groups: Vec<CopartitionGroup> [0..],
    }

    /// TODO.
    CopartitionGroup {
        /// TODO.
        source_topics: Vec<i16> [0..],
        /// TODO.
        source_topic_regex: Vec<i16> [0..],
        /// TODO.
        repartition_source_topics: Vec<i16> [0..],
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
    TaskIds {
        /// TODO.
        subtopology_id: Str [0..],
        /// TODO.
        partitions: Vec<i32> [0..],
    }

    /// TODO.
    StreamsGroupHeartbeatResponse = key 88, versions 0..=1, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// TODO.
        member_id: Str [0..],
        /// TODO.
        member_epoch: i32 [0..],
        /// TODO.
        heartbeat_interval_ms: i32 [0..],
        /// TODO.
        acceptable_recovery_lag_legacy: i32 [0],
        /// TODO.
        task_offset_interval_ms: i32 [0..],
        /// TODO.
        acceptable_recovery_lag: i64 [1.., ignorable] = -1,
        /// TODO.
        status: Option<Vec<Status>> [0.., null 0..],
        /// TODO.
        active_tasks: Option<Vec<TaskIds>> [0.., null 0..],
        /// TODO.
        standby_tasks: Option<Vec<TaskIds>> [0.., null 0..],
        /// TODO.
        warmup_tasks: Option<Vec<TaskIds>> [0.., null 0..],
        /// TODO.
        topology_description_required: bool [1..] = false,
        /// TODO.
        endpoint_information_epoch: i32 [0..],
        /// TODO.
        partitions_by_user_endpoint: Option<Vec<EndpointToPartitions>> [0.., null 0..],
    }

    /// TODO.
    EndpointToPartitions {
        /// TODO.
        user_endpoint: Endpoint [0..],
        /// TODO.
        active_partitions: Vec<TopicPartition> [0..],
        /// TODO.
        standby_partitions: Vec<TopicPartition> [0..],
    }

    /// TODO.
    Status {
        /// TODO.
        status_code: i8 [0..],
        /// TODO.
        status_detail: Str [0..],
    }

    /// TODO.
    TopicPartition {
        /// TODO.
        topic: Str [0..],
        /// TODO.
        partitions: Vec<i32> [0..],
    }
}
