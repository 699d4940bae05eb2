//! Fetch sessions from outside: giving them up, and looking into them.

use kafka_proto::Uuid;

use super::Cluster;

impl Cluster {
    /// Has a node forget all its fetch sessions, as it does with those that it has no room for. Gives whether it
    /// had any.
    pub fn evict_fetch_sessions(&mut self, node: i32) -> bool {
        self.sessions.evict_all(node)
    }

    /// What a node has in a fetch session: the topic's id (all zero if there is no such topic),
    /// partition and offset to fetch, the partition whose turn it is first. `None` if there is no
    /// such session.
    pub fn fetch_session(&self, node: i32, session_id: i32) -> Option<Vec<(Uuid, i32, i64)>> {
        let wanted = self.sessions.wanted(node, session_id)?;
        let entry = wanted.map(|wanted| {
            let named = || self.topic_id(&wanted.key.name).unwrap_or(Uuid::ZERO);
            let id = Some(wanted.key.id).filter(|id| *id != Uuid::ZERO).unwrap_or_else(named);
            (id, wanted.key.partition, wanted.partition.fetch_offset)
        });
        Some(entry.collect())
    }
}
