//! Compressing a batch that was collected, on whichever task is the right one for it.

use std::fmt;
use std::sync::{Arc, Mutex};

use kafka_engine::accumulator::{SealFailed, Sealed, Unsealed};
use kafka_engine::config::ProducerConfig;
use kafka_engine::{BatchId, Error, ErrorKind, Input, Pending};
use kafka_proto::compress::Compressor;

use crate::producer::ProducerCore;
use crate::sync::lock;

/// So many compressors are kept at most, which is as many as are at work at once, as a rule.
const KEPT: usize = 4;

/// The compressors of a producer. Their tables are several times as large as a batch of the usual size, so to set one up
/// costs as much as to use it.
#[derive(Default)]
pub(crate) struct Compressors(Mutex<Vec<Compressor>>);

impl Compressors {
    /// Compresses a batch as the producer is set to, and no lock is held meanwhile.
    fn seal(&self, unsealed: Unsealed, config: &ProducerConfig) -> Result<Sealed, SealFailed> {
        let (codec, level) = (config.compression, config.compression_level());
        let kept = lock(&self.0).pop();
        let Some(mut compressor) = kept.or_else(|| Compressor::new(codec, level).ok()) else {
            // It says why there is none.
            return unsealed.seal(codec, level);
        };
        let sealed = unsealed.seal_with(codec, &mut compressor)?;
        let mut kept = lock(&self.0);
        if kept.len() < KEPT {
            kept.push(compressor);
        }
        Ok(sealed)
    }
}

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
        let ProducerCore { compressors, config, .. } = &*self.producer;
        let sealed = self.unsealed.take().map(|unsealed| compressors.seal(unsealed, config));
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
