//! What the programs of this comparison share: the settings of a run, the rows, the
//! measuring of processor time, the processors used, the values sent and read, and the broker that costs nearly nothing.
//!
//! Both clients are driven by the same settings, send the same value, read what they get with the
//! same function and stop the same clock, so that a difference is a difference of the clients.

#![forbid(unsafe_code)]

pub mod affinity;
pub mod broker;
pub mod measure;
pub mod row;
pub mod settings;
pub mod value;
