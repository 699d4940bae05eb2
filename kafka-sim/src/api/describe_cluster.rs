//! DescribeCluster (key 60), versions 0 to 2 (KIP-700).
//!
//! - The brokers that are up, the controller's node, the cluster's id. Version 1 may ask for controllers, which a broker
//!   answers with MISMATCHED_ENDPOINT_TYPE, and with UNSUPPORTED_ENDPOINT_TYPE for anything else (KIP-919). Version 2 may
//!   include the brokers that are down, which are fenced (KIP-1073).
//!
//! Deviation: without an authorizer every operation is allowed.

use kafka_proto::messages::describe_cluster::{
    DescribeClusterBroker, DescribeClusterRequest, DescribeClusterResponse,
};
use kafka_proto::{ApiKey, ErrorCode};

use super::metadata::ALL_CLUSTER_OPERATIONS;
use super::tamper::Tamper;
use super::{Call, Reply};
use crate::fault::Fault;

/// Endpoint types.
const BROKERS: i8 = 1;
const CONTROLLERS: i8 = 2;

pub(super) fn handle(
    call: &mut Call<'_>,
    request: DescribeClusterRequest,
) -> Reply<DescribeClusterResponse> {
    let refused = match request.endpoint_type {
        BROKERS => call.script.refusal_of_topic(ApiKey::DescribeCluster, ""),
        CONTROLLERS => Some(ErrorCode::MISMATCHED_ENDPOINT_TYPE),
        _ => Some(ErrorCode::UNSUPPORTED_ENDPOINT_TYPE),
    };
    if let Some(code) = refused {
        return Reply::Answer(failed(code));
    }
    let state = &*call.state;
    let listed = state.nodes.iter().filter(|(_, node)| node.up || request.include_fenced_brokers);
    let brokers = listed.map(|(id, node)| DescribeClusterBroker {
        broker_id: *id,
        host: node.endpoint.host.as_str().into(),
        port: i32::from(node.endpoint.port),
        is_fenced: !node.up,
        ..Default::default()
    });
    let mut response = DescribeClusterResponse {
        cluster_id: state.cluster_id.as_str().into(),
        controller_id: state.controller().unwrap_or(-1),
        brokers: brokers.collect(),
        ..Default::default()
    };
    if request.include_cluster_authorized_operations {
        response.cluster_authorized_operations = ALL_CLUSTER_OPERATIONS;
    }
    Reply::Answer(response)
}

fn failed(code: ErrorCode) -> DescribeClusterResponse {
    DescribeClusterResponse {
        error_code: code.0,
        error_message: Some(code.to_string().into()),
        ..Default::default()
    }
}

impl Tamper for DescribeClusterResponse {
    fn tamper(&mut self, fault: &Fault) -> bool {
        let Fault::FailAfter { code, .. } = fault else {
            return false;
        };
        *self = failed(*code);
        true
    }
}
