//! Producing through the public handle.

use kafka_peers::measure::Measured;
use kafka_peers::settings::Settings;

use crate::Adapter;

/// Sends `settings.warmup` records to [`TOPIC`](kafka_peers::broker::TOPIC), waits until the last is acknowledged,
/// starts the [`Stopwatch`](kafka_peers::measure::Stopwatch), and does the same with `settings.records` before
/// stopping it. Every record is [`value(0, settings.value_bytes)`](kafka_peers::value::value) under a null key, copied
/// by the call that sends it.
///
/// `awaited`: every Delivery is awaited, and one that is no success fails the run. Otherwise each is dropped at once
/// and the flush at the end is all the news there is; the comparison then looks into the broker's counts.
///
/// Idempotent, acks=all, no compression; batch size, linger and memory as in `settings`.
pub(crate) fn produce(
    adapter: Adapter,
    _awaited: bool,
    _settings: &Settings,
    _address: &str,
) -> Result<Measured, String> {
    Err(format!("producing on {adapter:?} is not there yet"))
}
