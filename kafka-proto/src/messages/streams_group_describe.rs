//! StreamsGroupDescribe (key 89), versions 0 to 1, flexible from 0: state, topology and members of groups of Kafka
//! Streams applications (KIP-1071).
//!
//! - Sent to the coordinator of each group. Brokers offer it from 4.2 on; 4.1 had it for early access.
//! - Version 1 brings the description of the topology that a member sent (KIP-1331) and the assignor (KIP-1357).
//! - A node of that description with names of four letters takes 26 bytes and 248 decoded, hence the memory factor of
//!   the response.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// Asks for groups.
    StreamsGroupDescribeRequest -> StreamsGroupDescribeResponse = key 89, versions 0..=1, flexible 0..,
        kips [0: 1071, 1: 1331, 1: 1357] {
        /// The groups.
        group_ids: Vec<Str> [0..],
        /// Whether to tell which operations the client may do.
        include_authorized_operations: bool [0..],
        /// Whether to tell the description of the topology.
        include_topology_description: bool [1..] = false,
    }

    /// State, topology and members of groups.
    StreamsGroupDescribeResponse = key 89, versions 0..=1, flexible 0.., memory 12 {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// The groups.
        groups: Vec<DescribedGroup> [0..],
    }

    /// A group.
    DescribedGroup {
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// Its id.
        group_id: Str [0..],
        /// `Empty`, `NotReady`, `Assigning`, `Reconciling`, `Stable` or `Dead`; empty after an error.
        group_state: Str [0..],
        /// Rises with each change of members, topology or topics.
        group_epoch: i32 [0..],
        /// Epoch of the group for which the target assignment was made.
        assignment_epoch: i32 [0..],
        /// What its members run; null if no member told yet.
        topology: Option<Topology> [0.., null 0..],
        /// The members.
        members: Vec<Member> [0..],
        /// Bits of the operations that the client may do; the default if it didn't ask.
        authorized_operations: i32 [0..] = -2147483648,
        /// Description of the topology; null unless `topology_description_status` is 3.
        topology_description: Option<TopologyDescription> [1.., null 1..],
        /// 0 not asked for, 1 none stored, 2 it could not be read, 3 here it is.
        topology_description_status: i8 [1..],
        /// Assignor in use, if the broker tells.
        assignor_name: Option<Str> [1.., null 1.., ignorable],
    }

    /// A topology.
    Topology {
        /// Its number.
        epoch: i32 [0..],
        /// Its parts; null if they are not known yet.
        subtopologies: Option<Vec<Subtopology>> [0.., null 0..],
    }

    /// A part of a topology whose nodes are connected.
    Subtopology {
        /// Its id.
        subtopology_id: Str [0..],
        /// Topics that it reads.
        source_topics: Vec<Str> [0..],
        /// Repartition topics that it writes.
        repartition_sink_topics: Vec<Str> [0..],
        /// Changelogs of its state stores.
        state_changelog_topics: Vec<TopicInfo> [0..],
        /// Repartition topics that it reads.
        repartition_source_topics: Vec<TopicInfo> [0..],
    }

    /// A member.
    Member {
        /// Its id.
        member_id: Str [0..],
        /// Epoch of the assignment that it has.
        member_epoch: i32 [0..],
        /// Id of a static member; null for others.
        instance_id: Option<Str> [0.., null 0..],
        /// Its rack, if it tells one.
        rack_id: Option<Str> [0.., null 0..],
        /// Its client id.
        client_id: Str [0..],
        /// Address that it connects from.
        client_host: Str [0..],
        /// Number of the topology that it runs.
        topology_epoch: i32 [0..],
        /// Its process, which may have several members.
        process_id: Str [0..],
        /// Where the process answers interactive queries, if it does.
        user_endpoint: Option<Endpoint> [0.., null 0..],
        /// Where the client is, for the spread of standby tasks.
        client_tags: Vec<KeyValue> [0..],
        /// Offsets in the changelogs up to which it has its tasks' state, summed for each task.
        task_offsets: Vec<TaskOffset> [0..],
        /// End offsets of the changelogs, summed for each task.
        task_end_offsets: Vec<TaskOffset> [0..],
        /// Tasks that it has.
        assignment: Assignment [0..],
        /// Tasks that it shall have.
        target_assignment: Assignment [0..],
        /// Whether it still speaks the old rebalance protocol.
        is_classic: bool [0..],
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

    /// Tasks of a member.
    Assignment {
        /// Tasks to run.
        active_tasks: Vec<TaskIds> [0..],
        /// Tasks to keep a copy of the state of.
        standby_tasks: Vec<TaskIds> [0..],
        /// Tasks to restore the state of.
        warmup_tasks: Vec<TaskIds> [0..],
    }

    /// Tasks of a subtopology.
    TaskIds {
        /// The subtopology.
        subtopology_id: Str [0..],
        /// Partitions of its source topics, one for each task.
        partitions: Vec<i32> [0..],
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
        /// How many partitions it has; 0 if the broker chooses.
        partitions: i32 [0..],
        /// How many replicas; 0 for the broker's default.
        replication_factor: i16 [0..],
        /// Its configuration.
        topic_configs: Vec<KeyValue> [0..],
    }

    /// A topology for people to look at.
    TopologyDescription {
        /// Its parts.
        subtopologies: Vec<TopologyDescriptionSubtopology> [1..],
        /// Stores of which every process has all.
        global_stores: Vec<TopologyDescriptionGlobalStore> [1..],
    }

    /// A part of a topology.
    TopologyDescriptionSubtopology {
        /// Its id.
        subtopology_id: Str [1..],
        /// Its nodes.
        nodes: Vec<TopologyDescriptionNode> [1..],
    }

    /// A node.
    TopologyDescriptionNode {
        /// Its name.
        name: Str [1..],
        /// 1 source, 2 processor, 3 sink.
        node_type: i8 [1..],
        /// Topics that a source reads; empty where that is decided later.
        source_topics: Vec<Str> [1..],
        /// Topic that a sink writes; null where that is decided for each record, and for other nodes.
        sink_topic: Option<Str> [1.., null 1..],
        /// State stores of a processor.
        stores: Vec<Str> [1..],
        /// Names of the nodes that come next.
        successors: Vec<Str> [1..],
    }

    /// A store of which every process has all.
    TopologyDescriptionGlobalStore {
        /// Node that reads it.
        source: TopologyDescriptionNode [1..],
        /// Node that fills it.
        processor: TopologyDescriptionNode [1..],
    }
}
