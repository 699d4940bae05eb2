//! UpdateFeatures (key 57), versions 0 to 2, flexible from 0: raise, lower or delete the finalized levels of the
//! cluster's features.
//!
//! - Version 0 came with KIP-584, version 1 checks only if asked and knows kinds of downgrade (KIP-778). From version 2
//!   on there is one error for all features (KIP-1022).
//! - A result with a name of four letters takes 9 bytes and 80 decoded, hence the memory factor of the response.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// Asks to change features.
    UpdateFeaturesRequest -> UpdateFeaturesResponse = key 57, versions 0..=2, flexible 0..,
        kips [0: 584, 1: 778, 2: 1022] {
        /// Milliseconds that it may take.
        timeout_ms: i32 [0..] = 60000,
        /// The changes.
        feature_updates: Vec<FeatureUpdateKey> [0..],
        /// Whether to check the request and change nothing.
        validate_only: bool [1..] = false,
    }

    /// A change.
    FeatureUpdateKey {
        /// Name of the feature.
        feature: Str [0..],
        /// The new level; below 1, the feature is deleted.
        max_version_level: i16 [0..],
        /// Whether the level may fall.
        allow_downgrade: bool [0],
        /// 1 only raises the level, 2 lowers it if nothing is lost, 3 lowers it at any loss.
        upgrade_type: i8 [1..] = 1,
    }

    /// What became of the changes.
    UpdateFeaturesResponse = key 57, versions 0..=2, flexible 0.., memory 12 {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// The features.
        results: Vec<UpdatableFeatureResult> [0..=1, ignorable],
    }

    /// A feature.
    UpdatableFeatureResult {
        /// Its name.
        feature: Str [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
    }
}
