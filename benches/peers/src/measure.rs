//! Processor time of the whole process, and the line in which a child reports it.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// Started at the end of warm-up, stopped when the last record is settled.
#[derive(Debug)]
pub struct Stopwatch {
    cpu: Duration,
    wall: Instant,
}

impl Stopwatch {
    /// Reads both clocks.
    #[must_use]
    pub fn start() -> Self {
        Self {
            cpu: process_cpu(),
            wall: Instant::now(),
        }
    }

    /// What `records` records cost since the start.
    #[must_use]
    pub fn stop(&self, records: u64) -> Measured {
        Measured {
            records,
            cpu: process_cpu().saturating_sub(self.cpu),
            wall: self.wall.elapsed(),
        }
    }
}

/// User and system time of all threads of this process so far, those that have ended included.
fn process_cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(
        time.tv_sec.unsigned_abs(),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}

/// What one run took between the end of its warm-up and its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// Records moved in that time.
    pub records: u64,
    /// User plus system time of the whole client process.
    pub cpu: Duration,
    /// Time on the wall: not judged, but it says whether the client waited.
    pub wall: Duration,
}

impl Measured {
    /// Processor nanoseconds a record.
    #[must_use]
    pub fn cpu_per_record(&self) -> f64 {
        self.cpu.as_nanos() as f64 / self.records.max(1) as f64
    }

    /// Nanoseconds on the wall a record.
    #[must_use]
    pub fn wall_per_record(&self) -> f64 {
        self.wall.as_nanos() as f64 / self.records.max(1) as f64
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "records={} cpu_ns={} wall_ns={}",
            self.records,
            self.cpu.as_nanos(),
            self.wall.as_nanos()
        )
    }
}

impl FromStr for Measured {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let field = |name: &str| {
            line.split_whitespace()
                .find_map(|word| {
                    word.strip_prefix(name)?
                        .strip_prefix('=')?
                        .parse::<u64>()
                        .ok()
                })
                .ok_or_else(|| format!("no {name} in {line:?}"))
        };
        Ok(Self {
            records: field("records")?,
            cpu: Duration::from_nanos(field("cpu_ns")?),
            wall: Duration::from_nanos(field("wall_ns")?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_reads_back_as_written() {
        let measured = Measured {
            records: 7,
            cpu: Duration::from_nanos(1_400),
            wall: Duration::from_secs(2),
        };
        assert_eq!(measured.to_string().parse(), Ok(measured));
        assert_eq!(measured.cpu_per_record(), 200.0);
        assert!("records=7 wall_ns=3".parse::<Measured>().is_err());
    }

    #[test]
    fn work_is_charged() {
        let watch = Stopwatch::start();
        let mut sum = 0_u64;
        while process_cpu() < watch.cpu + Duration::from_millis(2) {
            sum = std::hint::black_box(sum + 1);
        }
        assert!(watch.stop(sum).cpu >= Duration::from_millis(2));
    }
}
