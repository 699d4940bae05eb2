//! Under which leaders the records were written that a position stands behind (KIP-320).
//!
//! A log that lost records in an unclean election, and has grown again since, has the same offsets as before and other
//! records. What tells is the leader epoch: of the last record before an offset here, and of the log's.

use alloc::collections::VecDeque;

/// As many changes of leaders are remembered; older ones have long been replicated.
const CHANGES_MAX: usize = 64;

/// The epochs of what was fetched, each with the first offset of it that was seen here.
#[derive(Debug)]
pub(super) struct Epochs {
    changes: VecDeque<(i64, i32)>,
    /// The epoch before the first change, as a broker told it with the offset; -1 if none did.
    before: i32,
}

impl Epochs {
    /// Nothing fetched yet, behind a record of this epoch; -1 if that is not known.
    pub(super) fn starting(before: i32) -> Self {
        Self { changes: VecDeque::new(), before }
    }

    /// Batches from `offset` on are of this epoch.
    pub(super) fn note(&mut self, offset: i64, epoch: i32) {
        self.forget_from(offset);
        if epoch < 0 || self.changes.back().is_some_and(|(_, last)| *last == epoch) {
            return;
        }
        if self.changes.len() >= CHANGES_MAX
            && let Some((_, dropped)) = self.changes.pop_front()
        {
            self.before = dropped;
        }
        self.changes.push_back((offset, epoch));
    }

    /// The epoch of the last record before `offset`, -1 if it is not known.
    pub(super) fn before(&self, offset: i64) -> i32 {
        let at = self.changes.partition_point(|(from, _)| *from < offset);
        at.checked_sub(1).and_then(|at| self.changes.get(at)).map_or(self.before, |change| change.1)
    }

    /// What was here from `offset` on is fetched anew.
    pub(super) fn forget_from(&mut self, offset: i64) {
        while self.changes.back().is_some_and(|(from, _)| *from >= offset) {
            self.changes.pop_back();
        }
    }

    /// A broker has epochs up to `epoch` and of that one all before `end`: gives the first offset up to `offset` from which
    /// on what is here is not what it has, and forgets what was here from there on.
    pub(super) fn diverge(&mut self, offset: i64, epoch: i32, end: i64) -> i64 {
        let later = self.changes.iter().find(|(_, seen)| *seen > epoch).map(|(from, _)| *from);
        let at = later.unwrap_or(i64::MAX).min(end).min(offset).max(0);
        self.forget_from(at);
        if self.changes.is_empty() {
            // Of the broker's last common epoch is what lies before its end; of anything else nothing is known.
            self.before = if at == end { epoch } else { -1 };
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Epoch 1 from offset 5 on, 3 from 10 on, 4 from 20 on.
    fn seen() -> Epochs {
        let mut epochs = Epochs::starting(0);
        for (offset, epoch) in [(5, 1), (7, 1), (10, 3), (20, 9), (20, 4), (30, -1)] {
            epochs.note(offset, epoch);
        }
        epochs
    }

    #[test]
    fn the_epoch_before_an_offset_is_that_of_the_last_record() {
        let seen = seen();
        let found = [0, 5, 6, 10, 11, 20, 21, 99].map(|offset| seen.before(offset));
        assert_eq!(found, [0, 0, 1, 1, 3, 3, 4, 4]);
        assert_eq!(Epochs::starting(-1).before(7), -1);
    }

    #[test]
    fn histories_part_where_either_ends() {
        let check = |epoch, end, at, before| {
            let mut seen = seen();
            assert_eq!(seen.diverge(25, epoch, end), at, "epoch {epoch} ends at {end}");
            assert_eq!(seen.before(at), before, "epoch {epoch} ends at {end}");
        };
        check(4, 22, 22, 4);
        check(4, 99, 25, 4);
        check(3, 15, 15, 3);
        check(3, 20, 20, 3);
        // The broker has more of epoch 3 than was seen here: what was seen instead is not its.
        check(3, 23, 20, 3);
        check(2, 9, 9, 1);
        check(1, 15, 10, 1);
        check(0, 3, 3, 0);
        check(0, 8, 5, -1);
        check(0, -5, 0, -1);
    }

    #[test]
    fn what_is_fetched_anew_may_be_of_another_epoch() {
        let mut seen = seen();
        seen.forget_from(10);
        assert_eq!((seen.before(10), seen.before(30)), (1, 1));
        seen.note(15, 6);
        assert_eq!((seen.before(15), seen.before(30)), (1, 6));
    }

    #[test]
    fn only_so_many_changes_are_remembered() {
        let mut epochs = Epochs::starting(-1);
        for epoch in 0..1000 {
            epochs.note(i64::from(epoch), epoch);
        }
        assert_eq!((epochs.changes.len(), epochs.before(1000), epochs.before(3)), (64, 999, 935));
    }
}
