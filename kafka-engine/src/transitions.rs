//! How often the parts of an engine went into each of their states.

/// Makes the list of states.
macro_rules! states {
    ($($(#[$doc:meta])* $state:ident = $name:literal,)*) => {
        /// A state that a part of an engine goes into, or something that befalls it there.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum EngineState {
            $($(#[$doc])* $state,)*
        }

        impl EngineState {
            /// All of them, by part.
            pub const ALL: &[Self] = &[$(Self::$state,)*];

            /// The part and the state in words, such as `connection ready`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$state => $name,)*
                }
            }
        }
    };
}

states! {
    /// A connection's host is being looked up.
    ConnectionResolving = "connection resolving",
    /// It connects to an address.
    ConnectionConnecting = "connection connecting",
    /// It is up and asks which versions the broker speaks.
    ConnectionHandshaking = "connection handshaking",
    /// The broker refused the version of that question: it asks in an older one.
    ConnectionDowngrading = "connection downgrading",
    /// It takes requests.
    ConnectionReady = "connection ready",
    /// The broker asked for silence (KIP-219).
    ConnectionMuted = "connection muted",
    /// It was lost or could not be made, and is tried again later.
    ConnectionBackingOff = "connection backing off",
    /// It was closed because nobody needed it, here or there.
    ConnectionClosed = "connection closed",
    /// The cluster is being asked about.
    MetadataAsked = "metadata asked",
    /// All that was asked is known.
    MetadataFresh = "metadata fresh",
    /// Something is missing in the answer: it is asked again soon.
    MetadataUnsettled = "metadata unsettled",
    /// There was no answer, or nobody to ask: it is asked again soon.
    MetadataBackingOff = "metadata backing off",
    /// A broker named a partition's leader in an error (KIP-951).
    MetadataHinted = "metadata hinted",
    /// A producer asked for its producer id.
    ProducerIdAsked = "producer id asked",
    /// It has one.
    ProducerIdKnown = "producer id known",
    /// It was not given one, and asks again later.
    ProducerIdBackingOff = "producer id backing off",
    /// A producer can't go on: all that it has fails.
    ProducerFailed = "producer failed",
    /// It is being closed.
    ProducerClosing = "producer closing",
    /// It is closed, and has delivered what it could.
    ProducerClosed = "producer closed",
    /// A batch has come out of the accumulator.
    BatchStaged = "batch staged",
    /// It was sent.
    BatchInFlight = "batch in flight",
    /// It waits to be sent again.
    BatchRetrying = "batch retrying",
    /// Two halves took its place, for it was too large.
    BatchSplit = "batch split",
    /// Its outcome was told while it was on its way: its time was over, or its producer's.
    BatchOverdue = "batch overdue",
    /// A broker has appended it, or with acks=0 the socket has it.
    BatchAppended = "batch appended",
    /// It has failed.
    BatchFailed = "batch failed",
    /// All that was on its way when a batch of a partition failed has come back: it goes on in order.
    SequenceRecovered = "sequence recovered",
    /// It goes on under the next epoch.
    SequenceBumped = "sequence bumped",
    /// A partition of a consumer needs an offset to start at.
    PositionUnknown = "position unknown",
    /// A broker is asked for it.
    PositionAsked = "position asked",
    /// The partition has a position.
    PositionKnown = "position known",
    /// A broker found the position out of range: `auto.offset.reset` says where to go.
    PositionReset = "position reset",
    /// A leader is asked whether it has what was fetched (KIP-320).
    PositionValidating = "position validating",
    /// The log has lost what was fetched: the position goes back.
    PositionTruncated = "position truncated",
    /// A partition takes part in a fetch.
    FetchAsked = "fetch asked",
    /// Records came, and wait for a poll.
    FetchQueued = "fetch queued",
    /// The end of the partition was reached.
    FetchAtEnd = "fetch at end",
    /// A broken batch is fetched once more.
    FetchRepeated = "fetch repeated",
    /// A partition is asked for again later.
    FetchBackingOff = "fetch backing off",
    /// It is not asked for, for the application paused it.
    FetchPaused = "fetch paused",
    /// It can't go on until something changes.
    FetchFailed = "fetch failed",
    /// A leader is not asked, for there is no room for its answer.
    FetchShortOfRoom = "fetch short of room",
    /// A broker was told of all partitions, to begin a fetch session (KIP-227).
    SessionFull = "session full",
    /// It was told what changed.
    SessionIncremental = "session incremental",
    /// It has no such session.
    SessionLost = "session lost",
    /// A consumer was closed.
    ConsumerClosed = "consumer closed",
    /// An operation began: a topic to be found, something for the administrator.
    OperationBegun = "operation begun",
    /// It is tried again later.
    OperationRetrying = "operation retrying",
    /// It ended well.
    OperationDone = "operation done",
    /// It ended badly.
    OperationFailed = "operation failed",
    /// Its time was over.
    OperationOverdue = "operation overdue",
    /// All of the engine was closed.
    EngineClosed = "engine closed",
}

/// How often each state was gone into, from [`Engine::transitions`](crate::Engine::transitions).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transitions([u64; EngineState::ALL.len()]);

impl Default for Transitions {
    fn default() -> Self {
        Self([0; EngineState::ALL.len()])
    }
}

impl Transitions {
    /// How often a state was gone into.
    #[must_use]
    pub fn count(&self, state: EngineState) -> u64 {
        self.0.get(state as usize).copied().unwrap_or(0)
    }

    /// All states with how often they were gone into.
    pub fn iter(&self) -> impl Iterator<Item = (EngineState, u64)> + '_ {
        EngineState::ALL.iter().map(|state| (*state, self.count(*state)))
    }

    pub(crate) fn enter(&mut self, state: EngineState) {
        if let Some(count) = self.0.get_mut(state as usize) {
            *count = count.wrapping_add(1);
        }
    }
}
