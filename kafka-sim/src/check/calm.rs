//! When nothing stands in a client's way: efficiency is judged only then.

use std::collections::BTreeMap;
use std::time::Duration;

use super::event::{Event, LogEvent};
use super::ids::FaultRef;
use super::wire::Wire;
use crate::Time;

/// The times at which no fault is on, none was lately, and no leader moved lately.
#[derive(Debug, Default)]
pub(super) struct Calm {
    /// Disjoint, ascending: from the disturbance to the time at which it no longer counts.
    storms: Vec<(Time, Time)>,
}

impl Calm {
    pub(super) fn of(events: &[(Time, Event)], settle: Duration) -> Self {
        let mut calm = Self::default();
        let mut on: BTreeMap<FaultRef, Time> = BTreeMap::new();
        for (at, event) in events {
            match event {
                Event::FaultOn { fault, .. } => {
                    on.insert(*fault, *at);
                }
                Event::FaultOff { fault } => {
                    let since = on.remove(fault).unwrap_or(*at);
                    calm.storms.push((since, *at + settle));
                }
                Event::Heal => {
                    let ended = std::mem::take(&mut on);
                    calm.storms.extend(ended.into_values().map(|since| (since, *at + settle)));
                }
                // What it did to one answer may come, or last, long after the fault was laid.
                Event::Faulted { since } => calm.storms.push((*since, *at + settle)),
                event if disturbs(event) => calm.storms.push((*at, *at + settle)),
                _ => {}
            }
        }
        calm.storms.extend(on.into_values().map(|since| (since, Time::from_nanos(u64::MAX))));
        calm.storms.sort_unstable();
        calm.storms.dedup_by(|later, earlier| {
            let overlap = later.0 <= earlier.1;
            if overlap {
                earlier.1 = earlier.1.max(later.1);
            }
            overlap
        });
        calm
    }

    /// Whether nothing disturbs from one time to the other, both included.
    pub(super) fn throughout(&self, from: Time, to: Time) -> bool {
        let after = self.storms.partition_point(|(_, over)| *over <= from);
        self.storms.get(after).is_none_or(|(start, _)| *start > to)
    }

    /// Whether nothing disturbs then.
    pub(super) fn at(&self, at: Time) -> bool {
        self.throughout(at, at)
    }
}

/// What is no fault, but a reason to be slower than usual.
fn disturbs(event: &Event) -> bool {
    match event {
        Event::TopicCreated { .. }
        | Event::PartitionsAdded { .. }
        | Event::TopicDeleted { .. }
        | Event::Crashed { .. } => true,
        Event::Truth { truth, .. } => {
            matches!(truth, LogEvent::Leader { .. } | LogEvent::Truncated { .. })
        }
        Event::Wire { wire, .. } => match wire {
            Wire::Response { throttle_ms, .. } => *throttle_ms > 0,
            Wire::Undecodable { .. } => true,
            _ => false,
        },
        _ => false,
    }
}
