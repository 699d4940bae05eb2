//! The line that a measurement prints.

use serde_json::json;

use crate::failure::Failure;
use crate::numbers::{per_second, rounded};
use crate::output::Output;
use crate::perf::cost::Cost;
use crate::perf::latency::Latencies;

/// What was measured. What the system does not tell is null.
#[derive(Debug)]
pub(crate) struct Report {
    /// Records moved.
    pub(crate) records: u64,
    /// Bytes of their values.
    pub(crate) bytes: u64,
    /// What that took.
    pub(crate) cost: Cost,
    /// Latencies of all records, or of a sample.
    pub(crate) latencies: Latencies,
}

impl Report {
    /// Prints one object; a MB is a million bytes.
    pub(crate) fn print(&self) -> Result<(), Failure> {
        let cost = &self.cost;
        let seconds = |time: std::time::Duration| rounded(time.as_secs_f64(), 6);
        let percentile =
            |percentile| self.latencies.percentile_ms(percentile).map(|ms| rounded(ms, 3));
        let cpu_ns =
            cost.cpu.map(|cpu| rounded(cpu.as_nanos() as f64 / self.records.max(1) as f64, 1));
        let fields = [
            ("records", json!(self.records)),
            ("records_per_s", json!(rounded(per_second(self.records, cost.wall), 1))),
            ("mb_per_s", json!(rounded(per_second(self.bytes, cost.wall) / 1e6, 3))),
            ("wall_s", json!(seconds(cost.wall))),
            ("user_s", json!(cost.user.map(seconds))),
            ("sys_s", json!(cost.system.map(seconds))),
            ("cpu_ns_per_record", json!(cpu_ns)),
            ("max_rss_kb", json!(cost.max_rss_kb)),
            ("p50_ms", json!(percentile(50.0))),
            ("p99_ms", json!(percentile(99.0))),
            ("p999_ms", json!(percentile(99.9))),
        ];
        // In this order, which a map would not keep: what matters most comes first.
        let fields: Vec<String> =
            fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        Output::new().line(format_args!("{{{}}}", fields.join(",")))
    }
}
