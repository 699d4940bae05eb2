//! Every target on its corpus and on mutations of it; and the seeds that the corpora begin with.

#[allow(dead_code)] // Part of it is for the test of memory, a binary of its own.
mod bodies;
mod corpus;
mod mutate;
mod pack;
mod rows;
mod seeds;

use std::sync::{Mutex, MutexGuard, PoisonError};

use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// The allocator counts for the whole process, so one test runs at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}
