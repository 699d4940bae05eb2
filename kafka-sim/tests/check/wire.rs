//! What is on the wire of a story: requests of its client, and answers of node 1 if none is named.

use kafka_proto::ApiKey;
use kafka_sim::ConnId;
use kafka_sim::check::{Event, RecordId, Wire};

use crate::story::{CLIENT, Story};

/// The producer id in these stories.
pub(crate) const PRODUCER_ID: i64 = 7;

/// A batch in a Produce request.
#[derive(Clone, Copy)]
pub(crate) struct Sent {
    pub(crate) partition: i32,
    pub(crate) epoch: i16,
    pub(crate) sequence: i32,
    pub(crate) records: i32,
    pub(crate) crc: u32,
    pub(crate) first: Option<u64>,
}

/// A batch of partition 0 in epoch 0, whose CRC follows from what is in it.
pub(crate) fn batch(sequence: i32, records: i32) -> Sent {
    Sent {
        partition: 0,
        epoch: 0,
        sequence,
        records,
        crc: (sequence as u32).wrapping_mul(31),
        first: None,
    }
}

impl Story {
    pub(crate) fn wire(self, conn: u64, wire: Wire) -> Self {
        self.wire_at(1, conn, wire)
    }

    pub(crate) fn wire_at(self, node: i32, conn: u64, wire: Wire) -> Self {
        self.event(Event::Wire { client: CLIENT, conn: ConnId(conn), node, wire })
    }

    pub(crate) fn connecting(self, node: i32, conn: u64) -> Self {
        self.event(Event::Connecting { client: CLIENT, conn: ConnId(conn), node })
    }

    pub(crate) fn disconnected(self, conn: u64) -> Self {
        self.event(Event::Disconnected { client: CLIENT, conn: ConnId(conn), node: 1 })
    }

    pub(crate) fn request(self, conn: u64, api: ApiKey, correlation_id: i32) -> Self {
        let api = api.to_i16();
        self.wire(conn, Wire::Request { api, version: 0, correlation_id, bytes: 100 })
    }

    pub(crate) fn response(self, conn: u64, api: ApiKey, correlation_id: i32) -> Self {
        let (api, version, throttle_ms) = (api.to_i16(), 0, 0);
        self.wire(conn, Wire::Response { api, version, correlation_id, bytes: 100, throttle_ms })
    }

    pub(crate) fn produce(self, conn: u64, correlation_id: i32, sent: Sent) -> Self {
        let requested = self.request(conn, ApiKey::Produce, correlation_id);
        let mut requested = requested.wire(conn, Wire::Produce { correlation_id, acks: -1 });
        let partition = requested.partition(sent.partition);
        requested.wire(
            conn,
            Wire::Batch {
                correlation_id,
                partition,
                producer_id: PRODUCER_ID,
                epoch: sent.epoch,
                sequence: sent.sequence,
                records: sent.records,
                bytes: 100,
                crc: sent.crc,
                first: sent.first.map(RecordId),
            },
        )
    }

    pub(crate) fn produced(self, conn: u64, correlation_id: i32, error: i16) -> Self {
        let mut answered = self.response(conn, ApiKey::Produce, correlation_id);
        let partition = answered.partition(0);
        answered.wire(conn, Wire::Produced { correlation_id, partition, error, base_offset: 0 })
    }

    /// A Metadata response that says who leads partition 0 of the topic, and since which epoch.
    pub(crate) fn leads(mut self, conn: u64, leader: i32, leader_epoch: i32) -> Self {
        let partition = self.partition(0);
        self.wire(conn, Wire::Leads { partition, leader, leader_epoch })
    }

    /// A Fetch of partitions from offsets on, with an epoch of the leader; `session` is its id and epoch.
    pub(crate) fn fetch(
        self,
        conn: u64,
        correlation_id: i32,
        session: (i32, i32),
        partitions: &[(i32, i64)],
    ) -> Self {
        let (session_id, session_epoch) = session;
        let (max_wait_ms, min_bytes) = (500, 1);
        let fetch =
            Wire::Fetch { correlation_id, session_id, session_epoch, max_wait_ms, min_bytes };
        let asked = self.request(conn, ApiKey::Fetch, correlation_id).wire(conn, fetch);
        partitions.iter().fold(asked, |mut story, (partition, offset)| {
            let (partition, offset) = (story.partition(*partition), *offset);
            let leader_epoch = 0;
            let part = Wire::FetchPartition { correlation_id, partition, offset, leader_epoch };
            story.wire(conn, part)
        })
    }

    pub(crate) fn forget(mut self, conn: u64, correlation_id: i32, partition: i32) -> Self {
        let partition = self.partition(partition);
        self.wire(conn, Wire::Forgotten { correlation_id, partition })
    }

    /// An answer with batches of 100 bytes: partition, first and last offset.
    pub(crate) fn fetched(
        self,
        conn: u64,
        correlation_id: i32,
        (session_id, error): (i32, i16),
        batches: &[(i32, i64, i64)],
    ) -> Self {
        let answered = self.response(conn, ApiKey::Fetch, correlation_id);
        let answered = answered.wire(conn, Wire::Fetched { correlation_id, session_id, error });
        batches.iter().fold(answered, |mut story, (partition, base_offset, last_offset)| {
            let (base_offset, last_offset) = (*base_offset, *last_offset);
            let (partition, bytes) = (story.partition(*partition), 100);
            let batch =
                Wire::FetchedBatch { correlation_id, partition, base_offset, last_offset, bytes };
            story.wire(conn, batch)
        })
    }

    /// A node says that a position of partition 0 does not exist.
    pub(crate) fn out_of_range(self, node: i32, conn: u64, correlation_id: i32) -> Self {
        let mut story = self;
        let partition = story.partition(0);
        let (error, high_watermark, bytes) = (1, -1, 0);
        let part =
            Wire::FetchedPartition { correlation_id, partition, error, high_watermark, bytes };
        story.wire_at(node, conn, part)
    }
}
