//! What the process has used: time on the wall, processor time, memory.

use std::time::{Duration, Instant};

/// Started before what is measured.
#[derive(Debug)]
pub(crate) struct Stopwatch {
    wall: Instant,
    used: Used,
}

/// What was used between start and stop, by all threads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// Time on the wall.
    pub(crate) wall: Duration,
    /// Processor time to the nanosecond.
    pub(crate) cpu: Option<Duration>,
    /// Processor time outside of the kernel, in steps of 10 ms.
    pub(crate) user: Option<Duration>,
    /// Processor time within it, in steps of 10 ms.
    pub(crate) system: Option<Duration>,
    /// The most memory that was resident since the process began, in KiB.
    pub(crate) max_rss_kb: Option<u64>,
}

#[derive(Clone, Copy, Debug)]
struct Used {
    cpu: Option<Duration>,
    user: Option<Duration>,
    system: Option<Duration>,
}

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self { used: Used::now(), wall: Instant::now() }
    }

    pub(crate) fn stop(&self) -> Cost {
        let wall = self.wall.elapsed();
        let used = Used::now();
        let since =
            |now: Option<Duration>, then: Option<Duration>| Some(now?.saturating_sub(then?));
        Cost {
            wall,
            cpu: since(used.cpu, self.used.cpu),
            user: since(used.user, self.used.user),
            system: since(used.system, self.used.system),
            max_rss_kb: max_rss_kb(),
        }
    }
}

impl Used {
    fn now() -> Self {
        let (user, system) = user_and_system().unzip();
        Self { cpu: process_cpu(), user, system }
    }
}

#[cfg(unix)]
fn process_cpu() -> Option<Duration> {
    use rustix::time::{ClockId, clock_gettime};
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Some(Duration::new(u64::try_from(time.tv_sec).ok()?, u32::try_from(time.tv_nsec).ok()?))
}

#[cfg(target_os = "linux")]
fn user_and_system() -> Option<(Duration, Duration)> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let (user, system) = ticks(&stat)?;
    let second = rustix::param::clock_ticks_per_second();
    let time =
        |ticks: u64| Some(Duration::from_millis(ticks.checked_mul(1000)?.checked_div(second)?));
    Some((time(user)?, time(system)?))
}

#[cfg(target_os = "linux")]
fn max_rss_kb() -> Option<u64> {
    high_water_mark(&std::fs::read_to_string("/proc/self/status").ok()?)
}

#[cfg(not(unix))]
fn process_cpu() -> Option<Duration> {
    None
}

#[cfg(not(target_os = "linux"))]
fn user_and_system() -> Option<(Duration, Duration)> {
    None
}

#[cfg(not(target_os = "linux"))]
fn max_rss_kb() -> Option<u64> {
    None
}

/// Fields 14 and 15 of proc_pid_stat(5). Field 2, the command's name, may hold anything, so counting starts behind it.
#[cfg(target_os = "linux")]
fn ticks(stat: &str) -> Option<(u64, u64)> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

/// `VmHWM` of proc_pid_status(5).
#[cfg(target_os = "linux")]
fn high_water_mark(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn fields_of_proc_are_found() {
        let stat = "7 (a ) b) R 1 2 3 4 5 6 7 8 9 10 1234 56 0 0 20 0";
        assert_eq!(ticks(stat), Some((1234, 56)));
        assert_eq!(ticks("7 (kafka) R 1"), None);
        assert_eq!(high_water_mark("VmPeak:\t  9 kB\nVmHWM:\t    5184 kB\n"), Some(5184));
        assert_eq!(high_water_mark(""), None);
    }

    #[test]
    fn work_is_charged() {
        let watch = Stopwatch::start();
        let mut sum = 0_u64;
        while watch.stop().cpu.is_none_or(|cpu| cpu < Duration::from_millis(2)) {
            sum = std::hint::black_box(sum + 1);
        }
        let cost = watch.stop();
        assert!(
            cost.user.is_some() && cost.system.is_some() && cost.max_rss_kb > Some(0),
            "{cost:?}"
        );
    }
}
