//! Strings that are slices of the frame they came in.

use alloc::string::String;
use core::{borrow::Borrow, fmt, ops::Deref, str::Utf8Error};

use bytes::Bytes;
use bytestring::ByteString;

/// A UTF-8 string that shares its bytes with the frame it was decoded from; cloning counts a reference.
///
/// A clone keeps the whole frame in memory. What is kept for longer than the frame should be [`Str::copied`].
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Str(ByteString);

impl Str {
    /// The empty string.
    #[must_use]
    pub const fn new() -> Self {
        Self(ByteString::new())
    }

    /// A string of the program's own, without a copy.
    #[must_use]
    pub const fn from_static(text: &'static str) -> Self {
        Self(ByteString::from_static(text))
    }

    /// The same text in memory of its own, so that the frame can go.
    #[must_use]
    pub fn copied(&self) -> Self {
        Self::from(self.as_str())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text as shared bytes, without a copy.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        self.0.into_bytes()
    }
}

impl Deref for Str {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Str {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Str {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// Copies the text; [`Str::from_static`] does not.
impl From<&str> for Str {
    fn from(text: &str) -> Self {
        Self(ByteString::from(text))
    }
}

impl From<String> for Str {
    fn from(text: String) -> Self {
        Self(ByteString::from(text))
    }
}

impl From<Str> for String {
    fn from(text: Str) -> Self {
        Self::from(text.as_str())
    }
}

impl TryFrom<Bytes> for Str {
    type Error = Utf8Error;

    #[inline]
    fn try_from(bytes: Bytes) -> Result<Self, Utf8Error> {
        ByteString::try_from(bytes).map(Self)
    }
}

impl PartialEq<str> for Str {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Str {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl fmt::Display for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

impl fmt::Debug for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeMap;

    #[test]
    fn maps_keyed_by_str_are_looked_up_by_text() {
        let map = BTreeMap::from([(Str::from("orders"), 1), (Str::from_static("payments"), 2)]);
        assert_eq!(map.get("payments"), Some(&2));
    }

    #[test]
    fn a_copy_leaves_the_frame() {
        let frame = Bytes::from(alloc::vec![b'a'; 1000]);
        let slice = Str::try_from(frame.slice(3..6)).unwrap();
        let copy = slice.copied();
        assert_eq!(slice, copy);
        assert!(!frame.as_ptr_range().contains(&copy.as_ptr()));
        assert!(frame.as_ptr_range().contains(&slice.as_ptr()));
    }

    #[test]
    fn other_encodings_are_refused() {
        assert!(Str::try_from(Bytes::from_static(b"caf\xe9")).is_err());
    }
}
