//! StreamsGroupHeartbeat (key 88), versions 0 to 1, flexible from 0: join, keep up and leave a group of a Kafka Streams
//! application (KIP-1071).
//!
//! - The broker assigns tasks and makes the internal topics. Brokers offer it from 4.2 on; 4.1 had it for early access.
//! - Null, and -1 for the timeout, says "as in the last heartbeat". `topology` goes with joining only.
//! - Version 1 asks for a description of the topology (KIP-1331), has the acceptable lag as an i64, and may have the
//!   status 6. Its request is that of version 0.
//! - Brokers before 4.4 refuse `task_offsets` and `task_end_offsets` that are not null.
//! - The smallest honest topology, with names of four letters, takes 70 bytes and 592 decoded, hence the memory factor
//!   of the request.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// Tells that a member lives, and what it has.
    StreamsGroupHeartbeatRequest -> StreamsGroupHeartbeatResponse = key 88, versions 0..=1, flexible 0.., memory 12,
        kips [0: 1071, 1: 1331] {
        /// The group: the application's id.
        group_id: Str [0..],
        /// The member's id, made up by the client and the same for as long as its process lives.
        member_id: Str [0..],
        /// The epoch that the broker last told; 0 joins, -1 leaves, -2 is a static member that will be back.
        member_epoch: i32 [0..],
        /// Epoch of the newest `partitions_by_user_endpoint` that the member has.
        endpoint_information_epoch: i32 [0..],
        /// Id of a static member; null for others.
        instance_id: Option<Str> [0.., null 0..],
        /// The client's rack.
        rack_id: Option<Str> [0.., null 0..],
        /// Milliseconds that the member may take to give tasks up.
        rebalance_timeout_ms: i32 [0..] = -1,
        /// The application's topology; null but in joining.
        topology: Option<Topology> [0.., null 0..],
        /// Tasks that the member runs.
        active_tasks: Option<Vec<TaskIds>> [0.., null 0..],
        /// Tasks whose state it keeps a copy of.
        standby_tasks: Option<Vec<TaskIds>> [0.., null 0..],
        /// Tasks whose state it restores, to run them later.
        warmup_tasks: Option<Vec<TaskIds>> [0.., null 0..],
        /// The process, which may have several members.
        process_id: Option<Str> [0.., null 0..],
        /// Where the process answers interactive queries.
        user_endpoint: Option<Endpoint> [0.., null 0..],
        /// Where the client is, for the spread of standby tasks.
        client_tags: Option<Vec<KeyValue>> [0.., null 0..],
        /// Offsets in the changelogs up to which it has its tasks' state, summed for each task.
        task_offsets: Option<Vec<TaskOffset>> [0.., null 0..],
        /// End offsets of the changelogs, summed for each task.
        task_end_offsets: Option<Vec<TaskOffset>> [0.., null 0..],
        /// Whether all members shall shut down.
        shutdown_application: bool [0..] = false,
    }

    /// A topology.
    Topology {
        /// Its number; members of one group must agree on it.
        epoch: i32 [0..],
        /// Its parts.
        subtopologies: Vec<Subtopology> [0..],
    }

    /// A part of a topology whose nodes are connected.
    Subtopology {
        /// Its id.
        subtopology_id: Str [0..],
        /// Topics that it reads.
        source_topics: Vec<Str> [0..],
        /// Regular expressions for topics that it reads.
        source_topic_regex: Vec<Str> [0..],
        /// Changelogs of its state stores, made by the broker.
        state_changelog_topics: Vec<TopicInfo> [0..],
        /// Repartition topics that it writes.
        repartition_sink_topics: Vec<Str> [0..],
        /// Repartition topics that it reads, made by the broker.
        repartition_source_topics: Vec<TopicInfo> [0..],
        /// Topics that must have equally many partitions.
        copartition_groups: Vec<CopartitionGroup> [0..],
    }

    /// Topics that must have equally many partitions, as indexes into the subtopology's lists.
    CopartitionGroup {
        /// Indexes into `source_topics`.
        source_topics: Vec<i16> [0..],
        /// Indexes into `source_topic_regex`.
        source_topic_regex: Vec<i16> [0..],
        /// Indexes into `repartition_source_topics`.
        repartition_source_topics: Vec<i16> [0..],
    }

    /// A key and its value.
    KeyValue {
        /// The key.
        key: Str [0..],
        /// The value.
        value: Str [0..],
    }

    /// An internal topic.
    TopicInfo {
        /// Its name.
        name: Str [0..],
        /// How many partitions it shall have; 0 leaves it to the broker, as always for changelogs.
        partitions: i32 [0..],
        /// How many replicas; 0 for the broker's default.
        replication_factor: i16 [0..],
        /// Its configuration.
        topic_configs: Vec<KeyValue> [0..],
    }

    /// Where a process is.
    Endpoint {
        /// Host name or address.
        host: Str [0..],
        /// Port.
        port: u16 [0..],
    }

    /// An offset of a task.
    TaskOffset {
        /// Its subtopology.
        subtopology_id: Str [0..],
        /// Its partition.
        partition: i32 [0..],
        /// The offset.
        offset: i64 [0..],
    }

    /// Tasks of a subtopology.
    TaskIds {
        /// The subtopology.
        subtopology_id: Str [0..],
        /// Partitions of its source topics, one for each task.
        partitions: Vec<i32> [0..],
    }

    /// What the member shall have.
    StreamsGroupHeartbeatResponse = key 88, versions 0..=1, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// The member's id.
        member_id: Str [0..],
        /// The member's epoch, to be told in the next heartbeat.
        member_epoch: i32 [0..],
        /// Milliseconds until the next heartbeat.
        heartbeat_interval_ms: i32 [0..],
        /// Offsets that a task may be behind and still count as caught up.
        acceptable_recovery_lag_legacy: i32 [0],
        /// Milliseconds after which the member tells its tasks' offsets again.
        task_offset_interval_ms: i32 [0..],
        /// Offsets that a task may be behind and still count as caught up, or -1.
        acceptable_recovery_lag: i64 [1.., ignorable] = -1,
        /// What is wrong with the group; null for no change.
        status: Option<Vec<Status>> [0.., null 0..],
        /// Tasks that the member shall run; null for no change.
        active_tasks: Option<Vec<TaskIds>> [0.., null 0..],
        /// Tasks whose state it shall keep a copy of; null for no change.
        standby_tasks: Option<Vec<TaskIds>> [0.., null 0..],
        /// Tasks whose state it shall restore; null for no change.
        warmup_tasks: Option<Vec<TaskIds>> [0.., null 0..],
        /// Whether it shall send StreamsGroupTopologyDescriptionUpdate.
        topology_description_required: bool [1..] = false,
        /// Epoch of `partitions_by_user_endpoint`.
        endpoint_information_epoch: i32 [0..],
        /// Which process has which partitions, for interactive queries; null for no change.
        partitions_by_user_endpoint: Option<Vec<EndpointToPartitions>> [0.., null 0..],
    }

    /// Partitions of a process.
    EndpointToPartitions {
        /// Where the process answers.
        user_endpoint: Endpoint [0..],
        /// Partitions that its active tasks read.
        active_partitions: Vec<TopicPartition> [0..],
        /// Partitions that its standby tasks have the state of.
        standby_partitions: Vec<TopicPartition> [0..],
    }

    /// Something wrong with the group.
    Status {
        /// 0 topology out of date, 1 source topics missing, 2 partitions don't fit, 3 internal topics missing, 4 the
        /// application shuts down, 5 assignment delayed, 6 client tags missing (version 1).
        status_code: i8 [0..],
        /// The same in words.
        status_detail: Str [0.., lossy],
    }

    /// Partitions of a topic.
    TopicPartition {
        /// Its name.
        topic: Str [0..],
        /// Numbers of the partitions.
        partitions: Vec<i32> [0..],
    }
}
