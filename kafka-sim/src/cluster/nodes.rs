//! What a test does to nodes, and to who leads what on them.

use core::time::Duration;

use kafka_proto::ErrorCode;

use super::Cluster;
use crate::{CloseReason, ConnId};

/// Nodes.
impl Cluster {
    /// Stops a node, as a kill does: its connections are dropped, and once the controller has
    /// noticed (after [`failover_delay`](crate::ClusterOptions::failover_delay)) what it led is led
    /// by another in-sync replica, or by nobody.
    pub fn stop_node(&mut self, node: i32) {
        if !self.state.is_up(node) {
            return;
        }
        let dropped: Vec<ConnId> =
            self.conns.iter().filter(|(_, conn)| conn.node == node).map(|(id, _)| *id).collect();
        for conn in dropped {
            self.close(conn, CloseReason::NodeDown(node));
        }
        self.sessions.evict_all(node);
        self.state.node_stopped(node);
        self.settle();
    }

    /// Stops a node in good order, as a controlled shutdown does: what it led is led by others
    /// before its connections are dropped.
    pub fn shut_down_node(&mut self, node: i32) {
        if self.state.is_up(node) {
            self.state.fence(node);
            self.settle();
            self.stop_node(node);
        }
    }

    /// Starts a stopped node: its replicas catch up, and it leads what nobody led for want of it.
    pub fn start_node(&mut self, node: i32) {
        if !self.state.is_up(node) {
            self.state.node_started(node);
            self.settle();
        }
    }

    /// How long it takes the followers on a node to fetch what their leaders have; they have one
    /// fetch under way at a time. At first it takes no time.
    pub fn set_replication_delay(&mut self, node: i32, delay: Duration) {
        self.state.set_replication_delay(node, delay);
        self.settle();
    }

    /// Has a node hear of every change to topics, leaders and nodes so late: its Metadata answers
    /// are stale, and it goes on taking itself for the leader of what others lead by now. What it
    /// takes then with acks=1 is lost when it hears, and never gets to a replica. At first all nodes
    /// hear of everything at once.
    pub fn set_metadata_delay(&mut self, node: i32, delay: Duration) {
        self.state.set_metadata_delay(node, delay);
        self.settle();
    }

    /// Has the followers on a node fetch nothing any more, until
    /// [`resume_replication`](Self::resume_replication).
    pub fn pause_replication(&mut self, node: i32) {
        self.state.pause_replication(node, true);
        self.settle();
    }

    /// Has the followers on a node fetch again.
    pub fn resume_replication(&mut self, node: i32) {
        self.state.pause_replication(node, false);
        self.settle();
    }
}

/// Leaders.
impl Cluster {
    /// Has another node lead a partition, in a new epoch. The node becomes a replica if it was
    /// none. What the others had beyond its log is lost; if it was not in sync, it alone is now.
    ///
    /// # Errors
    /// UNKNOWN_TOPIC_OR_PARTITION, or BROKER_NOT_AVAILABLE for a node that is down or isn't there.
    pub fn move_leader(&mut self, topic: &str, partition: i32, node: i32) -> Result<(), ErrorCode> {
        if !self.state.is_up(node) || self.state.is_fenced(node) {
            return Err(ErrorCode::BROKER_NOT_AVAILABLE);
        }
        self.change(topic, partition, |partition, around| {
            partition.add_replica(node);
            partition.lead(node, around)
        })
    }

    /// Takes a partition's leader away: the epoch goes up and nobody leads until
    /// [`move_leader`](Self::move_leader).
    ///
    /// # Errors
    /// UNKNOWN_TOPIC_OR_PARTITION.
    pub fn depose_leader(&mut self, topic: &str, partition: i32) -> Result<(), ErrorCode> {
        self.change(topic, partition, |partition, around| partition.lead(-1, around))
    }

    /// Has the first replica of a partition lead it (preferred leader election).
    ///
    /// # Errors
    /// UNKNOWN_TOPIC_OR_PARTITION, ELECTION_NOT_NEEDED if it does, PREFERRED_LEADER_NOT_AVAILABLE if
    /// it isn't in sync or not there.
    pub fn elect_preferred(&mut self, topic: &str, partition: i32) -> Result<(), ErrorCode> {
        let elected = self.state.elect_preferred(topic, partition);
        self.settled(elected)
    }

    /// Has the first replica that is there lead a partition that nobody leads, in sync or not: what
    /// it doesn't have is lost (unclean leader election).
    ///
    /// # Errors
    /// UNKNOWN_TOPIC_OR_PARTITION, ELECTION_NOT_NEEDED if it has a leader,
    /// ELIGIBLE_LEADERS_NOT_AVAILABLE if no replica is there.
    pub fn elect_unclean(&mut self, topic: &str, partition: i32) -> Result<(), ErrorCode> {
        let elected = self.state.elect_unclean(topic, partition);
        self.settled(elected)
    }
}
