//! Which processors a side runs on.

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::settings::Settings;

/// The two sides of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The process that is measured.
    Client,
    /// The process that it talks to.
    Broker,
}

/// Keeps the calling thread, and all that it starts from here on, to its side's share of the processors.
pub fn pin(side: Side, settings: &Settings) -> Result<(), String> {
    let allowed =
        sched_getaffinity(None).map_err(|error| format!("reading the affinity: {error}"))?;
    let allowed = (0..CpuSet::MAX_CPU)
        .filter(|cpu| allowed.is_set(*cpu))
        .collect::<Vec<_>>();
    let mut share = CpuSet::new();
    for cpu in share_of(side, &allowed, settings.client_cpus as usize) {
        share.set(*cpu);
    }
    sched_setaffinity(None, &share).map_err(|error| format!("setting the affinity: {error}"))
}

/// The client has the first ones. Where nothing would be left to the broker, both have all.
fn share_of(side: Side, allowed: &[usize], client_cpus: usize) -> &[usize] {
    match allowed.split_at_checked(client_cpus) {
        Some((client, broker)) if !broker.is_empty() => match side {
            Side::Client => client,
            Side::Broker => broker,
        },
        _ => allowed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_share_what_there_is() {
        for (allowed, client_cpus, client, broker) in [
            (vec![0, 1], 1, vec![0], vec![1]),
            (vec![2, 5, 7], 2, vec![2, 5], vec![7]),
            (vec![0, 1], 2, vec![0, 1], vec![0, 1]),
            (vec![3], 1, vec![3], vec![3]),
            (vec![3], 64, vec![3], vec![3]),
        ] {
            assert_eq!(
                share_of(Side::Client, &allowed, client_cpus),
                client,
                "{allowed:?} {client_cpus}"
            );
            assert_eq!(
                share_of(Side::Broker, &allowed, client_cpus),
                broker,
                "{allowed:?} {client_cpus}"
            );
        }
    }
}
