//! The handles on one thread, in virtual time: what no socket can be made to do twice in the same way.

mod cancel;
mod driver;
mod races;
mod timing;
mod world;
