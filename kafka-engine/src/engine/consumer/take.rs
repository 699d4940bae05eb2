//! What a poll takes, and what it says of it afterwards.

use alloc::string::String;
use alloc::sync::Arc;

use super::Consumer;
use super::cursor::{End, Place};
use crate::consume::{Standing, Taken};
use crate::engine::world::World;
use crate::error::{Error, ErrorKind};
use crate::id::PartitionKey;
use crate::transitions::EngineState;

impl Consumer {
    /// The next thing for a poll; partitions take turns.
    pub(crate) fn take(&mut self, world: &mut World) -> Option<Taken> {
        self.told_readable = false;
        let mut left = self.listed.len();
        while left > 0 {
            left -= 1;
            let partition = self.listed.pop_front()?;
            if let Some(taken) = self.take_from(world, partition) {
                return Some(taken);
            }
        }
        None
    }

    fn take_from(&mut self, world: &mut World, partition: PartitionKey) -> Option<Taken> {
        let tell_end = self.config.enable_partition_eof;
        let cursor = self.cursors.get_mut(&partition)?;
        cursor.listed = false;
        if let Some((from, to)) = cursor.truncated.take() {
            self.list(world, partition);
            let topic = world.metadata.name(partition.topic);
            return Some(Taken::Truncated { topic, partition, from, to });
        }
        if let Some(error) = &cursor.failed {
            // It stays listed: every later poll is told again.
            let error = error.clone();
            cursor.listed = true;
            self.listed.push_back(partition);
            if matches!(error.kind(), ErrorKind::UnknownPartition { .. }) {
                world.metadata.look_again(&mut world.ctx);
            }
            return Some(Taken::Failed { partition, error });
        }
        if cursor.paused {
            return None;
        }
        if let Some(run) = cursor.runs.pop_front() {
            let bytes = run.records.len();
            cursor.queued_bytes = cursor.queued_bytes.saturating_sub(bytes);
            cursor.taken_bytes += bytes;
            self.list(world, partition);
            self.want(world, partition);
            return Some(Taken::Run(run));
        }
        let offset = cursor.untold_end().filter(|_| tell_end)?;
        cursor.end = End::Told(offset);
        Some(Taken::End { topic: world.metadata.name(partition.topic), partition, offset })
    }

    pub(crate) fn standing(&self, partition: PartitionKey, generation: u64) -> Standing {
        match self.cursors.get(&partition) {
            Some(cursor) if cursor.generation != generation && !mutant!("stale_run_handed_out") => {
                Standing::Stale
            }
            Some(cursor) if cursor.paused => Standing::Paused,
            Some(_) => Standing::Current,
            None => Standing::Stale,
        }
    }

    /// Records before `position` are the application's; with `done`, the run that they came from is finished.
    pub(crate) fn handed_out(
        &mut self,
        world: &mut World,
        partition: PartitionKey,
        generation: u64,
        new_position: i64,
        done: Option<usize>,
    ) -> Standing {
        let standing = self.standing(partition, generation);
        if standing == Standing::Stale {
            return standing;
        }
        if let Some(cursor) = self.cursors.get_mut(&partition) {
            if let Place::Known { position, .. } = &mut cursor.place {
                *position = new_position.max(*position);
            }
            if let Some(bytes) = done {
                cursor.taken_bytes = cursor.taken_bytes.saturating_sub(bytes);
                self.buffered_bytes = self.buffered_bytes.saturating_sub(bytes);
            }
        }
        self.list(world, partition);
        if done.is_some() {
            self.want(world, partition);
            self.offer_room(world);
        }
        standing
    }

    /// A run is broken at `offset`: it is fetched once more, and if it is broken again the partition fails.
    pub(crate) fn reject(
        &mut self,
        world: &mut World,
        partition: PartitionKey,
        generation: u64,
        offset: i64,
        reason: String,
    ) {
        if self.standing(partition, generation) == Standing::Stale {
            return;
        }
        self.generations += 1;
        let next_generation = self.generations;
        let topic: Arc<str> = world.metadata.name(partition.topic);
        let Some(cursor) = self.cursors.get_mut(&partition) else {
            return;
        };
        // All that was fetched behind the broken batch is asked for again with it.
        cursor.generation = next_generation;
        cursor.in_flight = false;
        let dropped = cursor.drop_runs();
        self.buffered_bytes = self.buffered_bytes.saturating_sub(dropped);
        if cursor.refetched == Some(offset) {
            let kind = ErrorKind::Corrupt { topic, partition: partition.partition, offset, reason };
            self.fail(world, partition, Error::new(kind));
        } else {
            cursor.refetched = Some(offset);
            world.ctx.enter(EngineState::FetchRepeated);
            self.want(world, partition);
        }
        self.offer_room(world);
    }
}
