//! What happens in a cluster by itself, when its time comes.

use std::collections::BTreeSet;

use kafka_proto::Uuid;

use crate::Time;

/// A partition, by its topic's id: it is another one after the topic was deleted and created again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Spot {
    pub(crate) topic: Uuid,
    pub(crate) partition: i32,
}

/// One thing to look after. Whatever it was set for may have gone or changed in the meantime.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Alarm {
    /// A follower's fetch is through.
    Arrived { at: Spot, node: i32 },
    /// A follower may have lagged for too long.
    Lag { at: Spot, node: i32 },
    /// The controller has not heard of a node for long enough.
    Fence { node: i32 },
    /// A node hears of something that changed a while ago.
    Learn { node: i32 },
}

/// All that is still to come, earliest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Alarms(BTreeSet<(Time, Alarm)>);

impl Alarms {
    pub(super) fn set(&mut self, at: Time, alarm: Alarm) {
        self.0.insert((at, alarm));
    }

    /// When the next one is due.
    pub(crate) fn next(&self) -> Option<Time> {
        self.0.first().map(|(at, _)| *at)
    }

    /// The next one, if it is due.
    pub(super) fn take(&mut self, now: Time) -> Option<(Time, Alarm)> {
        self.0.first().filter(|(at, _)| *at <= now)?;
        self.0.pop_first()
    }
}
