//! What an administrator does: it asks about topics and offsets, and makes topics and unmakes them.

use std::time::Duration;

use kafka_handle::{Admin, DeleteBefore, Error, NewTopic, OffsetSpec};

use super::App;
use crate::Rng;

/// As long as an admin operation may take.
const TIMEOUT: Duration = Duration::from_secs(20);

impl App {
    /// Asks for this and that.
    pub(super) async fn administrate(self, mut rng: Rng) {
        let admin = self.client.admin().timeout(TIMEOUT);
        let topics: Vec<&str> = self.topics.iter().map(String::as_str).collect();
        let mut made = 0_u32;
        while !self.drains() {
            match rng.below(6) {
                0 => self.chore("list_topics", admin.list_topics()).await,
                1 | 2 => self.chore("describe_topics", admin.describe_topics(&topics)).await,
                3 | 4 => {
                    let ends: Vec<_> =
                        topics.iter().map(|topic| (*topic, 0, OffsetSpec::Latest)).collect();
                    self.chore("list_offsets", admin.list_offsets(&ends)).await;
                }
                _ => {
                    made += 1;
                    let topic = format!("made-{}-{made}", self.id.0);
                    self.make_and_unmake(&admin, &topic).await;
                }
            }
            self.sim.sleep(Duration::from_millis(rng.between(400..900))).await;
        }
    }

    /// The life of a topic that nobody else uses.
    async fn make_and_unmake(&self, admin: &Admin, topic: &str) {
        let new = [NewTopic {
            name: topic.into(),
            partitions: Some(1),
            replication_factor: None,
            configs: Vec::new(),
        }];
        self.chore("create_topics", admin.create_topics(&new)).await;
        self.chore("create_partitions", admin.create_partitions(&[(topic, 2)])).await;
        let all = [(topic, 0, DeleteBefore::HighWatermark)];
        self.chore("delete_records", admin.delete_records(&all)).await;
        self.chore("delete_topics", admin.delete_topics(&[topic])).await;
    }

    async fn chore<T>(
        &self,
        kind: &'static str,
        operation: impl Future<Output = Result<T, Error>>,
    ) {
        // How it ends is for the checks to judge.
        let operation = (&self.interrupt, operation);
        let _ = self.recorder.op_of(&self.sim, self.id, kind, TIMEOUT, operation).await;
    }
}
