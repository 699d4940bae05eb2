//! Every invariant against a story that violates it and nothing else, and against one that comes near.

mod consuming;
mod fetch_wire;
mod frames;
mod living;
mod logs;
mod produce_wire;
mod story;
mod summary;
mod wire;
