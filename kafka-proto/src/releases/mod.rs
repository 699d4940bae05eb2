//! Which release of Kafka speaks which versions of which APIs, from 0.8.0 to 4.4.
//!
//! A broker from 0.10.0 on says what it speaks when it is asked with ApiVersions, and [`infer`] tells from that answer
//! which release it is. Older brokers close the connection instead; what they speak is in the same table, under a name
//! that somebody has to know: [`release`].
//!
//! ```
//! use kafka_proto::{ApiKey, VersionRange, releases::{self, Certainty}};
//!
//! let old = releases::release("0.8.2").ok_or("unknown")?;
//! assert!(!old.answers_api_versions());
//! assert_eq!(old.range(ApiKey::OffsetCommit), VersionRange::new(0, 1));
//!
//! let answer: Vec<_> = releases::release("3.9").ok_or("unknown")?.ranges().map(|(api, range)| (api.to_i16(), range)).collect();
//! let inferred = releases::infer(&answer).ok_or("nothing known in it")?;
//! assert_eq!((inferred.release.name, inferred.certainty), ("3.9", Certainty::Exact));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod infer;
mod table;
#[cfg(test)]
mod tests;

use core::fmt;

pub use self::{
    infer::{Certainty, Inferred, infer},
    table::{NEWEST, RELEASES},
};
use crate::api::{ApiKey, VersionRange};

/// One feature release, with the versions that its brokers speak. Bug-fix releases speak what theirs speaks.
#[derive(Clone, PartialEq, Eq)]
pub struct Release {
    /// Kafka's name of it: `2.8`, and with a third number in the 0.x that had feature releases there, such as `0.10.1`.
    pub name: &'static str,
    /// The name as numbers, for comparisons; the third is zero where the name has none.
    pub version: (u8, u8, u8),
    ranges: Ranges,
}

impl Release {
    /// The versions of an API that its brokers advertise; empty where they don't speak it.
    ///
    /// This is what clients are told, with one oddity: 4.x advertises Produce from 0 on, because an old librdkafka gives
    /// up otherwise (KAFKA-18659), and refuses 0 to 2.
    ///
    /// Brokers before 4.0 are those with ZooKeeper. In KRaft mode they speak the same versions of fewer APIs: they leave
    /// out what goes between controllers and brokers, and up to 3.4 SCRAM credentials and delegation tokens. They have
    /// in addition DescribeQuorum and UnregisterBroker, ListConfigResources since 3.7 and DescribeTopicPartitions since
    /// 3.8, which are empty here until 4.0.
    #[must_use]
    pub fn range(&self, api: ApiKey) -> VersionRange {
        self.ranges.get(api.to_i16())
    }

    /// The APIs that its brokers speak, by ascending key.
    pub fn ranges(&self) -> impl Iterator<Item = (ApiKey, VersionRange)> + '_ {
        let all = ApiKey::ALL.iter().map(|api| (*api, self.range(*api)));
        all.filter(|(_, range)| !range.is_empty())
    }

    /// Whether a broker of this release answers ApiVersions. Before 0.10.0 it closes the connection.
    #[must_use]
    pub fn answers_api_versions(&self) -> bool {
        !self.range(ApiKey::ApiVersions).is_empty()
    }
}

impl fmt::Debug for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Release").field(&self.name).finish()
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name)
    }
}

/// The release that a version names: `2.8`, `2.8.2` and `0.10.1.1` are 2.8, 2.8 and 0.10.1.
///
/// A name that says less than it could stands for the oldest release that it fits, so that nothing is promised which
/// might not be there: `0.10` is 0.10.0. Releases that this crate doesn't know have no entry, newer ones neither.
#[must_use]
pub fn release(name: &str) -> Option<&'static Release> {
    let mut asked = [None; 4];
    let mut parts = name.split('.');
    for (slot, part) in asked.iter_mut().zip(&mut parts) {
        if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *slot = Some(part.parse::<u8>().ok()?);
    }
    let [Some(first), second, third, fourth] = asked else { return None };
    // From 1.0 on, the third number is the bug-fix release and there is no fourth.
    let (third, too_many) = if first == 0 { (third, None) } else { (None, fourth) };
    if parts.next().is_some() || too_many.is_some() {
        return None;
    }
    RELEASES.iter().find(|release| {
        let (major, minor, feature) = release.version;
        major == first && second.is_none_or(|n| n == minor) && third.is_none_or(|n| n == feature)
    })
}

/// How many APIs there are. Their keys are 0 to one less.
const APIS: usize = ApiKey::ALL.len();

/// A range for each API, by key.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Ranges([VersionRange; APIS]);

impl Ranges {
    const NONE: Self = Self([VersionRange::EMPTY; APIS]);

    /// The same with one range replaced; a key that no API has changes nothing.
    const fn with(mut self, key: i16, range: VersionRange) -> Self {
        if let Some((_, [slot, ..])) = self.0.split_at_mut_checked(key as usize) {
            *slot = range;
        }
        self
    }

    fn get(&self, key: i16) -> VersionRange {
        let slot = usize::try_from(key).ok().and_then(|key| self.0.get(key));
        slot.copied().unwrap_or(VersionRange::EMPTY)
    }
}
