//! Maps whose keys are small numbers, as those that a run gives out one after the other: a look-up is an index.

use std::collections::BTreeMap;

use super::ids::RecordId;
use crate::ConnId;

/// Numbers below this have a place of their own. Whatever is above is looked up as in any other map.
const PLACES_MAX: u64 = 1 << 16;

/// A map by numbers, in their order.
#[derive(Debug)]
pub(super) struct Numbered<K, V> {
    places: Vec<Option<V>>,
    others: BTreeMap<K, V>,
}

/// What is a number and nothing else.
pub(super) trait Number: Copy + Ord {
    /// Different for different keys, and in their order.
    fn number(self) -> u64;
}

impl Number for ConnId {
    fn number(self) -> u64 {
        self.0
    }
}

impl Number for RecordId {
    fn number(self) -> u64 {
        self.0
    }
}

impl<K, V> Default for Numbered<K, V> {
    fn default() -> Self {
        Self { places: Vec::new(), others: BTreeMap::new() }
    }
}

impl<K: Number, V> Numbered<K, V> {
    pub(super) fn get(&self, key: K) -> Option<&V> {
        match place(key) {
            Some(place) => self.places.get(place)?.as_ref(),
            None => self.others.get(&key),
        }
    }

    pub(super) fn get_mut(&mut self, key: K) -> Option<&mut V> {
        match place(key) {
            Some(place) => self.places.get_mut(place)?.as_mut(),
            None => self.others.get_mut(&key),
        }
    }

    /// What is there, or the default, which is there from then on.
    pub(super) fn or_default(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        match place_mut(&mut self.places, key) {
            Some(place) => place.get_or_insert_default(),
            None => self.others.entry(key).or_default(),
        }
    }

    /// Gives what was there before.
    pub(super) fn insert(&mut self, key: K, value: V) -> Option<V> {
        match place_mut(&mut self.places, key) {
            Some(place) => place.replace(value),
            None => self.others.insert(key, value),
        }
    }

    pub(super) fn remove(&mut self, key: K) -> Option<V> {
        match place(key) {
            Some(place) => self.places.get_mut(place)?.take(),
            None => self.others.remove(&key),
        }
    }

    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.places.iter_mut().flatten().chain(self.others.values_mut())
    }
}

fn place<K: Number>(key: K) -> Option<usize> {
    Some(key.number()).filter(|number| *number < PLACES_MAX)?.try_into().ok()
}

fn place_mut<K: Number, V>(places: &mut Vec<Option<V>>, key: K) -> Option<&mut Option<V>> {
    let place = place(key)?;
    if place >= places.len() {
        places.resize_with(place + 1, || None);
    }
    places.get_mut(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_map_whatever_the_numbers() {
        let keys = [7, 0, PLACES_MAX - 1, PLACES_MAX, u64::MAX, 7].map(ConnId);
        let (mut numbered, mut map) = (Numbered::default(), BTreeMap::new());
        for (at, key) in keys.into_iter().enumerate() {
            assert_eq!(numbered.get(key), map.get(&key));
            assert_eq!(numbered.insert(key, at), map.insert(key, at));
        }
        for key in keys.into_iter().chain([1, PLACES_MAX + 1].map(ConnId)) {
            *numbered.or_default(key) += 10;
            *map.entry(key).or_default() += 10;
        }
        assert!(numbered.values_mut().eq(map.values_mut()));
        for key in keys {
            assert_eq!(numbered.get_mut(key), map.get_mut(&key));
            assert_eq!(numbered.remove(key), map.remove(&key));
        }
        assert!(numbered.values_mut().eq(map.values_mut()));
    }
}
