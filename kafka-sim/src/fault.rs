//! Scripted faults: what a test wants to go wrong with the next requests of an API.

use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kafka_proto::{ApiKey, ErrorCode, Str};

/// Which partitions of a request a fault is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct At {
    /// The topic's name; `None` for any.
    pub topic: Option<Str>,
    /// The partition's index; `None` for any.
    pub partition: Option<i32>,
}

impl At {
    /// Every partition of the request.
    pub fn any() -> Self {
        Self::default()
    }

    /// Every partition of one topic.
    pub fn topic(name: &str) -> Self {
        Self { topic: Some(name.into()), partition: None }
    }

    /// One partition.
    pub fn partition(name: &str, partition: i32) -> Self {
        Self { topic: Some(name.into()), partition: Some(partition) }
    }

    pub(crate) fn matches(&self, topic: &str, partition: i32) -> bool {
        self.matches_topic(topic) && self.partition.is_none_or(|wanted| wanted == partition)
    }

    pub(crate) fn matches_topic(&self, topic: &str) -> bool {
        self.topic.as_deref().is_none_or(|wanted| wanted == topic)
    }
}

/// One thing that goes wrong. A fault about partitions waits for a request that names one of them;
/// it takes all that match.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The partitions (topics, for an API without partitions) are answered with an error and
    /// nothing is done for them.
    Refuse {
        /// Which.
        at: At,
        /// The error.
        code: ErrorCode,
    },
    /// The request is done, and then the partitions are answered with an error; of a Fetch all, if the code is about its
    /// session. In a Produce those that were refused are not done, and stay as they are.
    FailAfter {
        /// Which.
        at: At,
        /// The error.
        code: ErrorCode,
    },
    /// The request is done, and the partitions are missing from the response.
    Omit {
        /// Which.
        at: At,
    },
    /// The request is done, and the partitions are in the response twice.
    Duplicate {
        /// Which.
        at: At,
    },
    /// The request is done, and in the answer one bit of the first batch of each of the partitions is another one, so that
    /// its checksum is wrong. Only a Fetch brings batches, and the fault waits for one that does.
    Corrupt {
        /// Which.
        at: At,
        /// The bit, counted from the first that the checksum covers to the batch's last, and from there anew.
        bit: u32,
    },
    /// Metadata says that the topic has no partitions, without an error.
    ZeroPartitions {
        /// Which topic; `None` for any.
        topic: Option<Str>,
    },
    /// Metadata says that the partitions have no leader: -1, epoch -1, LEADER_NOT_AVAILABLE.
    Leaderless {
        /// Which.
        at: At,
    },
    /// Metadata names the leaders of the partitions before those that the node knows, with their epochs, as a node would
    /// that has heard of less. The fault waits for an answer with a partition that has had another leader.
    EpochBack {
        /// Which.
        at: At,
    },
    /// The connection is closed and the request not done.
    CloseBefore,
    /// The request is done and the connection closed instead of an answer.
    CloseAfter,
    /// The request is done and never answered; later requests of the connection are.
    Swallow,
    /// The request is done and the answer held back this long, and with it the connection's later
    /// requests.
    Delay(Duration),
    /// The client is told to be silent for so long, and nothing that it sends on the connection
    /// meanwhile is looked at (KIP-219).
    Throttle(Duration),
    /// The answer has the right length and correlation id, and noise for a body.
    Garbage,
    /// The answer carries another correlation id.
    WrongCorrelationId,
    /// The answer is sent twice.
    RepeatResponse,
    /// The answer's length prefix says 2 GiB - 1.
    HugeLength,
}

impl Fault {
    /// Whether the fault is about a whole response, so that it meets any request of its API.
    fn is_of_frame(&self) -> bool {
        !matches!(
            self,
            Self::Refuse { .. }
                | Self::FailAfter { .. }
                | Self::Omit { .. }
                | Self::Duplicate { .. }
                | Self::Corrupt { .. }
                | Self::ZeroPartitions { .. }
                | Self::Leaderless { .. }
                | Self::EpochBack { .. }
        )
    }
}

/// Whether anything has met a fault by now.
#[derive(Clone, Debug, Default)]
pub(crate) struct Met(Arc<AtomicBool>);

impl Met {
    pub(crate) fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The faults still to come, by API key, in the order given.
#[derive(Clone, Debug, Default)]
pub(crate) struct Script {
    faults: BTreeMap<i16, Vec<Scripted>>,
}

#[derive(Clone, Debug)]
struct Scripted {
    fault: Fault,
    /// Requests that are still to meet it; `u32::MAX`: all.
    times: u32,
    /// Met by the request in progress.
    met: bool,
    /// Met by any.
    ever: Met,
}

impl Script {
    pub(crate) fn add(&mut self, api: ApiKey, fault: Fault, times: u32) -> Met {
        let ever = Met::default();
        if times > 0 {
            let scripted = Scripted { fault, times, met: false, ever: ever.clone() };
            self.faults.entry(api as i16).or_default().push(scripted);
        }
        ever
    }

    pub(crate) fn remove(&mut self, api: ApiKey, fault: &Fault) {
        if let Some(of_api) = self.faults.get_mut(&(api as i16)) {
            of_api.retain(|scripted| scripted.fault != *fault);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.faults.clear();
    }

    /// Requests that will still meet a fault.
    pub(crate) fn pending(&self) -> usize {
        self.faults.values().flatten().map(|scripted| scripted.times as usize).sum()
    }

    /// The faults to come, and how many requests are still to meet each.
    pub(crate) fn unmet(&self) -> impl Iterator<Item = (ApiKey, &Fault, u32)> {
        let all =
            self.faults.iter().flat_map(|(key, of_api)| of_api.iter().map(move |one| (key, one)));
        all.filter_map(|(key, one)| Some((ApiKey::from_i16(*key)?, &one.fault, one.times)))
    }

    /// The next fault of a whole response, for the request that begins.
    pub(crate) fn take_frame(&mut self, key: i16) -> Option<Fault> {
        let of_api = self.faults.get_mut(&key)?;
        let scripted = of_api.iter_mut().find(|scripted| scripted.fault.is_of_frame())?;
        scripted.met = true;
        Some(scripted.fault.clone())
    }

    /// The error with which a partition is to be refused.
    pub(crate) fn refusal(
        &mut self,
        api: ApiKey,
        topic: &str,
        partition: i32,
    ) -> Option<ErrorCode> {
        self.refusal_where(api, |at| at.matches(topic, partition))
    }

    /// The error with which a topic is to be refused, by an API that doesn't go into partitions.
    pub(crate) fn refusal_of_topic(&mut self, api: ApiKey, topic: &str) -> Option<ErrorCode> {
        self.refusal_where(api, |at| at.matches_topic(topic))
    }

    fn refusal_where(&mut self, api: ApiKey, matches: impl Fn(&At) -> bool) -> Option<ErrorCode> {
        let of_api = self.faults.get_mut(&(api as i16))?;
        of_api.iter_mut().find_map(|scripted| match &scripted.fault {
            Fault::Refuse { at, code } if matches(at) => {
                scripted.met = true;
                Some(*code)
            }
            _ => None,
        })
    }

    /// Lets every fault of a response's inside loose on it; `apply` tells whether the fault found
    /// its place.
    pub(crate) fn tamper(&mut self, api: ApiKey, mut apply: impl FnMut(&Fault) -> bool) {
        for scripted in self.faults.get_mut(&(api as i16)).into_iter().flatten() {
            let about_inside =
                !scripted.fault.is_of_frame() && !matches!(scripted.fault, Fault::Refuse { .. });
            if about_inside && apply(&scripted.fault) {
                scripted.met = true;
            }
        }
    }

    /// The request is over: what it met has happened once more. Gives whether that was a fault of a response's inside.
    pub(crate) fn settle(&mut self, key: i16) -> bool {
        let Some(of_api) = self.faults.get_mut(&key) else {
            return false;
        };
        let mut inside = false;
        for scripted in of_api.iter_mut().filter(|scripted| scripted.met) {
            if scripted.times < u32::MAX {
                scripted.times = scripted.times.saturating_sub(1);
            }
            scripted.met = false;
            scripted.ever.set();
            inside |= !scripted.fault.is_of_frame();
        }
        of_api.retain(|scripted| scripted.times > 0);
        inside
    }
}
