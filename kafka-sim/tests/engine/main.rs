//! The engine against the simulated cluster, in virtual time and without a socket.

mod admin;
mod chaos;
mod connecting;
mod consuming;
mod finding;
mod news;
mod producing;
mod recreated;
mod releases;
mod reviewed;
mod rig;
mod sessions;
mod throttling;
mod truncation;
