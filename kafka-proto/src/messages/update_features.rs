//! UpdateFeatures (key 57), versions 0 to 2, flexible from 0: TODO.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    UpdateFeaturesRequest -> UpdateFeaturesResponse = key 57, versions 0..=2, flexible 0.. {
        /// TODO.
        timeout_ms: i32 [0..] = 60000,
        /// TODO.
        feature_updates: Vec<FeatureUpdateKey> [0..],
        /// TODO.
        validate_only: bool [1..] = false,
    }

    /// TODO.
    FeatureUpdateKey {
        /// TODO.
        feature: Str [0..],
        /// TODO.
        max_version_level: i16 [0..],
        /// TODO.
        allow_downgrade: bool [0],
        /// TODO.
        upgrade_type: i8 [1..] = 1,
    }

    /// TODO.
    UpdateFeaturesResponse = key 57, versions 0..=2, flexible 0.., memory 12 {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// TODO.
        results: Vec<UpdatableFeatureResult> [0..=1, ignorable],
    }

    /// TODO.
    UpdatableFeatureResult {
        /// TODO.
        feature: Str [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
    }
}
