//! Quotas, as far as clients can tell: which requests are held back, and for how long.

use core::time::Duration;

use kafka_proto::ApiKey;

use super::{Cluster, Work};
use crate::api::Prelude;
use crate::fault::Fault;
use crate::{ConnId, Time};

impl Cluster {
    /// Holds clients back after every request of an API, as brokers do with those over their quota:
    /// the answer says for how long, and so long nothing that comes on the connection is looked at
    /// (KIP-219). Zero ends it. [`Fault::Throttle`] does it for single requests.
    pub fn throttle(&mut self, api: ApiKey, silence: Duration) {
        if silence.is_zero() {
            self.throttles.remove(&api.to_i16());
        } else {
            self.throttles.insert(api.to_i16(), silence);
        }
    }

    /// How long the client is to be silent after a request.
    pub(super) fn silence_after(&self, prelude: Prelude, fault: Option<&Fault>) -> Duration {
        let of_api = self.throttles.get(&prelude.key).copied().unwrap_or_default();
        match fault {
            Some(Fault::Throttle(silence)) => of_api.max(*silence),
            _ => of_api,
        }
    }

    /// Looks at nothing more from a connection until then, unless it is busy anyway.
    pub(super) fn mute(&mut self, id: ConnId, until: Time) {
        let idle = self.conns.get(&id).is_some_and(|conn| matches!(conn.work, Work::Idle));
        if idle && until > self.state.now {
            self.work(id, Work::Muted { until });
        }
    }
}
