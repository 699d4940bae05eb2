//! Quotas, as far as clients can tell: which requests are held back, and for how long.

use core::time::Duration;

use kafka_proto::ApiKey;

use super::{Cluster, Work};
use crate::ConnId;
use crate::api::Prelude;
use crate::fault::{Fault, Met};

impl Cluster {
    /// Holds clients back after requests of an API, as brokers do with those over their quota: the
    /// answer says for how long, and so long nothing that comes on the connection is looked at
    /// (KIP-219). After that the client is within its quota, so the connection's next request is
    /// not held back. Zero ends it. [`Fault::Throttle`] does it for single requests.
    pub fn throttle(&mut self, api: ApiKey, silence: Duration) {
        if silence.is_zero() {
            self.throttles.remove(&api.to_i16());
        } else {
            self.throttles.insert(api.to_i16(), (silence, Met::default()));
        }
    }

    /// Whether anybody is held back after a request of an API since that was [asked for](Self::throttle).
    pub(crate) fn throttled(&self, api: ApiKey) -> Met {
        self.throttles.get(&api.to_i16()).map(|(_, met)| met.clone()).unwrap_or_default()
    }

    /// How long the client is to be silent after a request.
    pub(super) fn silence_after(
        &self,
        id: ConnId,
        prelude: Prelude,
        fault: Option<&Fault>,
    ) -> Duration {
        let within_quota = self.conns.get(&id).is_none_or(|conn| conn.held_back);
        let of_api = self.throttles.get(&prelude.key).filter(|_| !within_quota);
        let of_api = of_api.map_or(Duration::ZERO, |(silence, met)| {
            met.set();
            *silence
        });
        match fault {
            Some(Fault::Throttle(silence)) => of_api.max(*silence),
            _ => of_api,
        }
    }

    /// A request is over: looks at nothing more from its connection for so long, unless it is busy anyway.
    pub(super) fn hold_back(&mut self, id: ConnId, silence: Duration) {
        let until = self.state.now + silence;
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        conn.held_back = !silence.is_zero();
        if conn.held_back && matches!(conn.work, Work::Idle) {
            self.work(id, Work::Muted { until });
        }
    }
}
