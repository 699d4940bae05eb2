//! Going on at once, instead of after a backoff, when a newer leader is heard of than the one that said that it is none.

/// So often in a row news ends a backoff. Who is sent on and on waits, or brokers could make a loop of it.
const HEEDED: u32 = 2;

/// What a partition that was refused waits for. A leader is a node and the epoch under which it leads, -1 if that is not known.
#[derive(Debug, Default)]
pub(crate) struct News {
    /// Who was asked, and was not the leader.
    refused_by: Option<(i32, i32)>,
    /// The last one of whose refusal it was told and went on, and how often that was so since anything went well.
    left: Option<(i32, i32)>,
    heeded: u32,
}

impl News {
    /// Who was asked was not the leader. That it says so of what was on its way with that is no news.
    pub(crate) fn note_refusal(&mut self, by: (i32, i32)) {
        if self.left != Some(by) {
            self.refused_by = Some(by);
        }
    }

    /// Whatever is waited for now, it is not a leader.
    pub(crate) fn forget_refusal(&mut self) {
        self.refused_by = None;
    }

    /// Something went well.
    pub(crate) fn end(&mut self) {
        *self = Self::default();
    }

    /// Whether the one that is `known` to lead is to be asked at once. It is once, for each that refused.
    pub(crate) fn heed(&mut self, known: Option<(i32, i32)>) -> bool {
        let Some((by, known)) = self.refused_by.zip(known) else {
            return false;
        };
        if !is_newer(known, by) || self.heeded >= HEEDED {
            return false;
        }
        self.heeded = self.heeded.saturating_add(1);
        self.left = self.refused_by.take();
        true
    }
}

/// Whether the node that leads under an epoch is another than who was asked, or the same one, but elected anew.
fn is_newer((node, epoch): (i32, i32), asked: (i32, i32)) -> bool {
    let ordered = epoch >= 0 && asked.1 >= 0 && epoch != asked.1;
    if ordered { epoch > asked.1 } else { node != asked.0 }
}
