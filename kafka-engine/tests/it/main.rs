//! Tests of the parts that need no engine: accumulator, link, settings.

mod accumulator;
mod config;
mod link;
mod link_memory;
