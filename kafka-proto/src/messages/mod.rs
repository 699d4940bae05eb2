//! Every message, one file per API with its request and response; what travels in other things than frames is in [`data`].
//!
//! All versions of a message are one struct. Build it with `..Default::default()`: defaults are Kafka's, except that a
//! nullable field is null unless noted, and a new version's field is then a minor release. A field that the version
//! can't carry is an error when it holds something else than its default, unless it is marked `ignorable`. Every field's
//! documentation ends with its versions, and with those that allow null, as patterns.

pub mod add_offsets_to_txn;
pub mod add_partitions_to_txn;
pub mod add_raft_voter;
pub mod allocate_producer_ids;
pub mod alter_client_quotas;
pub mod alter_configs;
pub mod alter_partition;
pub mod alter_partition_reassignments;
pub mod alter_replica_log_dirs;
pub mod alter_share_group_offsets;
pub mod alter_user_scram_credentials;
pub mod api_versions;
pub mod assign_replicas_to_dirs;
pub mod begin_quorum_epoch;
pub mod broker_heartbeat;
pub mod broker_registration;
pub mod consumer_group_describe;
pub mod consumer_group_heartbeat;
pub mod controlled_shutdown;
pub mod controller_registration;
pub mod create_acls;
pub mod create_delegation_token;
pub mod create_partitions;
pub mod create_topics;
pub mod data;
pub mod delete_acls;
pub mod delete_groups;
pub mod delete_records;
pub mod delete_share_group_offsets;
pub mod delete_share_group_state;
pub mod delete_topics;
pub mod describe_acls;
pub mod describe_client_quotas;
pub mod describe_cluster;
pub mod describe_configs;
pub mod describe_delegation_token;
pub mod describe_groups;
pub mod describe_log_dirs;
pub mod describe_producers;
pub mod describe_quorum;
pub mod describe_share_group_offsets;
pub mod describe_topic_partitions;
pub mod describe_transactions;
pub mod describe_user_scram_credentials;
pub mod elect_leaders;
pub mod end_quorum_epoch;
pub mod end_txn;
pub mod envelope;
pub mod expire_delegation_token;
pub mod fetch;
pub mod fetch_snapshot;
pub mod find_coordinator;
pub mod get_telemetry_subscriptions;
pub mod heartbeat;
pub mod incremental_alter_configs;
pub mod init_producer_id;
pub mod initialize_share_group_state;
pub mod join_group;
pub mod leader_and_isr;
pub mod leave_group;
pub mod list_config_resources;
pub mod list_groups;
pub mod list_offsets;
pub mod list_partition_reassignments;
pub mod list_transactions;
pub mod metadata;
pub mod offset_commit;
pub mod offset_delete;
pub mod offset_fetch;
pub mod offset_for_leader_epoch;
pub mod produce;
pub mod push_telemetry;
pub mod read_share_group_state;
pub mod read_share_group_state_summary;
pub mod remove_raft_voter;
pub mod renew_delegation_token;
pub mod sasl_authenticate;
pub mod sasl_handshake;
pub mod share_acknowledge;
pub mod share_fetch;
pub mod share_group_describe;
pub mod share_group_heartbeat;
pub mod stop_replica;
pub mod streams_group_describe;
pub mod streams_group_heartbeat;
pub mod streams_group_topology_description_update;
pub mod sync_group;
pub mod txn_offset_commit;
pub mod unregister_broker;
pub mod unregister_controller;
pub mod update_features;
pub mod update_metadata;
pub mod update_raft_voter;
pub mod vote;
pub mod write_share_group_state;
pub mod write_txn_markers;

use crate::{
    api::ApiKey,
    schema::{Message, MessageKind, MessageSchema, MessageVisitor, Request},
};

pub use self::{
    add_offsets_to_txn::{AddOffsetsToTxnRequest, AddOffsetsToTxnResponse},
    add_partitions_to_txn::{AddPartitionsToTxnRequest, AddPartitionsToTxnResponse},
    add_raft_voter::{AddRaftVoterRequest, AddRaftVoterResponse},
    allocate_producer_ids::{AllocateProducerIdsRequest, AllocateProducerIdsResponse},
    alter_client_quotas::{AlterClientQuotasRequest, AlterClientQuotasResponse},
    alter_configs::{AlterConfigsRequest, AlterConfigsResponse},
    alter_partition::{AlterPartitionRequest, AlterPartitionResponse},
    alter_partition_reassignments::{
        AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse,
    },
    alter_replica_log_dirs::{AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse},
    alter_share_group_offsets::{AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse},
    alter_user_scram_credentials::{
        AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse,
    },
    api_versions::{ApiVersionsRequest, ApiVersionsResponse},
    assign_replicas_to_dirs::{AssignReplicasToDirsRequest, AssignReplicasToDirsResponse},
    begin_quorum_epoch::{BeginQuorumEpochRequest, BeginQuorumEpochResponse},
    broker_heartbeat::{BrokerHeartbeatRequest, BrokerHeartbeatResponse},
    broker_registration::{BrokerRegistrationRequest, BrokerRegistrationResponse},
    consumer_group_describe::{ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse},
    consumer_group_heartbeat::{ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse},
    controlled_shutdown::{ControlledShutdownRequest, ControlledShutdownResponse},
    controller_registration::{ControllerRegistrationRequest, ControllerRegistrationResponse},
    create_acls::{CreateAclsRequest, CreateAclsResponse},
    create_delegation_token::{CreateDelegationTokenRequest, CreateDelegationTokenResponse},
    create_partitions::{CreatePartitionsRequest, CreatePartitionsResponse},
    create_topics::{CreateTopicsRequest, CreateTopicsResponse},
    data::{
        AbortedTxn, ConsumerProtocolAssignment, ConsumerProtocolSubscription,
        ControlRecordTypeSchema, DefaultPrincipalData, EndTxnMarker, KRaftVersionRecord,
        LeaderChangeMessage, RequestHeader, ResponseHeader, SnapshotFooterRecord,
        SnapshotHeaderRecord, VotersRecord,
    },
    delete_acls::{DeleteAclsRequest, DeleteAclsResponse},
    delete_groups::{DeleteGroupsRequest, DeleteGroupsResponse},
    delete_records::{DeleteRecordsRequest, DeleteRecordsResponse},
    delete_share_group_offsets::{DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse},
    delete_share_group_state::{DeleteShareGroupStateRequest, DeleteShareGroupStateResponse},
    delete_topics::{DeleteTopicsRequest, DeleteTopicsResponse},
    describe_acls::{DescribeAclsRequest, DescribeAclsResponse},
    describe_client_quotas::{DescribeClientQuotasRequest, DescribeClientQuotasResponse},
    describe_cluster::{DescribeClusterRequest, DescribeClusterResponse},
    describe_configs::{DescribeConfigsRequest, DescribeConfigsResponse},
    describe_delegation_token::{DescribeDelegationTokenRequest, DescribeDelegationTokenResponse},
    describe_groups::{DescribeGroupsRequest, DescribeGroupsResponse},
    describe_log_dirs::{DescribeLogDirsRequest, DescribeLogDirsResponse},
    describe_producers::{DescribeProducersRequest, DescribeProducersResponse},
    describe_quorum::{DescribeQuorumRequest, DescribeQuorumResponse},
    describe_share_group_offsets::{
        DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse,
    },
    describe_topic_partitions::{DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse},
    describe_transactions::{DescribeTransactionsRequest, DescribeTransactionsResponse},
    describe_user_scram_credentials::{
        DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse,
    },
    elect_leaders::{ElectLeadersRequest, ElectLeadersResponse},
    end_quorum_epoch::{EndQuorumEpochRequest, EndQuorumEpochResponse},
    end_txn::{EndTxnRequest, EndTxnResponse},
    envelope::{EnvelopeRequest, EnvelopeResponse},
    expire_delegation_token::{ExpireDelegationTokenRequest, ExpireDelegationTokenResponse},
    fetch::{FetchRequest, FetchResponse},
    fetch_snapshot::{FetchSnapshotRequest, FetchSnapshotResponse},
    find_coordinator::{FindCoordinatorRequest, FindCoordinatorResponse},
    get_telemetry_subscriptions::{
        GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse,
    },
    heartbeat::{HeartbeatRequest, HeartbeatResponse},
    incremental_alter_configs::{IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse},
    init_producer_id::{InitProducerIdRequest, InitProducerIdResponse},
    initialize_share_group_state::{
        InitializeShareGroupStateRequest, InitializeShareGroupStateResponse,
    },
    join_group::{JoinGroupRequest, JoinGroupResponse},
    leader_and_isr::{LeaderAndIsrRequest, LeaderAndIsrResponse},
    leave_group::{LeaveGroupRequest, LeaveGroupResponse},
    list_config_resources::{ListConfigResourcesRequest, ListConfigResourcesResponse},
    list_groups::{ListGroupsRequest, ListGroupsResponse},
    list_offsets::{ListOffsetsRequest, ListOffsetsResponse},
    list_partition_reassignments::{
        ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse,
    },
    list_transactions::{ListTransactionsRequest, ListTransactionsResponse},
    metadata::{MetadataRequest, MetadataResponse},
    offset_commit::{OffsetCommitRequest, OffsetCommitResponse},
    offset_delete::{OffsetDeleteRequest, OffsetDeleteResponse},
    offset_fetch::{OffsetFetchRequest, OffsetFetchResponse},
    offset_for_leader_epoch::{OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse},
    produce::{ProduceRequest, ProduceResponse},
    push_telemetry::{PushTelemetryRequest, PushTelemetryResponse},
    read_share_group_state::{ReadShareGroupStateRequest, ReadShareGroupStateResponse},
    read_share_group_state_summary::{
        ReadShareGroupStateSummaryRequest, ReadShareGroupStateSummaryResponse,
    },
    remove_raft_voter::{RemoveRaftVoterRequest, RemoveRaftVoterResponse},
    renew_delegation_token::{RenewDelegationTokenRequest, RenewDelegationTokenResponse},
    sasl_authenticate::{SaslAuthenticateRequest, SaslAuthenticateResponse},
    sasl_handshake::{SaslHandshakeRequest, SaslHandshakeResponse},
    share_acknowledge::{ShareAcknowledgeRequest, ShareAcknowledgeResponse},
    share_fetch::{ShareFetchRequest, ShareFetchResponse},
    share_group_describe::{ShareGroupDescribeRequest, ShareGroupDescribeResponse},
    share_group_heartbeat::{ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse},
    stop_replica::{StopReplicaRequest, StopReplicaResponse},
    streams_group_describe::{StreamsGroupDescribeRequest, StreamsGroupDescribeResponse},
    streams_group_heartbeat::{StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatResponse},
    streams_group_topology_description_update::{
        StreamsGroupTopologyDescriptionUpdateRequest, StreamsGroupTopologyDescriptionUpdateResponse,
    },
    sync_group::{SyncGroupRequest, SyncGroupResponse},
    txn_offset_commit::{TxnOffsetCommitRequest, TxnOffsetCommitResponse},
    unregister_broker::{UnregisterBrokerRequest, UnregisterBrokerResponse},
    unregister_controller::{UnregisterControllerRequest, UnregisterControllerResponse},
    update_features::{UpdateFeaturesRequest, UpdateFeaturesResponse},
    update_metadata::{UpdateMetadataRequest, UpdateMetadataResponse},
    update_raft_voter::{UpdateRaftVoterRequest, UpdateRaftVoterResponse},
    vote::{VoteRequest, VoteResponse},
    write_share_group_state::{WriteShareGroupStateRequest, WriteShareGroupStateResponse},
    write_txn_markers::{WriteTxnMarkersRequest, WriteTxnMarkersResponse},
};

/// Every message's schema: requests, each with its response, by API key, then headers, then data messages.
pub static SCHEMAS: &[&MessageSchema] = ALL;

/// The schema of the message that Kafka calls `name`, such as `FetchRequest`.
#[must_use]
pub fn schema(name: &str) -> Option<&'static MessageSchema> {
    SCHEMAS.iter().copied().find(|schema| schema.name == name)
}

/// The schema of an API's request or response; none for other kinds.
#[must_use]
pub fn api_schema(api: ApiKey, kind: MessageKind) -> Option<&'static MessageSchema> {
    SCHEMAS.iter().copied().find(|schema| schema.key == Some(api) && schema.kind == kind)
}

/// Makes the visitor and the table out of one list.
macro_rules! every_message {
    (requests { $($request:ident,)* } others { $($message:ident,)* }) => {
        /// Shows every message to `visitor`, in the order of [`SCHEMAS`].
        pub fn visit_all(visitor: &mut impl MessageVisitor) {
            $(visitor.request::<$request>();)*
            $(visitor.message::<$message>();)*
        }

        const ALL: &[&MessageSchema] = &[
            $(<$request as Message>::SCHEMA, <<$request as Request>::Response as Message>::SCHEMA,)*
            $(<$message as Message>::SCHEMA,)*
        ];
    };
}

every_message! {
    requests {
        ProduceRequest,
        FetchRequest,
        ListOffsetsRequest,
        MetadataRequest,
        LeaderAndIsrRequest,
        StopReplicaRequest,
        UpdateMetadataRequest,
        ControlledShutdownRequest,
        OffsetCommitRequest,
        OffsetFetchRequest,
        FindCoordinatorRequest,
        JoinGroupRequest,
        HeartbeatRequest,
        LeaveGroupRequest,
        SyncGroupRequest,
        DescribeGroupsRequest,
        ListGroupsRequest,
        SaslHandshakeRequest,
        ApiVersionsRequest,
        CreateTopicsRequest,
        DeleteTopicsRequest,
        DeleteRecordsRequest,
        InitProducerIdRequest,
        OffsetForLeaderEpochRequest,
        AddPartitionsToTxnRequest,
        AddOffsetsToTxnRequest,
        EndTxnRequest,
        WriteTxnMarkersRequest,
        TxnOffsetCommitRequest,
        DescribeAclsRequest,
        CreateAclsRequest,
        DeleteAclsRequest,
        DescribeConfigsRequest,
        AlterConfigsRequest,
        AlterReplicaLogDirsRequest,
        DescribeLogDirsRequest,
        SaslAuthenticateRequest,
        CreatePartitionsRequest,
        CreateDelegationTokenRequest,
        RenewDelegationTokenRequest,
        ExpireDelegationTokenRequest,
        DescribeDelegationTokenRequest,
        DeleteGroupsRequest,
        ElectLeadersRequest,
        IncrementalAlterConfigsRequest,
        AlterPartitionReassignmentsRequest,
        ListPartitionReassignmentsRequest,
        OffsetDeleteRequest,
        DescribeClientQuotasRequest,
        AlterClientQuotasRequest,
        DescribeUserScramCredentialsRequest,
        AlterUserScramCredentialsRequest,
        VoteRequest,
        BeginQuorumEpochRequest,
        EndQuorumEpochRequest,
        DescribeQuorumRequest,
        AlterPartitionRequest,
        UpdateFeaturesRequest,
        EnvelopeRequest,
        FetchSnapshotRequest,
        DescribeClusterRequest,
        DescribeProducersRequest,
        BrokerRegistrationRequest,
        BrokerHeartbeatRequest,
        UnregisterBrokerRequest,
        DescribeTransactionsRequest,
        ListTransactionsRequest,
        AllocateProducerIdsRequest,
        ConsumerGroupHeartbeatRequest,
        ConsumerGroupDescribeRequest,
        ControllerRegistrationRequest,
        GetTelemetrySubscriptionsRequest,
        PushTelemetryRequest,
        AssignReplicasToDirsRequest,
        ListConfigResourcesRequest,
        DescribeTopicPartitionsRequest,
        ShareGroupHeartbeatRequest,
        ShareGroupDescribeRequest,
        ShareFetchRequest,
        ShareAcknowledgeRequest,
        AddRaftVoterRequest,
        RemoveRaftVoterRequest,
        UpdateRaftVoterRequest,
        InitializeShareGroupStateRequest,
        ReadShareGroupStateRequest,
        WriteShareGroupStateRequest,
        DeleteShareGroupStateRequest,
        ReadShareGroupStateSummaryRequest,
        StreamsGroupHeartbeatRequest,
        StreamsGroupDescribeRequest,
        DescribeShareGroupOffsetsRequest,
        AlterShareGroupOffsetsRequest,
        DeleteShareGroupOffsetsRequest,
        StreamsGroupTopologyDescriptionUpdateRequest,
        UnregisterControllerRequest,
    }
    others {
        RequestHeader,
        ResponseHeader,
        ConsumerProtocolSubscription,
        ConsumerProtocolAssignment,
        ControlRecordTypeSchema,
        EndTxnMarker,
        LeaderChangeMessage,
        SnapshotHeaderRecord,
        SnapshotFooterRecord,
        KRaftVersionRecord,
        VotersRecord,
        AbortedTxn,
        DefaultPrincipalData,
    }
}
