//! Texts to values, and values against their ranges.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use super::keys::{Home, Key, Place};
use super::{ConfigError, HostPort};

/// The most of a value that an error repeats, in characters.
const ECHO: usize = 80;

/// The text of a setting, on its way into a field.
#[derive(Clone, Copy)]
pub(super) struct Value<'a> {
    key: &'static Key,
    text: &'a str,
}

impl<'a> Value<'a> {
    /// Looks a key up for the type that is to have it. `None`: the value asks for what this client does anyway,
    /// where it can't do otherwise.
    pub(super) fn find(key: &str, text: &'a str, home: Home) -> Result<Option<Self>, ConfigError> {
        let key = Key::find(key)?;
        let text = text.trim();
        let accepted = || key.accepts().iter().any(|accepted| accepted.eq_ignore_ascii_case(text));
        match key.place() {
            Place::Built(homes) if homes.contains(&home) => Ok(Some(Self { key, text })),
            Place::Built(homes) => Err(ConfigError::Elsewhere {
                key: key.name(),
                home: homes.first().map_or("no type", |home| home.type_name()),
            }),
            _ if accepted() => Ok(None),
            Place::NotBuilt(lacking) => Err(ConfigError::NotBuilt { key: key.name(), lacking }),
            Place::NotApplicable(reason) => {
                Err(ConfigError::NotApplicable { key: key.name(), reason })
            }
        }
    }

    pub(super) fn key(self) -> &'static str {
        self.key.name()
    }

    pub(super) fn string(self) -> String {
        self.text.to_owned()
    }

    pub(super) fn boolean(self) -> Result<bool, ConfigError> {
        self.choice(&[("true", true), ("false", false)], "true or false")
    }

    /// One of the given texts, in any case.
    pub(super) fn choice<T: Copy>(
        self,
        choices: &[(&str, T)],
        expected: &'static str,
    ) -> Result<T, ConfigError> {
        let chosen = choices.iter().find(|(name, _)| name.eq_ignore_ascii_case(self.text));
        chosen.map(|(_, value)| *value).ok_or_else(|| self.invalid(self.text, expected))
    }

    pub(super) fn bytes(self) -> Result<usize, ConfigError> {
        let number = self.number()?;
        usize::try_from(number).map_err(|_| self.key.out_of_range(number))
    }

    /// Bytes, or `None` for -1.
    pub(super) fn bytes_or_none(self) -> Result<Option<usize>, ConfigError> {
        if self.number()? == -1 { Ok(None) } else { self.bytes().map(Some) }
    }

    pub(super) fn count(self) -> Result<u32, ConfigError> {
        let number = self.number()?;
        u32::try_from(number).map_err(|_| self.key.out_of_range(number))
    }

    /// A compression level, or `None` for -1 where that is not one itself: the codec's default.
    pub(super) fn level(self) -> Result<Option<i32>, ConfigError> {
        let number = self.number()?;
        if number == -1 && self.key.is_minus_one_special() {
            return Ok(None);
        }
        i32::try_from(number).map(Some).map_err(|_| self.key.out_of_range(number))
    }

    pub(super) fn millis(self) -> Result<Duration, ConfigError> {
        let number = self.number()?;
        u64::try_from(number).map(Duration::from_millis).map_err(|_| self.key.out_of_range(number))
    }

    /// Milliseconds, or `None` for -1.
    pub(super) fn millis_or_none(self) -> Result<Option<Duration>, ConfigError> {
        if self.number()? == -1 { Ok(None) } else { self.millis().map(Some) }
    }

    /// Hosts with ports, behind commas; at least one.
    pub(super) fn hosts(self) -> Result<Vec<HostPort>, ConfigError> {
        HostPort::parse_list(self.text)
    }

    pub(super) fn invalid(self, entry: &str, expected: &'static str) -> ConfigError {
        invalid(self.key(), entry, expected)
    }

    fn number(self) -> Result<i64, ConfigError> {
        let number = self.text.parse().map_err(|_| self.invalid(self.text, "a whole number"))?;
        self.key.check(number)?;
        Ok(number)
    }
}

/// An error that repeats no more of the value than a line takes.
pub(super) fn invalid(key: &'static str, value: &str, expected: &'static str) -> ConfigError {
    ConfigError::Invalid { key, value: value.chars().take(ECHO).collect(), expected }
}

/// Checks fields against the ranges of their keys, for those that were set without a text.
pub(super) fn check_fields(fields: &[(&str, Field)]) -> Result<(), ConfigError> {
    fields.iter().try_for_each(|(key, field)| match field.number() {
        Some(number) => Key::find(key)?.check(number),
        None => Err(Key::find(key)?.out_of_range(field)),
    })
}

/// A field with a range.
pub(super) enum Field {
    Millis(Duration),
    MillisOrNone(Option<Duration>),
    Bytes(usize),
    BytesOrNone(Option<usize>),
    Level(Option<i32>),
}

impl Field {
    /// As the number that its key takes; `None`: no key takes one so large.
    fn number(&self) -> Option<i64> {
        match *self {
            Self::Millis(duration) | Self::MillisOrNone(Some(duration)) => {
                i64::try_from(duration.as_millis()).ok()
            }
            Self::Bytes(bytes) | Self::BytesOrNone(Some(bytes)) => i64::try_from(bytes).ok(),
            Self::Level(Some(level)) => Some(level.into()),
            Self::MillisOrNone(None) | Self::BytesOrNone(None) | Self::Level(None) => Some(-1),
        }
    }
}

impl core::fmt::Display for Field {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Millis(duration) | Self::MillisOrNone(Some(duration)) => {
                write!(f, "{}", duration.as_millis())
            }
            Self::Bytes(bytes) | Self::BytesOrNone(Some(bytes)) => write!(f, "{bytes}"),
            Self::Level(Some(level)) => write!(f, "{level}"),
            Self::MillisOrNone(None) | Self::BytesOrNone(None) | Self::Level(None) => {
                f.write_str("-1")
            }
        }
    }
}

impl Key {
    /// Finds a key by its name, or says which was probably meant.
    pub(super) fn find(name: &str) -> Result<&'static Self, ConfigError> {
        let name = name.trim();
        super::keys::find(name).ok_or_else(|| ConfigError::Unknown {
            key: name.chars().take(ECHO).collect(),
            suggestion: super::keys::nearest(name),
        })
    }

    /// Whether a number is in the key's range.
    pub(super) fn check(&self, number: i64) -> Result<(), ConfigError> {
        let inside =
            self.range().contains(&number) || (number == -1 && self.is_minus_one_special());
        if inside { Ok(()) } else { Err(self.out_of_range(number)) }
    }

    pub(super) fn out_of_range(&self, value: impl ToString) -> ConfigError {
        ConfigError::OutOfRange {
            key: self.name(),
            value: value.to_string(),
            range: self.range_text(),
        }
    }
}
