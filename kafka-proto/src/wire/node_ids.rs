//! Short lists of broker ids.

use alloc::{boxed::Box, vec::Vec};
use core::{fmt, ops::Deref};

/// Ids of brokers in the order of the wire, such as the replicas of a partition: a slice to read.
///
/// Up to five ids take no memory of their own, because metadata has two or three such lists for every partition of the
/// cluster, and most of them have three ids.
#[derive(Clone)]
pub struct NodeIds(List);

#[derive(Clone)]
enum List {
    Few(u8, [i32; Self::FEW]),
    Many(Box<[i32]>),
}

impl List {
    /// As many as fit where a `Vec` would have its pointer, length and capacity.
    const FEW: usize = 5;
}

impl NodeIds {
    /// No ids.
    #[must_use]
    pub const fn new() -> Self {
        Self(List::Few(0, [0; List::FEW]))
    }

    /// The ids.
    #[inline]
    #[must_use]
    pub fn as_slice(&self) -> &[i32] {
        match &self.0 {
            List::Few(len, ids) => ids.get(..usize::from(*len)).unwrap_or_default(),
            List::Many(ids) => ids,
        }
    }

    /// Takes big-endian ids off the wire.
    #[inline]
    pub(crate) fn from_wire(wire: &[[u8; 4]]) -> Self {
        let mut few = [0; List::FEW];
        if wire.len() > few.len() {
            return Self::many(wire);
        }
        for (id, bytes) in few.iter_mut().zip(wire) {
            *id = i32::from_be_bytes(*bytes);
        }
        Self(List::Few(wire.len() as u8, few))
    }

    #[cold]
    #[inline(never)]
    fn many(wire: &[[u8; 4]]) -> Self {
        Self(List::Many(wire.iter().map(|bytes| i32::from_be_bytes(*bytes)).collect()))
    }
}

impl Default for NodeIds {
    #[inline]
    fn default() -> Self {
        Self::new()
    }
}

impl Deref for NodeIds {
    type Target = [i32];

    #[inline]
    fn deref(&self) -> &[i32] {
        self.as_slice()
    }
}

impl From<&[i32]> for NodeIds {
    fn from(ids: &[i32]) -> Self {
        let mut few = [0; List::FEW];
        match few.get_mut(..ids.len()) {
            Some(slots) => {
                slots.copy_from_slice(ids);
                Self(List::Few(ids.len() as u8, few))
            }
            None => Self(List::Many(ids.into())),
        }
    }
}

impl From<Vec<i32>> for NodeIds {
    fn from(ids: Vec<i32>) -> Self {
        if ids.len() <= List::FEW {
            Self::from(ids.as_slice())
        } else {
            Self(List::Many(ids.into()))
        }
    }
}

impl<const N: usize> From<[i32; N]> for NodeIds {
    fn from(ids: [i32; N]) -> Self {
        Self::from(ids.as_slice())
    }
}

impl FromIterator<i32> for NodeIds {
    fn from_iter<I: IntoIterator<Item = i32>>(ids: I) -> Self {
        Self::from(Vec::from_iter(ids))
    }
}

impl<'a> IntoIterator for &'a NodeIds {
    type Item = &'a i32;
    type IntoIter = core::slice::Iter<'a, i32>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl PartialEq for NodeIds {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl Eq for NodeIds {}

impl<const N: usize> PartialEq<[i32; N]> for NodeIds {
    fn eq(&self, other: &[i32; N]) -> bool {
        self.as_slice() == other
    }
}

impl PartialEq<Vec<i32>> for NodeIds {
    fn eq(&self, other: &Vec<i32>) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl fmt::Debug for NodeIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_slice(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn few_and_many_are_lists_alike() {
        for len in 0..12_i32 {
            let ids: Vec<i32> = (0..len).map(|id| id * 1000 - 1).collect();
            let wire: Vec<[u8; 4]> = ids.iter().map(|id| id.to_be_bytes()).collect();
            let list = NodeIds::from_wire(&wire);
            assert_eq!(list, ids);
            assert_eq!(list, NodeIds::from(ids.clone()));
            assert_eq!(list, ids.iter().copied().collect::<NodeIds>());
            assert_eq!(list.clone().len(), ids.len());
        }
        assert_ne!(NodeIds::from([1, 2]), NodeIds::from([1]));
        assert_eq!(alloc::format!("{:?}", NodeIds::from(vec![3, 1])), "[3, 1]");
    }

    #[test]
    fn no_larger_than_a_vec() {
        assert_eq!(size_of::<NodeIds>(), size_of::<Vec<i32>>());
    }
}
