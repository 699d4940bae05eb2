//! Machines that lose power: their peers hear nothing, and are told only when they ask.

use super::WorldHandle;
use super::inner::Inner;
use super::orders::Order;

impl WorldHandle {
    /// Has a node's machine lose its power: others lead what it led, but no peer is told. Its connections are silent, and
    /// connecting to it takes for ever, until [`start_node`](Self::start_node). Of the connections of before it knows
    /// nothing then: who has sent something on one finds it reset, and who only listens goes on listening. Gives whether the
    /// node was up.
    pub fn cut_power(&self, node: i32) -> bool {
        let mut inner = self.inner();
        inner.say("cut power", format_args!("of node {node}"));
        if !inner.down.insert(node) {
            return false;
        }
        inner.net.darken(node, true);
        let now = inner.now;
        for wire in inner.wires.values_mut().filter(|wire| wire.node == node) {
            wire.forgotten.get_or_insert(now);
        }
        drop(inner);
        self.cluster(|cluster| cluster.stop_node(node));
        true
    }
}

impl Inner {
    /// A node has its power back: it answers what it knows nothing of.
    pub(super) fn light(&mut self, node: i32) {
        if !self.net.is_dark(node) {
            return;
        }
        self.net.darken(node, false);
        let asked: Vec<_> = self
            .wires
            .iter()
            .filter(|(_, wire)| wire.node == node && wire.forgotten.is_some())
            .filter(|(_, wire)| wire.to_broker.next_at().is_some())
            .map(|(conn, _)| *conn)
            .collect();
        for conn in asked {
            self.orders.push(Order::Reset(conn));
        }
        self.unblock();
    }
}
