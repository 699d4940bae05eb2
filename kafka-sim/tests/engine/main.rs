//! The engine against the simulated cluster, in virtual time and without a socket.

mod consuming;
mod producing;
mod rig;
