//! Taking runs out of the engine, and handing records out of them.
//!
//! Runs are taken under the engine's lock; checked, inflated and walked without it; and what was found is told under
//! the lock again, when it may turn out that a run has become stale meanwhile: then it is as if it had never been.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use kafka_engine::{Engine, Error, Instant, Standing, Taken};

use crate::consumer::core::ConsumerCore;
use crate::consumer::inflate::Inflater;
use crate::consumer::records::{PartitionEnd, Section, Truncation};
use crate::consumer::run::{OpenRun, Step};

/// Runs that were taken and not finished, and what is handed out of them.
pub(crate) struct Filler {
    pub(crate) core: Arc<ConsumerCore>,
    /// In the order in which they go on; those of a paused partition are kept until it is resumed.
    open: VecDeque<OpenRun>,
    inflater: Inflater,
    /// Runs that were looked into and that the engine has not been told of.
    touched: Vec<Touched>,
}

/// A run that was looked into, and how far it came.
struct Touched {
    run: OpenRun,
    /// Which of the sections came from it.
    sections: Range<usize>,
    end: RunEnd,
}

enum RunEnd {
    /// There is more in it.
    Open,
    Done,
    Broken(String),
}

/// What a fill found.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) sections: Vec<Section>,
    pub(crate) records: usize,
    pub(crate) ends: Vec<PartitionEnd>,
    pub(crate) truncations: Vec<Truncation>,
}

enum Next {
    Run(OpenRun),
    Failed(Error),
    End(PartitionEnd),
    Truncated(Truncation),
    Nothing,
}

impl Found {
    /// Whether there is something for whoever polls.
    pub(crate) fn is_worth_telling(&self) -> bool {
        self.records > 0 || !self.ends.is_empty() || !self.truncations.is_empty()
    }
}

impl Filler {
    pub(crate) fn new(core: Arc<ConsumerCore>) -> Self {
        Self { core, open: VecDeque::new(), inflater: Inflater::new(), touched: Vec::new() }
    }

    /// Finds up to `max` records, and with them that partitions have come to their end. If it finds neither there is
    /// nothing now.
    ///
    /// # Errors
    /// A partition can't go on, and nothing else was found.
    pub(crate) fn fill(&mut self, max: usize, found: &mut Found) -> Result<(), Error> {
        loop {
            let failure = self.look(max, found)?;
            let progress = !self.touched.is_empty();
            self.tell(found)?;
            if found.is_worth_telling() {
                // The engine gives a failure again, until it is gone.
                return Ok(());
            }
            match failure {
                Some(error) => return Err(error),
                None if progress => {}
                None => return Ok(()),
            }
        }
    }

    /// Looks into runs until `max` records are found or there is nothing more.
    fn look(&mut self, max: usize, found: &mut Found) -> Result<Option<Error>, Error> {
        let mut failure = None;
        while found.records < max {
            match self.next()? {
                Next::Run(run) => self.look_into(run, max, found),
                Next::End(end) => found.ends.push(end),
                Next::Truncated(truncation) => found.truncations.push(truncation),
                Next::Failed(error) => {
                    failure = Some(error);
                    break;
                }
                Next::Nothing => break,
            }
        }
        Ok(failure)
    }

    fn look_into(&mut self, mut run: OpenRun, max: usize, found: &mut Found) {
        let first = found.sections.len();
        let check_crcs = self.core.config.check_crcs;
        let end = loop {
            if run.is_done() {
                break RunEnd::Done;
            }
            if found.records >= max {
                break RunEnd::Open;
            }
            match run.step(max - found.records, check_crcs, &mut self.inflater) {
                Step::Section(section) => {
                    found.records += section.records;
                    found.sections.push(section);
                }
                Step::Done => break RunEnd::Done,
                Step::Broken(reason) => break RunEnd::Broken(reason),
            }
        };
        self.touched.push(Touched { run, sections: first..found.sections.len(), end });
    }

    /// The next run to look into: one that was left open, or else one from the engine. All that were left open are asked
    /// of each time: were a partition resumed in between, a newer run of it could come before one that was set aside.
    fn next(&mut self) -> Result<Next, Error> {
        let Self { core, open, .. } = self;
        let now = core.shared.clock.now();
        core.shared.with_engine(|engine| {
            let standing = |run: &OpenRun| engine.standing(core.key, run.partition, run.generation);
            open.retain(|run| standing(run) != Standing::Stale);
            let current = open.iter().position(|run| standing(run) == Standing::Current);
            match current.and_then(|at| open.remove(at)) {
                Some(run) => Next::Run(run),
                None => take(engine, now, core),
            }
        })
    }

    /// Tells the engine what is handed out, and takes back out of `found` what has become stale meanwhile.
    fn tell(&mut self, found: &mut Found) -> Result<(), Error> {
        if self.touched.is_empty() {
            return Ok(());
        }
        let Self { core, open, touched, .. } = self;
        let now = core.shared.clock.now();
        let mut stale: Vec<Range<usize>> = Vec::new();
        core.shared.with_engine(|engine| {
            for Touched { run, sections, end } in touched.drain(..) {
                if hand_out(engine, now, core, &run, &end) == Standing::Stale {
                    stale.push(sections);
                } else if matches!(end, RunEnd::Open) {
                    open.push_front(run);
                }
            }
        })?;
        for sections in stale.into_iter().rev() {
            let dropped = found.sections.drain(sections);
            found.records -= dropped.map(|section| section.records).sum::<usize>();
        }
        Ok(())
    }
}

fn take(engine: &mut Engine, now: Instant, core: &ConsumerCore) -> Next {
    match engine.take(now, core.key) {
        Some(Taken::Run(run)) => Next::Run(OpenRun::new(run)),
        Some(Taken::Failed { error, .. }) => Next::Failed(error),
        Some(Taken::End { topic, partition, offset }) => {
            Next::End(PartitionEnd { topic, partition: partition.partition, offset })
        }
        Some(Taken::Truncated { topic, partition, from, to }) => {
            Next::Truncated(Truncation { topic, partition: partition.partition, from, to })
        }
        _ => Next::Nothing,
    }
}

fn hand_out(
    engine: &mut Engine,
    now: Instant,
    core: &ConsumerCore,
    run: &OpenRun,
    end: &RunEnd,
) -> Standing {
    let done = matches!(end, RunEnd::Done).then_some(run.bytes);
    let (partition, generation) = (run.partition, run.generation);
    let standing = engine.handed_out(now, core.key, partition, generation, run.position, done);
    if let RunEnd::Broken(reason) = end
        && standing != Standing::Stale
    {
        engine.reject(now, core.key, partition, generation, run.broken_at, reason.clone());
    }
    standing
}
