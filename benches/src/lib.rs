//! Benches of the codec and the engine.
