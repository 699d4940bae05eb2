//! InitProducerId (key 22), versions 0 to 5.
//!
//! - Without a transactional id every call gets a producer id that nobody else ever got, and epoch
//!   0, whatever it asks.
//! - A producer id without an epoch, or the other way round, is INVALID_REQUEST.
//!
//! Deviation: there are no transactions; a transactional id is INVALID_REQUEST.

use kafka_proto::messages::init_producer_id::{InitProducerIdRequest, InitProducerIdResponse};
use kafka_proto::{ApiKey, ErrorCode};

use super::{Call, Reply};

pub(super) fn handle(
    call: &mut Call<'_>,
    request: InitProducerIdRequest,
) -> Reply<InitProducerIdResponse> {
    let half = (request.producer_id == -1) != (request.producer_epoch == -1);
    let refused = match call.script.refusal_of_topic(ApiKey::InitProducerId, "") {
        Some(code) => Some(code),
        None => (request.transactional_id.is_some() || half).then_some(ErrorCode::INVALID_REQUEST),
    };
    Reply::Answer(match refused {
        Some(code) => {
            InitProducerIdResponse { error_code: code.0, producer_epoch: -1, ..Default::default() }
        }
        None => InitProducerIdResponse {
            producer_id: call.state.allocate_producer_id(),
            producer_epoch: 0,
            ..Default::default()
        },
    })
}
