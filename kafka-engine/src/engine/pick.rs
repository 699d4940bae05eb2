//! Which peer to ask what any of them can answer.

use alloc::vec::Vec;

use crate::engine::ctx::Ctx;
use crate::engine::lane::{Lane, LaneKey, Line, Peer, State};
use crate::engine::net::Net;

impl Net {
    /// A peer's control line that is up, or may be tried now. Nodes before the bootstrap list, those that
    /// are up before those that are not, those with less to do before those with more, for one that has stopped
    /// answers nothing; among equals by chance. None that wants silence is asked.
    ///
    /// When every known node is failing, the bootstrap list comes before they are tried again: the cluster may have moved
    /// away from all of their addresses (KIP-899).
    pub(crate) fn pick_control(&self, ctx: &mut Ctx) -> Option<LaneKey> {
        let nodes = || self.nodes.keys().map(|id| control(Peer::Node(*id)));
        let bootstrap = || core::iter::once(control(Peer::Bootstrap));
        let idle = |key: &LaneKey| self.load(*key) == 0;
        let now = ctx.now;
        let open = |key: &LaneKey| {
            !self.is_backing_off(*key) && !self.lane(*key).is_some_and(|lane| lane.is_muted(now))
        };
        let sound = |key: &LaneKey| open(key) && !self.is_failing(*key);
        let any = |candidates: Vec<LaneKey>| Some(candidates).filter(|some| !some.is_empty());
        let mut candidates =
            any(nodes().filter(|key| self.is_up(*key) && idle(key) && open(key)).collect())
                .or_else(|| any(nodes().filter(sound).collect()))
                .or_else(|| any(bootstrap().filter(|key| open(key) && idle(key)).collect()))
                .or_else(|| any(nodes().filter(open).collect()))
                .or_else(|| any(bootstrap().filter(open).collect()))?;
        let least = candidates.iter().map(|key| self.load(*key)).min();
        candidates.retain(|key| Some(self.load(*key)) == least);
        let chosen = ctx.below(candidates.len().max(1));
        candidates.get(chosen).copied()
    }

    fn load(&self, key: LaneKey) -> usize {
        self.lane(key).map_or(0, Lane::load)
    }

    fn is_up(&self, key: LaneKey) -> bool {
        self.lane(key).is_some_and(|lane| matches!(lane.state, State::Ready(_)))
    }

    fn is_failing(&self, key: LaneKey) -> bool {
        self.lane(key).is_some_and(|lane| lane.failures > 0) && !self.is_up(key)
    }

    fn is_backing_off(&self, key: LaneKey) -> bool {
        self.lane(key).is_some_and(|lane| matches!(lane.state, State::BackingOff { .. }))
    }
}

fn control(peer: Peer) -> LaneKey {
    LaneKey { peer, line: Line::Control }
}
