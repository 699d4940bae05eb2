//! The client as one state machine.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::cluster::Cluster;
use crate::config::Config;
use crate::consume::{Standing, Taken};
use crate::id::{ConsumerKey, PartitionKey};
use crate::io::{Input, Output};
use crate::time::Instant;

/// Everything about one cluster.
#[derive(Debug)]
pub struct Engine {
    cluster: Arc<Cluster>,
}

#[allow(unused_variables, clippy::todo, missing_docs)]
impl Engine {
    pub fn new(config: Arc<Config>, seed: [u8; 32], now: Instant) -> Self {
        todo!()
    }
    pub fn handle(&mut self, now: Instant, input: Input) {
        todo!()
    }
    pub fn poll(&mut self) -> Output {
        todo!()
    }
    pub fn cluster(&self) -> Arc<Cluster> {
        Arc::clone(&self.cluster)
    }
    pub fn take(&mut self, now: Instant, consumer: ConsumerKey) -> Option<Taken> {
        todo!()
    }
    pub fn standing(&self, consumer: ConsumerKey, partition: PartitionKey, generation: u64) -> Standing {
        todo!()
    }
    pub fn handed_out(
        &mut self,
        now: Instant,
        consumer: ConsumerKey,
        partition: PartitionKey,
        generation: u64,
        position: i64,
        done: Option<usize>,
    ) -> Standing {
        todo!()
    }
    #[allow(clippy::too_many_arguments)]
    pub fn reject(
        &mut self,
        now: Instant,
        consumer: ConsumerKey,
        partition: PartitionKey,
        generation: u64,
        offset: i64,
        reason: String,
        run_bytes: usize,
    ) {
        todo!()
    }
    pub fn position(&self, consumer: ConsumerKey, topic: &str, partition: i32) -> Option<i64> {
        todo!()
    }
    pub fn lag(&self, consumer: ConsumerKey, topic: &str, partition: i32) -> Option<i64> {
        todo!()
    }
    pub fn assignment(&self, consumer: ConsumerKey) -> Vec<(Arc<str>, i32)> {
        todo!()
    }
}
