//! Leader epochs of a log: where each began, and so where each ended (KIP-101, KIP-279).

/// The answer to "where does this epoch end": the epoch that answers, and the offset after its last
/// record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EpochEnd {
    pub(crate) epoch: i32,
    pub(crate) end: i64,
}

/// Epochs and their start offsets, both increasing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Epochs {
    starts: Vec<(i32, i64)>,
}

impl Epochs {
    /// An epoch begins at an offset. An epoch before it that never got a record is forgotten; older
    /// epochs are ignored.
    pub(crate) fn assign(&mut self, epoch: i32, start: i64) {
        if self.starts.last().is_some_and(|(last, _)| *last >= epoch) {
            return;
        }
        while self.starts.last().is_some_and(|(_, last)| *last >= start) {
            self.starts.pop();
        }
        self.starts.push((epoch, start));
    }

    /// Forgets what began at or behind the new end of the log.
    pub(crate) fn truncate(&mut self, end: i64) {
        self.starts.retain(|(_, start)| *start < end);
    }

    /// The log begins at an offset: the epoch there begins with it, older ones are forgotten.
    pub(crate) fn begin_at(&mut self, log_start: i64) {
        let below = self.starts.partition_point(|(_, start)| *start <= log_start);
        if let Some(first) = below.checked_sub(1) {
            self.starts.drain(..first);
            if let Some((_, start)) = self.starts.first_mut() {
                *start = log_start;
            }
        }
    }

    /// The epoch that an offset belongs to, -1 below the first.
    pub(crate) fn at(&self, offset: i64) -> i32 {
        let above = self.starts.partition_point(|(_, start)| *start <= offset);
        above.checked_sub(1).and_then(|at| self.starts.get(at)).map_or(-1, |(epoch, _)| *epoch)
    }

    /// The largest known epoch not above `epoch` and its end; below the first one, `epoch` itself
    /// and the first start. `None` for an epoch in the future, or when nothing is known.
    ///
    /// Only the leader knows an epoch in which nothing was appended yet: followers learn of epochs
    /// from batches.
    pub(crate) fn end_of(&self, epoch: i32, log_end: i64, leads: bool) -> Option<EpochEnd> {
        let appended = self.starts.partition_point(|(_, start)| *start < log_end);
        let known = if leads { self.starts.len() } else { appended };
        let starts = self.starts.get(..known)?;
        let (latest, _) = *starts.last()?;
        if epoch < 0 || epoch > latest {
            return None;
        }
        let above = starts.partition_point(|(known, _)| *known <= epoch);
        let end = starts.get(above).map_or(log_end, |(_, start)| *start);
        let answer =
            above.checked_sub(1).and_then(|at| starts.get(at)).map_or(epoch, |(known, _)| *known);
        Some(EpochEnd { epoch: answer, end })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_epochs() {
        let mut epochs = Epochs::default();
        assert_eq!(epochs.end_of(0, 0, true), None);
        for (epoch, start) in [(0, 0), (2, 10), (3, 20), (5, 20), (4, 30)] {
            epochs.assign(epoch, start);
        }
        let check = |epoch, expected: Option<(i32, i64)>| {
            let found = epochs.end_of(epoch, 33, true).map(|end| (end.epoch, end.end));
            assert_eq!(found, expected, "epoch {epoch}");
        };
        check(-1, None);
        check(0, Some((0, 10)));
        check(1, Some((0, 10)));
        check(2, Some((2, 20)));
        check(3, Some((2, 20)));
        check(5, Some((5, 33)));
        check(6, None);
        let follower =
            |epoch, end| epochs.end_of(epoch, end, false).map(|end| (end.epoch, end.end));
        assert_eq!(follower(2, 15), Some((2, 15)));
        assert_eq!(follower(5, 20), None, "nothing of it has come yet");
        assert_eq!(follower(5, 21), Some((5, 21)));
    }

    #[test]
    fn the_log_start_moves_epochs_along() {
        let mut epochs = Epochs::default();
        for (epoch, start) in [(1, 0), (2, 10), (4, 20)] {
            epochs.assign(epoch, start);
        }
        let mut check = |log_start, expected: &[(i32, i64)]| {
            epochs.begin_at(log_start);
            assert_eq!(epochs.starts, expected, "log start {log_start}");
        };
        check(0, &[(1, 0), (2, 10), (4, 20)]);
        check(5, &[(1, 5), (2, 10), (4, 20)]);
        check(10, &[(2, 10), (4, 20)]);
        check(11, &[(2, 11), (4, 20)]);
        check(30, &[(4, 30)]);
        assert_eq!(epochs.end_of(2, 33, true), Some(EpochEnd { epoch: 2, end: 30 }));
    }

    #[test]
    fn truncation_forgets_epochs_behind_the_end() {
        let mut epochs = Epochs::default();
        epochs.assign(1, 0);
        epochs.assign(2, 10);
        epochs.truncate(10);
        assert_eq!(epochs.end_of(2, 10, true), None);
        assert_eq!(epochs.end_of(1, 10, true), Some(EpochEnd { epoch: 1, end: 10 }));
    }
}
