//! Compressing a batch that was collected, on whichever task is the right one for it.

use std::fmt;
use std::sync::Arc;

use kafka_engine::accumulator::{SealFailed, Unsealed};
use kafka_engine::{BatchId, Error, ErrorKind, Input, Pending};

use crate::producer::ProducerCore;

/// A batch to compress. It is answered exactly once: dropped without [`run`](Self::run), it fails.
pub struct Seal {
    unsealed: Option<Unsealed>,
    id: BatchId,
    rest: Pending,
    producer: Arc<ProducerCore>,
    answered: bool,
}

impl Seal {
    pub(crate) fn new(producer: Arc<ProducerCore>, unsealed: Unsealed, rest: Pending) -> Self {
        Self { id: unsealed.id(), unsealed: Some(unsealed), rest, producer, answered: false }
    }

    /// Compresses the batch and hands it to the engine.
    pub fn run(self) {
        let producer = Arc::clone(&self.producer);
        let answer = self.run_quietly();
        producer.shared.report(answer);
    }

    /// Compresses the batch and gives what the engine is to be told.
    pub(crate) fn run_quietly(mut self) -> Input {
        let config = &self.producer.config;
        let sealed = self
            .unsealed
            .take()
            .map(|unsealed| unsealed.seal(config.compression, config.compression_level()));
        self.answered = true;
        let batch = match sealed {
            Some(Ok(sealed)) => {
                self.producer.memory.recycle(sealed.freed);
                Some(Box::new(sealed.batch))
            }
            Some(Err(SealFailed { error, freed, .. })) => {
                self.producer.memory.recycle(freed);
                self.producer.fail_batch(self.id, &error);
                None
            }
            None => None,
        };
        self.answer(batch)
    }

    fn answer(&self, batch: Option<Box<kafka_engine::Batch>>) -> Input {
        Input::Batch {
            producer: self.producer.key,
            partition: self.id.partition,
            batch,
            rest: self.rest,
        }
    }
}

impl Drop for Seal {
    fn drop(&mut self) {
        if !self.answered {
            // Its task ended, or the codec panicked: the records were never sent, and their owners must hear of it.
            let error = Error::new(ErrorKind::Compression {
                reason: "the task that was to do it ended".into(),
            });
            self.producer.fail_batch(self.id, &error);
            self.producer.shared.report(self.answer(None));
        }
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seal").field("batch", &self.id).finish_non_exhaustive()
    }
}
