//! What of a record has to arrive as it was sent: its value, key, headers and timestamp, as one hash.

use super::payload::digest;
use crate::options::WALL_EPOCH_MS;

/// The key of the header that a record has if its application gave it a timestamp.
pub const TIMED: &[u8] = b"timed";

/// How wrong a client's wall clock can be, in milliseconds: 30 days.
const SKEW_MAX: i64 = 30 * 86_400_000;

/// The hash of a record: what [`Event::Send`](super::Event::Send), [`Event::Deliver`](super::Event::Deliver) and
/// [`FinalRecord`](super::FinalRecord) want. `value` is [the value's own](super::payload::hash).
///
/// The timestamp, in milliseconds since 1970, counts if a header [`TIMED`] says that the application gave it. Otherwise the
/// client fills in one that its application does not hear of (`None`): it only has to be of about the time at which worlds
/// begin.
#[must_use]
pub fn hash<'a>(
    value: u64,
    key: Option<&[u8]>,
    headers: impl IntoIterator<Item = (&'a [u8], Option<&'a [u8]>)>,
    timestamp: Option<i64>,
) -> u64 {
    let mut timed = false;
    let mut state = part(value, key);
    for (key, value) in headers {
        timed |= key == TIMED;
        state = part(part(state, Some(key)), value);
    }
    let about_now = |timestamp: &i64| timestamp.abs_diff(WALL_EPOCH_MS) < SKEW_MAX.unsigned_abs();
    let told = timestamp.filter(|timestamp| timed || !about_now(timestamp)).map(i64::to_be_bytes);
    part(state, told.as_ref().map(<[u8; 8]>::as_slice))
}

/// One part more. None at all is another than an empty one.
fn part(state: u64, part: Option<&[u8]>) -> u64 {
    let known = [u8::from(part.is_some())];
    digest([&state.to_be_bytes(), known.as_slice(), part.unwrap_or_default()])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    type Headers = &'static [(&'static [u8], Option<&'static [u8]>)];

    fn of(key: Option<&str>, headers: Headers, timestamp: Option<i64>) -> u64 {
        hash(1, key.map(str::as_bytes), headers.iter().copied(), timestamp)
    }

    #[test]
    fn every_part_counts() {
        let others = [
            of(None, &[], None),
            of(Some(""), &[], None),
            of(Some("k"), &[], None),
            of(Some("k"), &[(b"h", None)], None),
            of(Some("k"), &[(b"h", Some(b""))], None),
            of(Some("k"), &[(b"h", Some(b"1"))], None),
            of(Some("k"), &[(b"h", Some(b"1")), (b"h", None)], None),
            of(Some("k"), &[(b"h", None), (b"h", Some(b"1"))], None),
            of(Some("k"), &[(TIMED, None)], Some(WALL_EPOCH_MS)),
            of(Some("k"), &[(TIMED, None)], Some(WALL_EPOCH_MS + 1)),
            of(Some("k"), &[(TIMED, None)], Some(0)),
            hash(2, None, [], None),
        ];
        assert_eq!(others.iter().collect::<BTreeSet<_>>().len(), others.len());
    }

    #[test]
    fn a_timestamp_that_the_client_fills_in_is_of_about_now() {
        let filled = |timestamp| of(None, &[], Some(timestamp)) == of(None, &[], None);
        for (timestamp, fine) in [
            (WALL_EPOCH_MS, true),
            (WALL_EPOCH_MS - 3_600_000, true),
            (WALL_EPOCH_MS + 3_600_000, true),
            (WALL_EPOCH_MS + SKEW_MAX, false),
            (0, false),
            (-1, false),
            (WALL_EPOCH_MS / 1_000, false),
        ] {
            assert_eq!(filled(timestamp), fine, "{timestamp}");
        }
    }
}
