//! From an answer to ApiVersions to the release behind it.
//!
//! No field of the answer names the release, and the list is not always Kafka's: brokers in KRaft mode leave out APIs,
//! proxies hide some, vendors add their own or offer a selection of old and new. So only what both sides have is compared,
//! and only its newest versions: those have never gone down from one release to the next, while the oldest go up at will
//! and 4.x even advertises versions that it refuses.

use core::fmt;

use super::{APIS, RELEASES, Ranges, Release};
use crate::api::{ApiKey, VersionRange};

/// Keys from here on are vendors' own and say nothing about the release: AutoMQ's start at 501, Confluent's at 10,000.
/// Kafka has not used up its first hundred.
const VENDORS_KEYS: i16 = 500;

/// What an answer to ApiVersions tells about the broker.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inferred {
    /// The newest release whose newest versions the answer covers, in each API that both have. Of the oldest versions
    /// it says nothing: those are in the answer itself.
    pub release: &'static Release,
    /// How sure that is.
    pub certainty: Certainty,
}

/// How well an answer fits the release that was inferred from it.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// It is that release's answer, each range of it. Only Produce's oldest version may differ.
    Exact,
    /// The newest versions are that release's, but some APIs are missing or added, or some oldest versions differ: a
    /// broker in KRaft mode before 4.0, a controller, a proxy, or one that speaks Kafka's protocol.
    Alike {
        /// The newest release that could answer so as well; what would tell it from the other is missing.
        newest: &'static Release,
    },
    /// Some APIs are newer than that release's, and none is newer than the next release's: a build from between the two.
    Between {
        /// The release that came next.
        next: &'static Release,
    },
    /// It covers the newest release that this crate knows, and goes beyond it.
    Newer,
    /// Some APIs are newer than even the next release's. No release of Kafka answers so: a broker that speaks Kafka's
    /// protocol, or a proxy that holds some APIs back.
    Mixed,
}

/// `3.9`, `like 3.9`, `like 3.5 to 3.6`, `after 3.9, before 4.0`, `newer than 4.4`, `at least 2.6`.
impl fmt::Display for Inferred {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let release = self.release;
        match &self.certainty {
            Certainty::Exact => write!(f, "{release}"),
            Certainty::Alike { newest } if *newest == release => write!(f, "like {release}"),
            Certainty::Alike { newest } => write!(f, "like {release} to {newest}"),
            Certainty::Between { next } => write!(f, "after {release}, before {next}"),
            Certainty::Newer => write!(f, "newer than {release}"),
            Certainty::Mixed => write!(f, "at least {release}"),
        }
    }
}

/// Infers a broker's release from its answer to ApiVersions: keys and their ranges, in any order.
///
/// Entries with an empty range and negative keys say nothing; of a key that appears twice, what both entries allow counts.
/// `None` if the answer covers no release at all, which a broker of Kafka's never answers.
#[must_use]
pub fn infer(answer: &[(i16, VersionRange)]) -> Option<Inferred> {
    let answer = Answer::read(answer);
    let mut newer_first = RELEASES.iter().rev().filter(|release| release.answers_api_versions());
    let newest = newer_first.find(|release| answer.covers(release))?;
    let found = before_unwitnessed(&answer, newest)?;
    Some(Inferred { release: found, certainty: answer.certainty(found, newest) })
}

/// The release itself, or the nearest older one that differs from it in something that the answer shows.
fn before_unwitnessed(answer: &Answer, newest: &'static Release) -> Option<&'static Release> {
    let mut found = newest;
    while let Some(older) = neighbour(found, -1).filter(|older| older.answers_api_versions()) {
        if answer.shows_a_step(older, found) {
            break;
        }
        found = older;
    }
    // An answer without a single API of Kafka's covers everything, and shows nothing.
    answer.shows_any(found).then_some(found)
}

/// The release so many places away.
fn neighbour(of: &Release, away: isize) -> Option<&'static Release> {
    let at = RELEASES.iter().position(|release| release.version == of.version)?;
    RELEASES.get(at.checked_add_signed(away)?)
}

/// An answer, put in order.
struct Answer {
    ranges: Ranges,
    /// Whether there are keys that Kafka may have given to APIs since this crate was written.
    has_unknown: bool,
    /// Whether there are keys that no release knows at all.
    has_foreign: bool,
}

impl Answer {
    fn read(entries: &[(i16, VersionRange)]) -> Self {
        let mut answer = Self { ranges: Ranges::NONE, has_unknown: false, has_foreign: false };
        let mut seen = [false; APIS];
        for (key, range) in entries {
            let Some(index) = usize::try_from(*key).ok() else { continue };
            match seen.get_mut(index) {
                Some(seen) => {
                    let both =
                        if *seen { answer.ranges.get(*key).intersect(*range) } else { *range };
                    *seen = true;
                    let both = if both.is_empty() { VersionRange::EMPTY } else { both };
                    answer.ranges = answer.ranges.with(*key, both);
                }
                None if range.is_empty() => {}
                None if *key < VENDORS_KEYS => answer.has_unknown = true,
                None => answer.has_foreign = true,
            }
        }
        answer
    }

    /// The newest versions of an API in the answer and in the release, if both have it.
    fn both(&self, release: &Release, api: ApiKey) -> Option<(i16, i16)> {
        let (shown, spoken) = (self.ranges.get(api.to_i16()), release.range(api));
        (!shown.is_empty() && !spoken.is_empty()).then_some((shown.max, spoken.max))
    }

    fn all_both(&self, release: &Release) -> impl Iterator<Item = (i16, i16)> {
        ApiKey::ALL.iter().filter_map(|api| self.both(release, *api))
    }

    fn covers(&self, release: &Release) -> bool {
        self.all_both(release).all(|(shown, spoken)| spoken <= shown)
    }

    fn shows_any(&self, release: &Release) -> bool {
        self.all_both(release).next().is_some()
    }

    /// Whether something that the answer shows came with `newer` and was not there in `older`.
    fn shows_a_step(&self, older: &Release, newer: &Release) -> bool {
        ApiKey::ALL.iter().any(|api| {
            self.both(newer, *api).is_some_and(|(_, spoken)| older.range(*api).max < spoken)
        })
    }

    fn exceeds(&self, release: &Release) -> bool {
        self.all_both(release).any(|(shown, spoken)| spoken < shown)
    }

    fn is_exactly(&self, release: &Release) -> bool {
        let same = |api: &ApiKey| {
            let (mut shown, spoken) = (self.ranges.get(api.to_i16()), release.range(*api));
            if *api == ApiKey::Produce && !shown.is_empty() {
                shown.min = spoken.min;
            }
            shown == spoken
        };
        !self.has_unknown && !self.has_foreign && ApiKey::ALL.iter().all(same)
    }

    fn certainty(&self, found: &'static Release, newest: &'static Release) -> Certainty {
        if self.is_exactly(found) {
            return Certainty::Exact;
        }
        let next = neighbour(newest, 1);
        if !self.exceeds(newest) {
            return match next {
                None if self.has_unknown => Certainty::Newer,
                _ => Certainty::Alike { newest },
            };
        }
        match next {
            None => Certainty::Newer,
            Some(next) if !self.exceeds(next) => Certainty::Between { next },
            Some(_) => Certainty::Mixed,
        }
    }
}
