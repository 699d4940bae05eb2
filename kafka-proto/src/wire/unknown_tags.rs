//! Tagged fields that a newer peer sent and this crate's schemas don't know (KIP-482).

use alloc::{boxed::Box, vec::Vec};
use core::mem::ManuallyDrop;

use bytes::Bytes;

/// Unknown tagged fields of one struct, in ascending order of their tags; encoding writes them back.
///
/// One pointer wide, because almost every struct has none.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct UnknownTags(ManuallyDrop<List>);

/// Boxed once more: two words less in every struct of every message.
type List = Option<Box<Vec<(u32, Bytes)>>>;

impl UnknownTags {
    /// Memory that the first tag of a struct takes: the list, and its first entry.
    pub(super) const FIRST_COST: usize = size_of::<Vec<(u32, Bytes)>>() + Self::ENTRY;
    /// Memory that a further tag takes at most, because a list may grow to twice what it holds.
    pub(super) const NEXT_COST: usize = 3 * Self::ENTRY;
    const ENTRY: usize = size_of::<(u32, Bytes)>();

    /// Number of tags.
    #[must_use]
    pub fn len(&self) -> usize {
        self.as_slice().len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The value of a tag.
    #[must_use]
    pub fn get(&self, tag: u32) -> Option<&Bytes> {
        let (_, value) = self.as_slice().iter().find(|(known, _)| *known == tag)?;
        Some(value)
    }

    /// Sets the value of a tag; gives back the one it replaces. A tag that the schema knows belongs into its field.
    pub fn insert(&mut self, tag: u32, value: Bytes) -> Option<Bytes> {
        let tags = self.0.get_or_insert_default();
        match tags.binary_search_by_key(&tag, |(known, _)| *known) {
            Ok(at) => tags.get_mut(at).map(|(_, old)| core::mem::replace(old, value)),
            Err(at) => {
                tags.insert(at, (tag, value));
                None
            }
        }
    }

    /// Tags and values, ascending.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &Bytes)> {
        self.as_slice().iter().map(|(tag, value)| (*tag, value))
    }

    pub(crate) fn as_slice(&self) -> &[(u32, Bytes)] {
        self.0.as_deref().map_or(&[], Vec::as_slice)
    }

    /// Appends in the order of the wire; [`UnknownTags::sort`] follows if that was not ascending.
    pub(super) fn push(&mut self, tag: u32, value: Bytes) {
        let tags = self.0.get_or_insert_with(|| Box::new(Vec::with_capacity(1)));
        tags.push((tag, value));
    }

    /// Puts the tags into ascending order; returns one that is there twice.
    pub(super) fn sort(&mut self) -> Option<u32> {
        let tags = self.0.as_mut()?;
        tags.sort_unstable_by_key(|(tag, _)| *tag);
        let twice = tags.iter().zip(tags.iter().skip(1)).find(|((a, _), (b, _))| a == b);
        twice.map(|((tag, _), _)| *tag)
    }
}

/// Leaves nothing but the test for none, which almost always holds, in the drop of every struct.
impl Drop for UnknownTags {
    #[inline]
    fn drop(&mut self) {
        if self.0.is_some() {
            drop_list(&mut self.0);
        }
    }
}

#[cold]
#[inline(never)]
fn drop_list(list: &mut List) {
    *list = None;
}

impl core::fmt::Debug for UnknownTags {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("UnknownTags").field(&*self.0).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn insert_keeps_the_order_and_replaces() {
        let mut tags = UnknownTags::default();
        assert!(tags.is_empty());
        for tag in [7, 3, 900] {
            assert_eq!(tags.insert(tag, Bytes::from_static(b"x")), None);
        }
        assert_eq!(tags.insert(3, Bytes::from_static(b"y")), Some(Bytes::from_static(b"x")));
        assert!(tags.iter().map(|(tag, _)| tag).eq([3, 7, 900]));
        assert_eq!((tags.get(3), tags.get(4)), (Some(&Bytes::from_static(b"y")), None));
    }
}
