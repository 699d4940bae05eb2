//! Settings, typed, with Kafka's names, defaults and ranges.
/// A producer's settings.
#[derive(Clone, Debug, PartialEq)]
pub struct ProducerConfig {}
/// A consumer's settings.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerConfig {}
