//! Texts to values.
