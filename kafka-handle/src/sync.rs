//! Small things about locks.

use std::ops::Deref;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, whether or not a thread panicked with the lock held: for state that every critical section leaves whole.
#[inline]
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A value with cache lines of its own, so that two locks side by side don't slow each other down.
///
/// 128 bytes: processors fetch lines of 64 in pairs.
#[repr(align(128))]
#[derive(Debug)]
pub(crate) struct Padded<T>(pub(crate) T);

impl<T> Deref for Padded<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.0
    }
}
