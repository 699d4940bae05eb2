//! Fuzz target bodies, replayed as tests.
