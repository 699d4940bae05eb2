//! ApiVersions (key 18), versions 0 to 5.
//!
//! - A version that the release doesn't know is answered in version 0 with UNSUPPORTED_VERSION and one entry,
//!   ApiVersions itself; before 2.4 with none (KIP-511).
//! - Version 3 and later must name the client's software legally, else INVALID_REQUEST (KIP-511).
//! - Version 5 may name the cluster and node that it expects: REBOOTSTRAP_REQUIRED and
//!   INVALID_REQUEST if it met another.
//!
//! Deviations: only the APIs served are listed, and of the features (from 4.0 on) only `metadata.version`.

use bytes::Bytes;
use kafka_proto::header::encode_response;
use kafka_proto::messages::api_versions::{
    ApiVersion, ApiVersionsRequest, ApiVersionsResponse, FinalizedFeatureKey, SupportedFeatureKey,
};
use kafka_proto::{ApiKey, ErrorCode};

use super::{Call, Outcome, Prelude, Reply, VersionRange};
use crate::CloseReason;
use crate::releases::Ways;
use crate::state::State;

/// Bytes of a request header before the client id.
const HEADER_FIXED: usize = 8;

pub(super) fn handle(
    call: &mut Call<'_>,
    request: ApiVersionsRequest,
) -> Reply<ApiVersionsResponse> {
    let verdict = match call.script.refusal_of_topic(ApiKey::ApiVersions, "") {
        Some(code) => Err(code),
        None => check(call, &request),
    };
    Reply::Answer(match verdict {
        Ok(()) => full(call.state),
        Err(code) => ApiVersionsResponse { error_code: code.0, ..Default::default() },
    })
}

/// Answers a version that is not served, in version 0, so that the client learns which are.
pub(super) fn refuse_version(
    ways: Ways,
    prelude: Prelude,
    range: VersionRange,
    frame: &Bytes,
) -> Result<Outcome, CloseReason> {
    let Prelude { key, version, correlation_id } = prelude;
    let names_itself = ways.names_its_api_versions();
    if names_itself && !has_flexible_header(frame) {
        return Err(CloseReason::UnsupportedVersion { key, version });
    }
    let response = ApiVersionsResponse {
        error_code: ErrorCode::UNSUPPORTED_VERSION.0,
        api_keys: names_itself.then(|| entry(key, range)).into_iter().collect(),
        ..Default::default()
    };
    let frame = encode_response::<ApiVersionsRequest>(&response, 0, correlation_id);
    frame.map(|encoded| Outcome::Answer(encoded.chunks)).map_err(CloseReason::Unencodable)
}

fn check(call: &Call<'_>, request: &ApiVersionsRequest) -> Result<(), ErrorCode> {
    if call.version < 3 {
        return Ok(());
    }
    if !is_software_name(&request.client_software_name)
        || !is_software_name(&request.client_software_version)
    {
        return Err(ErrorCode::INVALID_REQUEST);
    }
    if request.cluster_id.as_deref().is_some_and(|cluster| cluster != call.state.cluster_id) {
        return Err(ErrorCode::REBOOTSTRAP_REQUIRED);
    }
    if request.node_id != -1 && request.node_id != call.node {
        return Err(ErrorCode::INVALID_REQUEST);
    }
    Ok(())
}

fn full(state: &State) -> ApiVersionsResponse {
    let api_keys = state.versions.iter().map(|(key, range)| entry(*key, *range)).collect();
    let Some((oldest, newest)) = state.ways().metadata_version() else {
        return ApiVersionsResponse { api_keys, ..Default::default() };
    };
    let name = "metadata.version";
    ApiVersionsResponse {
        api_keys,
        supported_features: vec![SupportedFeatureKey {
            name: name.into(),
            min_version: oldest,
            max_version: newest,
            ..Default::default()
        }],
        finalized_features_epoch: 1,
        finalized_features: vec![FinalizedFeatureKey {
            name: name.into(),
            min_version_level: newest,
            max_version_level: newest,
            ..Default::default()
        }],
        ..Default::default()
    }
}

fn entry(key: i16, range: VersionRange) -> ApiVersion {
    ApiVersion {
        api_key: key,
        min_version: range.min,
        max_version: range.max,
        ..Default::default()
    }
}

/// Letters, digits, dots and dashes, with a letter or digit at both ends.
fn is_software_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    let ends_well = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let legal = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    ends_well(bytes.first()) && ends_well(bytes.last()) && bytes.iter().all(legal)
}

/// Whether there is a client id and something behind it, as in the header of every version that may
/// still come.
fn has_flexible_header(frame: &Bytes) -> bool {
    let Some(length) = frame
        .get(HEADER_FIXED..)
        .and_then(|rest| rest.first_chunk())
        .map(|length| i16::from_be_bytes(*length))
    else {
        return false;
    };
    let client_id = usize::try_from(length).unwrap_or(0);
    frame.len() > HEADER_FIXED + 2 + client_id
}
