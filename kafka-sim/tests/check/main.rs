//! Every invariant against a story that violates it and nothing else, and against one that comes near.

mod logs;
#[allow(dead_code)]
mod story;
