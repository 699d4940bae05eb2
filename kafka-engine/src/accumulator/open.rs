//! The batch that takes records.
