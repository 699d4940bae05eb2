//! Where a consumer stands in one partition.
//!
//! `position` is the next offset to hand out and moves only by handing out, a seek, or a reset whose cause is proven;
//! `fetch_at` runs ahead of it by what has been fetched and waits in `runs`.

use alloc::collections::VecDeque;
use core::time::Duration;

use kafka_proto::Uuid;

use super::epochs::Epochs;
use crate::command::StartAt;
use crate::consume::Run;
use crate::engine::news::News;
use crate::error::Error;
use crate::time::Instant;
use crate::transitions::EngineState;

/// Where a position is looked up is told within this, as a rule.
const ANSWER: Duration = Duration::from_millis(100);

/// A partition that is assigned.
#[derive(Debug)]
pub(crate) struct Cursor {
    /// Counts assignments and seeks over the consumer's life: whatever was asked for before is stale.
    pub(crate) generation: u64,
    /// The topic that the position belongs to, zero while it is not known or has no id.
    pub(crate) topic_id: Uuid,
    pub(crate) place: Place,
    pub(crate) runs: VecDeque<Run>,
    /// Bytes of `runs`.
    pub(crate) queued_bytes: usize,
    /// Bytes of runs that were taken and not finished.
    pub(crate) taken_bytes: usize,
    pub(crate) paused: bool,
    /// What stands in the way, and is told by every poll.
    pub(crate) failed: Option<Error>,
    /// Nothing is asked for before this.
    pub(crate) not_before: Instant,
    pub(crate) failures: u32,
    /// A newer leader than who refused it is asked at once.
    pub(super) news: News,
    /// A broken batch at this offset has been fetched a second time.
    pub(crate) refetched: Option<i64>,
    pub(crate) high_watermark: Option<i64>,
    /// The leader epochs of what was fetched up to `fetch_at`.
    pub(super) epochs: Epochs,
    /// The leader epoch under which it is known that the log has what was fetched, -1 if it never was.
    pub(crate) validated: i32,
    /// The leader is asked whether it has.
    pub(crate) validating: bool,
    /// The position was moved back, from here to there, for the log was truncated, and the application does not know.
    pub(crate) truncated: Option<(i64, i64)>,
    /// The end that was reached, as far as it is not told yet.
    pub(crate) end: End,
    /// It stands in the consumer's list of partitions with something to take.
    pub(crate) listed: bool,
    /// It takes part in a fetch that is on its way.
    pub(crate) in_flight: bool,
    /// What comes next can't be had: it is asked for again once all that waits has been handed out.
    pub(super) held: bool,
}

/// Whether the next offsets are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// They have to be looked up.
    Unknown {
        /// Where to start.
        start: StartAt,
        /// The question is on its way.
        asked: bool,
    },
    Known {
        position: i64,
        fetch_at: i64,
    },
}

/// Whether the consumer has been told that there is nothing more for the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// There may be more.
    NotReached,
    /// A fetch found nothing at this offset.
    Reached(i64),
    /// And the application knows.
    Told(i64),
}

impl Cursor {
    pub(crate) fn new(generation: u64, start: StartAt) -> Self {
        Self {
            generation,
            topic_id: Uuid::ZERO,
            place: Place::starting(start),
            runs: VecDeque::new(),
            queued_bytes: 0,
            taken_bytes: 0,
            paused: false,
            failed: None,
            not_before: Instant::ZERO,
            failures: 0,
            news: News::default(),
            refetched: None,
            high_watermark: None,
            epochs: Epochs::starting(-1),
            validated: -1,
            validating: false,
            truncated: None,
            end: End::NotReached,
            listed: false,
            in_flight: false,
            held: false,
        }
    }

    pub(crate) fn position(&self) -> Option<i64> {
        match self.place {
            Place::Known { position, .. } => Some(position),
            Place::Unknown { start: StartAt::Offset(offset), .. } => Some(offset),
            Place::Unknown { .. } => None,
        }
    }

    /// Whether it knows where it is.
    pub(crate) fn state(&self) -> EngineState {
        match self.place {
            Place::Known { .. } => EngineState::PositionKnown,
            Place::Unknown { .. } => EngineState::PositionUnknown,
        }
    }

    /// Takes note of the id of its topic. Gives whether it is another topic of the same name now.
    pub(crate) fn note_topic(&mut self, id: Uuid) -> bool {
        if id == Uuid::ZERO {
            return false;
        }
        let before = core::mem::replace(&mut self.topic_id, id);
        before != Uuid::ZERO && before != id
    }

    /// A broker has answered a fetch of it.
    pub(super) fn went_well(&mut self) {
        self.failures = 0;
        self.news.end();
    }

    /// Goes somewhere else under a new generation. Gives the bytes that were queued.
    pub(crate) fn go_to(&mut self, generation: u64, start: StartAt) -> usize {
        self.generation = generation;
        self.place = Place::starting(start);
        self.failed = None;
        self.failures = 0;
        self.news.forget_refusal();
        self.not_before = Instant::ZERO;
        self.refetched = None;
        self.end = End::NotReached;
        self.in_flight = false;
        self.held = false;
        self.truncated = None;
        let dropped = self.drop_runs();
        self.begin_epochs(-1, -1);
        dropped
    }

    /// Nothing is fetched yet, behind a record of epoch `before`, which is so under `leader_epoch`; -1 if not known.
    pub(crate) fn begin_epochs(&mut self, before: i32, leader_epoch: i32) {
        self.epochs = Epochs::starting(before);
        self.validated = leader_epoch;
        self.validating = false;
    }

    /// Forgets what was fetched and not taken: it is fetched again from the position. Gives its bytes.
    pub(crate) fn drop_runs(&mut self) -> usize {
        self.runs.clear();
        if let Place::Known { position, fetch_at } = &mut self.place {
            *fetch_at = *position;
            self.epochs.forget_from(*position);
        }
        // Taken runs are stale with the generation and count no more.
        core::mem::take(&mut self.queued_bytes) + core::mem::take(&mut self.taken_bytes)
    }

    /// Forgets what waits in the queue: it is fetched again from its first offset. What was taken stays good. Gives its bytes.
    pub(crate) fn give_up_queue(&mut self) -> usize {
        if let (Some(first), Place::Known { fetch_at, .. }) = (self.runs.front(), &mut self.place) {
            *fetch_at = first.from;
            self.epochs.forget_from(first.from);
        }
        self.runs.clear();
        core::mem::take(&mut self.queued_bytes)
    }

    /// Whether fetched records wait to be handed out: then the position is not where the next fetch is.
    pub(crate) fn has_waiting(&self) -> bool {
        !self.runs.is_empty() || self.taken_bytes > 0
    }

    /// Bytes that wait to be taken, or were taken and are not finished.
    pub(crate) fn held_bytes(&self) -> usize {
        let queued: usize = self.runs.iter().map(|run| run.records.len()).sum();
        queued + self.taken_bytes
    }

    /// Whether a poll would find something.
    pub(crate) fn has_something(&self, tell_end: bool) -> bool {
        if self.failed.is_some() || self.truncated.is_some() {
            return true;
        }
        if self.paused {
            return false;
        }
        !self.runs.is_empty() || (tell_end && self.untold_end().is_some())
    }

    /// The end that was reached, once all before it has been handed out.
    pub(crate) fn untold_end(&self) -> Option<i64> {
        let End::Reached(offset) = self.end else {
            return None;
        };
        (self.runs.is_empty() && self.position() == Some(offset)).then_some(offset)
    }

    /// Where to fetch next, if it is time to.
    pub(crate) fn wants_fetch(&self, now: Instant) -> Option<i64> {
        let Place::Known { position, fetch_at } = self.place else {
            return None;
        };
        let fetch_at = if mutant!("queued_refetched") { position } else { fetch_at };
        let held = self.held && self.has_waiting();
        (!held
            && !self.paused
            && !self.validating
            && self.failed.is_none()
            && self.not_before <= now)
            .then_some(fetch_at)
    }

    /// In how long it will be time to fetch, as far as can be told, if it is not yet.
    pub(crate) fn is_due_in(&self, now: Instant) -> Option<Duration> {
        let asked = self.validating || matches!(self.place, Place::Unknown { asked: true, .. });
        match self.not_before.saturating_duration_since(now) {
            _ if self.paused => None,
            Duration::ZERO => asked.then_some(ANSWER),
            backoff => Some(backoff),
        }
    }

    /// Where to start, if that has to be looked up and it is time to.
    pub(crate) fn wants_start(&self, now: Instant) -> Option<StartAt> {
        let Place::Unknown { start, asked: false } = self.place else {
            return None;
        };
        (self.failed.is_none() && self.not_before <= now).then_some(start)
    }
}

impl Place {
    fn starting(start: StartAt) -> Self {
        match start {
            StartAt::Offset(offset) => Self::Known { position: offset, fetch_at: offset },
            start => Self::Unknown { start, asked: false },
        }
    }
}
