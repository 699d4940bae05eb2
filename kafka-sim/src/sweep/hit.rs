//! Whether a fault has hit anything: only those that have are counted.

use super::recorder::Recorder;
use crate::Time;
use crate::check::Event;
use crate::fault::Met;

/// What came of a fault when it was let loose.
pub(super) enum Begun {
    /// It has happened.
    Hit,
    /// There was nothing that it could happen to: no connection, a node that is down already, a partition that has a leader.
    Missed,
    /// It happens to the requests, or the connections, that come, if any do.
    Waits(Met),
}

impl Begun {
    /// Has the fault counted, as one of its kind, now or when a request has met it.
    pub(super) fn note(self, kind: &'static str, at: Time, recorder: &Recorder) {
        match self {
            Self::Hit => recorder.push(at, Event::FaultHit { kind }),
            Self::Missed => {}
            Self::Waits(met) => recorder.waits(kind, met),
        }
    }
}
