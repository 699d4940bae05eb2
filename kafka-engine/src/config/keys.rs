//! Every key of Kafka's own clients (release 4.4), and where it belongs here.
//!
//! A key is built, not built yet, or has no place in this client; the last two come with a reason, and with the values
//! that ask for nothing but what the client does anyway, so that a file which spells them out is not refused.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::RangeInclusive;

/// A key of Kafka's, or of librdkafka's where Kafka has none.
#[derive(Clone, Debug)]
pub struct Key {
    name: &'static str,
    place: Place,
    min: i64,
    max: i64,
    minus_one: bool,
    accepts: &'static [&'static str],
}

/// Where a key belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// These types have it.
    Built(&'static [Home]),
    /// It is not built yet: what is lacking.
    NotBuilt(&'static str),
    /// It has no place in this client: why.
    NotApplicable(&'static str),
}

/// A type that has settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// [`Config`](super::Config)
    Client,
    /// [`ProducerConfig`](super::ProducerConfig)
    Producer,
    /// [`ConsumerConfig`](super::ConsumerConfig)
    Consumer,
}

impl Home {
    /// The name of the type.
    pub fn type_name(self) -> &'static str {
        match self {
            Self::Client => "Config",
            Self::Producer => "ProducerConfig",
            Self::Consumer => "ConsumerConfig",
        }
    }
}

impl Key {
    /// Its name, such as `linger.ms`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Where it belongs.
    pub fn place(&self) -> Place {
        self.place
    }

    /// The values that are taken although the key is not built or has no place, in lower case: those that ask for
    /// what the client does anyway.
    pub fn accepts(&self) -> &'static [&'static str] {
        self.accepts
    }

    /// The numbers that a number may be; everything for a key that is none.
    pub fn range(&self) -> RangeInclusive<i64> {
        self.min..=self.max
    }

    /// Whether -1 is allowed beside the range, for "none" or "the default".
    pub fn is_minus_one_special(&self) -> bool {
        self.minus_one
    }

    /// The range in words.
    pub fn range_text(&self) -> String {
        let or = if self.minus_one { ", or -1" } else { "" };
        match self.max {
            LONG => format!("{} or more{or}", self.min),
            _ => format!("{} to {}{or}", self.min, self.max),
        }
    }

    const fn new(name: &'static str, place: Place) -> Self {
        Self { name, place, min: i64::MIN, max: i64::MAX, minus_one: false, accepts: &[] }
    }

    const fn within(mut self, min: i64, max: i64) -> Self {
        self.min = min;
        self.max = max;
        self
    }

    const fn or_minus_one(mut self) -> Self {
        self.minus_one = true;
        self
    }

    const fn accepting(mut self, values: &'static [&'static str]) -> Self {
        self.accepts = values;
        self
    }
}

/// The key of that name.
pub fn find(name: &str) -> Option<&'static Key> {
    let at = KEYS.binary_search_by_key(&name, |key| key.name).ok()?;
    KEYS.get(at)
}

/// The key that was probably meant, if one is near.
pub fn nearest(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase().replace(['_', '-'], ".");
    let distances = KEYS.iter().map(|key| (distance(&name, key.name), key.name));
    let (distance, nearest) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance <= name.len().min(nearest.len()) / 4).then_some(nearest)
}

/// How many characters must be put in, taken out or changed to get from one text to the other (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    let from = from.as_bytes();
    let from = from.get(..NAME_MAX).unwrap_or(from);
    let mut row: Vec<usize> = (0..=from.len()).collect();
    for (i, wanted) in to.bytes().enumerate() {
        let mut diagonal = i;
        let mut left = i.saturating_add(1);
        for (cell, &found) in row.iter_mut().skip(1).zip(from) {
            let changed = diagonal.saturating_add(usize::from(wanted != found));
            diagonal = *cell;
            left = changed.min(left.min(diagonal).saturating_add(1));
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i.saturating_add(1);
        }
    }
    row.last().copied().unwrap_or(usize::MAX)
}

/// No key is longer, in bytes; of a longer name no more is compared.
const NAME_MAX: usize = 64;

const INT: i64 = i32::MAX as i64;
const LONG: i64 = i64::MAX;

const CLIENT: &[Home] = &[Home::Client];
const PRODUCER: &[Home] = &[Home::Producer];
const CONSUMER: &[Home] = &[Home::Consumer];
const CLIENT_AND_PRODUCER: &[Home] = &[Home::Client, Home::Producer];
const PRODUCER_AND_CONSUMER: &[Home] = &[Home::Producer, Home::Consumer];

const ADAPTIVE: &str = "choosing partitions by the load of their brokers";
const AT_ONCE: &str = "bootstrap servers are asked as soon as no known broker can be reached";
const CANONICAL: &str = "resolving bootstrap servers to canonical names";
const CONTROLLERS: &str = "talking to controllers directly";
const GROUPS: &str = "consumer groups; assign partitions instead";
const IGNORE_KEYS: &str = "a partitioner that ignores keys";
const INTERCEPTORS: &str = "interceptors";
const INTERNAL: &str = "it is internal to the Java client";
const JVM: &str = "it names a class or provider of the Java runtime";
const KINIT: &str = "tickets come from the system's cache, which the system renews";
const LZ4: &str = "levels of lz4, which is always at its fastest";
const METRICS: &str = "metrics";
const NO_RECOVERY: &str = "never asking the bootstrap servers again";
const PARTITIONERS: &str = "a partitioner is a value in code, not the name of a class";
const PATTERNS: &str = "subscribing to topics by pattern";
const PROVIDERS: &str =
    "values are never taken from files or the environment behind the application's back";
const RACKS: &str = "rack awareness";
const REPORTERS: &str = "it names classes of the Java runtime";
const RESOLVE: &str = "a limit of its own for resolving bootstrap servers";
const SASL: &str = "SASL authentication";
const SECURITY: &str = "TLS and SASL; only PLAINTEXT is";
const SEGMENTS: &str = "memory is always taken in small segments, as a batch grows";
const SERIALIZERS: &str = "keys and values are bytes; what they mean is the application's";
const SHARE: &str = "share groups";
const TELEMETRY: &str = "pushing client metrics to brokers (KIP-714)";
const TLS: &str = "TLS";
const TRANSACTIONS: &str = "transactions";

const fn built(name: &'static str, homes: &'static [Home]) -> Key {
    Key::new(name, Place::Built(homes))
}

const fn not_built(name: &'static str, lacking: &'static str) -> Key {
    Key::new(name, Place::NotBuilt(lacking))
}

const fn not_applicable(name: &'static str, reason: &'static str) -> Key {
    Key::new(name, Place::NotApplicable(reason))
}

/// Every key, by name.
pub static KEYS: &[Key] = &[
    built("acks", PRODUCER),
    built("allow.auto.create.topics", PRODUCER_AND_CONSUMER),
    not_built("auto.commit.interval.ms", GROUPS),
    built("auto.offset.reset", CONSUMER),
    built("batch.size", PRODUCER).within(0, INT),
    not_built("bootstrap.controllers", CONTROLLERS).accepting(&[""]),
    not_built("bootstrap.resolve.timeout.ms", RESOLVE).accepting(&["0"]),
    built("bootstrap.servers", CLIENT),
    built("buffer.memory", PRODUCER).within(0, LONG),
    not_applicable("buffer.memory.allocation.strategy", SEGMENTS).accepting(&["incremental"]),
    built("check.crcs", CONSUMER),
    not_built("client.dns.lookup", CANONICAL).accepting(&["use_all_dns_ips"]),
    built("client.id", CLIENT),
    not_built("client.rack", RACKS).accepting(&[""]),
    built("compression.gzip.level", PRODUCER).within(1, 9).or_minus_one(),
    not_built("compression.lz4.level", LZ4).accepting(&["9"]),
    built("compression.type", PRODUCER),
    built("compression.zstd.level", PRODUCER).within(-131072, 22),
    not_applicable("config.providers", PROVIDERS).accepting(&[""]),
    built("connections.max.idle.ms", CLIENT).within(0, LONG).or_minus_one(),
    built("default.api.timeout.ms", CLIENT).within(0, INT),
    built("delivery.timeout.ms", PRODUCER).within(0, INT),
    not_built("enable.auto.commit", GROUPS).accepting(&["false"]),
    built("enable.idempotence", PRODUCER),
    not_built("enable.metrics.push", TELEMETRY).accepting(&["false"]),
    built("enable.partition.eof", CONSUMER),
    not_built("exclude.internal.topics", PATTERNS),
    built("fetch.max.bytes", CONSUMER).within(0, INT),
    built("fetch.max.wait.ms", CONSUMER).within(0, INT),
    built("fetch.min.bytes", CONSUMER).within(0, INT),
    not_built("group.id", GROUPS).accepting(&[""]),
    not_built("group.instance.id", GROUPS).accepting(&[""]),
    not_built("group.protocol", GROUPS),
    not_built("group.remote.assignor", GROUPS),
    not_built("heartbeat.interval.ms", GROUPS),
    not_built("interceptor.classes", INTERCEPTORS).accepting(&[""]),
    not_applicable("internal.throw.on.fetch.stable.offset.unsupported", INTERNAL),
    built("isolation.level", CONSUMER),
    not_applicable("key.deserializer", SERIALIZERS),
    not_applicable("key.serializer", SERIALIZERS),
    built("linger.ms", PRODUCER).within(0, LONG),
    built("max.block.ms", PRODUCER).within(0, LONG),
    built("max.in.flight.requests.per.connection", PRODUCER).within(1, INT),
    built("max.partition.fetch.bytes", CONSUMER).within(0, INT),
    not_built("max.poll.interval.ms", GROUPS),
    built("max.poll.records", CONSUMER).within(1, INT),
    built("max.request.size", PRODUCER).within(0, INT),
    built("metadata.cluster.check.enable", CLIENT),
    built("metadata.max.age.ms", CLIENT).within(0, LONG),
    built("metadata.max.idle.ms", CLIENT).within(5000, LONG),
    not_applicable("metadata.recovery.rebootstrap.trigger.ms", AT_ONCE).accepting(&["300000"]),
    not_built("metadata.recovery.strategy", NO_RECOVERY).accepting(&["rebootstrap"]),
    not_applicable("metric.reporters", REPORTERS).accepting(&[""]),
    not_built("metrics.num.samples", METRICS),
    not_built("metrics.recording.level", METRICS),
    not_built("metrics.sample.window.ms", METRICS),
    not_built("partition.assignment.strategy", GROUPS),
    not_built("partitioner.adaptive.partitioning.enable", ADAPTIVE).accepting(&["false"]),
    not_built("partitioner.availability.timeout.ms", ADAPTIVE).accepting(&["0"]),
    not_applicable("partitioner.class", PARTITIONERS).accepting(&[""]),
    not_built("partitioner.ignore.keys", IGNORE_KEYS).accepting(&["false"]),
    not_built("partitioner.rack.aware", RACKS).accepting(&["false"]),
    built("receive.buffer.bytes", CLIENT).within(0, INT).or_minus_one(),
    built("reconnect.backoff.max.ms", CLIENT).within(0, LONG),
    built("reconnect.backoff.ms", CLIENT).within(0, LONG),
    built("request.timeout.ms", CLIENT).within(0, INT),
    built("retries", PRODUCER).within(0, INT),
    built("retry.backoff.max.ms", CLIENT_AND_PRODUCER).within(0, LONG),
    built("retry.backoff.ms", CLIENT_AND_PRODUCER).within(0, LONG),
    not_applicable("sasl.client.callback.handler.class", JVM),
    not_built("sasl.jaas.config", SASL),
    not_applicable("sasl.kerberos.kinit.cmd", KINIT),
    not_applicable("sasl.kerberos.min.time.before.relogin", KINIT),
    not_built("sasl.kerberos.service.name", SASL),
    not_applicable("sasl.kerberos.ticket.renew.jitter", KINIT),
    not_applicable("sasl.kerberos.ticket.renew.window.factor", KINIT),
    not_applicable("sasl.login.callback.handler.class", JVM),
    not_applicable("sasl.login.class", JVM),
    not_built("sasl.login.connect.timeout.ms", SASL),
    not_built("sasl.login.read.timeout.ms", SASL),
    not_built("sasl.login.refresh.buffer.seconds", SASL),
    not_built("sasl.login.refresh.min.period.seconds", SASL),
    not_built("sasl.login.refresh.window.factor", SASL),
    not_built("sasl.login.refresh.window.jitter", SASL),
    not_built("sasl.login.retry.backoff.max.ms", SASL),
    not_built("sasl.login.retry.backoff.ms", SASL),
    not_built("sasl.mechanism", SASL),
    not_built("sasl.oauthbearer.allow.unverified.audience", SASL),
    not_built("sasl.oauthbearer.allow.unverified.issuer", SASL),
    not_built("sasl.oauthbearer.assertion.algorithm", SASL),
    not_built("sasl.oauthbearer.assertion.claim.aud", SASL),
    not_built("sasl.oauthbearer.assertion.claim.exp.seconds", SASL),
    not_built("sasl.oauthbearer.assertion.claim.iss", SASL),
    not_built("sasl.oauthbearer.assertion.claim.jti.include", SASL),
    not_built("sasl.oauthbearer.assertion.claim.nbf.seconds", SASL),
    not_built("sasl.oauthbearer.assertion.claim.sub", SASL),
    not_built("sasl.oauthbearer.assertion.file", SASL),
    not_built("sasl.oauthbearer.assertion.private.key.file", SASL),
    not_built("sasl.oauthbearer.assertion.private.key.passphrase", SASL),
    not_built("sasl.oauthbearer.assertion.template.file", SASL),
    not_built("sasl.oauthbearer.client.credentials.client.id", SASL),
    not_built("sasl.oauthbearer.client.credentials.client.secret", SASL),
    not_built("sasl.oauthbearer.clock.skew.seconds", SASL),
    not_built("sasl.oauthbearer.expected.audience", SASL),
    not_built("sasl.oauthbearer.expected.issuer", SASL),
    not_built("sasl.oauthbearer.header.urlencode", SASL),
    not_built("sasl.oauthbearer.jwks.endpoint.refresh.ms", SASL),
    not_built("sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms", SASL),
    not_built("sasl.oauthbearer.jwks.endpoint.retry.backoff.ms", SASL),
    not_built("sasl.oauthbearer.jwks.endpoint.url", SASL),
    not_applicable("sasl.oauthbearer.jwt.retriever.class", JVM),
    not_applicable("sasl.oauthbearer.jwt.validator.class", JVM),
    not_built("sasl.oauthbearer.scope", SASL),
    not_built("sasl.oauthbearer.scope.claim.name", SASL),
    not_built("sasl.oauthbearer.sub.claim.name", SASL),
    not_built("sasl.oauthbearer.token.endpoint.url", SASL),
    not_built("security.protocol", SECURITY).accepting(&["plaintext"]),
    not_applicable("security.providers", JVM),
    built("send.buffer.bytes", CLIENT).within(0, INT).or_minus_one(),
    not_built("session.timeout.ms", GROUPS),
    not_built("share.acknowledgement.mode", SHARE),
    not_built("share.acquire.mode", SHARE),
    built("socket.connection.setup.timeout.max.ms", CLIENT).within(1, LONG),
    built("socket.connection.setup.timeout.ms", CLIENT).within(1, LONG),
    not_built("ssl.cipher.suites", TLS),
    not_built("ssl.enabled.protocols", TLS),
    not_built("ssl.endpoint.identification.algorithm", TLS),
    not_applicable("ssl.engine.factory.class", JVM),
    not_built("ssl.key.password", TLS),
    not_applicable("ssl.keymanager.algorithm", JVM),
    not_built("ssl.keystore.certificate.chain", TLS),
    not_built("ssl.keystore.key", TLS),
    not_built("ssl.keystore.location", TLS),
    not_built("ssl.keystore.password", TLS),
    not_built("ssl.keystore.type", TLS),
    not_built("ssl.protocol", TLS),
    not_applicable("ssl.provider", JVM),
    not_applicable("ssl.secure.random.implementation", JVM),
    not_applicable("ssl.trustmanager.algorithm", JVM),
    not_built("ssl.truststore.certificates", TLS),
    not_built("ssl.truststore.location", TLS),
    not_built("ssl.truststore.password", TLS),
    not_built("ssl.truststore.type", TLS),
    not_built("transaction.timeout.ms", TRANSACTIONS),
    not_built("transaction.two.phase.commit.enable", TRANSACTIONS).accepting(&["false"]),
    not_built("transactional.id", TRANSACTIONS).accepting(&[""]),
    not_applicable("value.deserializer", SERIALIZERS),
    not_applicable("value.serializer", SERIALIZERS),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_of_a_long_name_is_compared_than_a_key_is_long() {
        for name in ["x".repeat(1000), format!("x{}", "é".repeat(1000))] {
            assert_eq!(distance(&name, ""), NAME_MAX);
        }
    }
}
