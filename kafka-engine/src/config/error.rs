//! What is wrong with a setting.

use alloc::string::String;

/// A setting that can't be used. Its text names the key and never repeats a value that may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// No client of Kafka's has such a setting.
    #[error("unknown setting {key}{}", DidYouMean(.suggestion))]
    Unknown {
        /// The key as it was given.
        key: String,
        /// The key that was probably meant.
        suggestion: Option<&'static str>,
    },
    /// The setting exists and belongs elsewhere.
    #[error("{key} belongs to {home}")]
    Elsewhere {
        /// The key.
        key: &'static str,
        /// The type that has it.
        home: &'static str,
    },
    /// What the setting asks for is not built yet, so only the value that describes this client as it is would do.
    #[error("{key} is not supported yet: {lacking}")]
    NotBuilt {
        /// The key.
        key: &'static str,
        /// What is lacking.
        lacking: &'static str,
    },
    /// The setting makes no sense in this client.
    #[error("{key} does not apply to this client: {reason}")]
    NotApplicable {
        /// The key.
        key: &'static str,
        /// Why.
        reason: &'static str,
    },
    /// The value does not parse.
    #[error("{key}: {value:?} is not {expected}")]
    Invalid {
        /// The key.
        key: &'static str,
        /// The value, or the entry of it that is at fault.
        value: String,
        /// What would be.
        expected: &'static str,
    },
    /// The value is out of range.
    #[error("{key}: {value} is out of range ({range})")]
    OutOfRange {
        /// The key.
        key: &'static str,
        /// The value.
        value: String,
        /// The range, as in `0 to 2147483647`.
        range: String,
    },
    /// Two settings rule each other out.
    #[error("{key}: {conflict}")]
    Conflict {
        /// The key of the one that was asked for.
        key: &'static str,
        /// The other one, and why.
        conflict: &'static str,
    },
    /// The setting has no default and is missing.
    #[error("{key} is missing")]
    Missing {
        /// The key.
        key: &'static str,
    },
}

struct DidYouMean<'a>(&'a Option<&'static str>);

impl core::fmt::Display for DidYouMean<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.0 {
            Some(key) => write!(f, ": did you mean {key}?"),
            None => Ok(()),
        }
    }
}
