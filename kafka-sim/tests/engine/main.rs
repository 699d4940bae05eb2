//! The engine against the simulated cluster, in virtual time and without a socket.

mod chaos;
mod connecting;
mod consuming;
mod producing;
mod reviewed;
mod rig;
mod sessions;
mod throttling;
