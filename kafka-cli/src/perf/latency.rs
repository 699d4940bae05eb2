//! Latencies in a histogram of a fixed size.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hdrhistogram::Histogram;

/// Nothing that is measured here takes longer: deliveries fail before.
const MAX: Duration = Duration::from_secs(3600);

/// Significant digits: percentiles are exact to a thousandth.
const DIGITS: u8 = 3;

/// Latencies, in microseconds. Clones are the same.
#[derive(Clone, Debug)]
pub(crate) struct Latencies {
    micros: Arc<Mutex<Histogram<u64>>>,
}

impl Latencies {
    pub(crate) fn new() -> Option<Self> {
        let max = u64::try_from(MAX.as_micros()).ok()?;
        let histogram = Histogram::new_with_bounds(1, max, DIGITS).ok()?;
        Some(Self { micros: Arc::new(Mutex::new(histogram)) })
    }

    pub(crate) fn record(&self, latency: Duration) {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        self.micros.lock().unwrap_or_else(PoisonError::into_inner).saturating_record(micros);
    }

    /// The latency in milliseconds that so many of a hundred don't exceed; `None`: nothing was recorded.
    pub(crate) fn percentile_ms(&self, percentile: f64) -> Option<f64> {
        let histogram = self.micros.lock().unwrap_or_else(PoisonError::into_inner);
        (!histogram.is_empty()).then(|| histogram.value_at_percentile(percentile) as f64 / 1000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_found() {
        let latencies = Latencies::new().expect("good bounds");
        assert_eq!(latencies.percentile_ms(50.0), None);
        (1..=1000).for_each(|ms| latencies.record(Duration::from_millis(ms)));
        latencies.record(Duration::MAX);
        let near = |percentile: f64, ms: f64| {
            let found = latencies.percentile_ms(percentile).unwrap_or(0.0);
            assert!((found / ms - 1.0).abs() < 0.002, "{percentile}: {found}");
        };
        near(50.0, 501.0);
        near(99.0, 991.0);
        near(100.0, 3_600_000.0);
    }
}
