//! What all commands that talk to a cluster have in common: where it is, settings, and the first question to it.

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use kafka_tokio::{
    Admin, Config, ConfigError, ConsumerConfig, Error, ErrorCode, ErrorKind, ProducerConfig, Topic,
};

use crate::failure::Failure;

/// How long the first question to the cluster may take, unless `default.api.timeout.ms` was set: a person waits.
const FIRST_CONTACT: Duration = Duration::from_secs(5);

/// The key of the setting that may be set to wait longer.
const API_TIMEOUT: &str = "default.api.timeout.ms";

/// The cluster, and settings of the client.
#[derive(Clone, Debug, Args)]
pub(crate) struct Connect {
    /// Brokers to ask first, host:port behind commas.
    #[arg(short = 'b', long, value_name = "HOST:PORT,...")]
    pub(crate) brokers: String,

    /// Any setting of Kafka's clients, such as linger.ms=20; may be given many times.
    #[arg(short = 'X', long = "set", value_name = "KEY=VALUE", value_parser = parse_pair)]
    pub(crate) settings: Vec<(String, String)>,
}

/// A type that takes settings by Kafka's keys.
pub(crate) trait Configurable {
    fn set_key(&mut self, key: &str, value: &str) -> Result<(), ConfigError>;
}

impl Configurable for Config {
    fn set_key(&mut self, key: &str, value: &str) -> Result<(), ConfigError> {
        self.set(key, value)
    }
}

impl Configurable for ProducerConfig {
    fn set_key(&mut self, key: &str, value: &str) -> Result<(), ConfigError> {
        self.set(key, value)
    }
}

impl Configurable for ConsumerConfig {
    fn set_key(&mut self, key: &str, value: &str) -> Result<(), ConfigError> {
        self.set(key, value)
    }
}

impl Connect {
    /// The client's settings, with those of `-X` put in, which go into `role` where they belong there.
    pub(crate) fn configure(
        &self,
        mut role: Option<&mut dyn Configurable>,
    ) -> Result<Config, Failure> {
        let mut config = Config::new(&self.brokers)?;
        for (key, value) in &self.settings {
            let of_client = config.set(key, value);
            let of_role = match &mut role {
                Some(role) => role.set_key(key, value),
                None => of_client.clone(),
            };
            match (of_client, of_role) {
                (
                    Err(ConfigError::Elsewhere { .. }),
                    Err(elsewhere @ ConfigError::Elsewhere { .. }),
                ) => {
                    return Err(Failure::Usage(format!(
                        "-X {elsewhere}, for which this command has no use"
                    )));
                }
                (Err(ConfigError::Elsewhere { .. }), other)
                | (other, Err(ConfigError::Elsewhere { .. })) => other,
                (of_client, of_role) => of_client.and(of_role),
            }
            .map_err(|error| Failure::Usage(format!("-X {error}")))?;
        }
        Ok(config)
    }

    /// Whether a setting was given.
    pub(crate) fn is_set(&self, key: &str) -> bool {
        self.settings.iter().any(|(given, _)| given.trim() == key)
    }

    /// An administrator that gives up early enough to be the first to ask.
    pub(crate) fn first_contact(&self, admin: &Admin) -> Admin {
        if self.is_set(API_TIMEOUT) { admin.clone() } else { admin.timeout(FIRST_CONTACT) }
    }

    /// Asks for a topic; `None`: there is none of that name. Never creates it.
    pub(crate) async fn find_topic(
        &self,
        admin: &Admin,
        name: &str,
    ) -> Result<Option<Arc<Topic>>, Failure> {
        let described = self.first_contact(admin).describe_topics(&[name]).await;
        let described = described.map_err(|error| Failure::at_first_contact(&error))?;
        match described.into_iter().next() {
            Some((_, Ok(topic))) => Ok(Some(topic)),
            Some((_, Err(error))) if is_unknown_topic(&error) => Ok(None),
            Some((_, Err(error))) => Err(error.into()),
            None => Ok(None),
        }
    }
}

/// The failure of a topic that has to exist and doesn't.
pub(crate) fn no_such_topic(name: &str) -> Failure {
    Error::new(ErrorKind::UnknownTopic { topic: name.into() }).into()
}

/// Whether there is no topic of that name.
pub(crate) fn is_unknown_topic(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::UnknownTopic { .. } => true,
        ErrorKind::Broker { code, .. } => *code == ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
        _ => false,
    }
}

/// `KEY=VALUE`.
pub(crate) fn parse_pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => {
            Ok((key.trim().to_owned(), value.to_owned()))
        }
        _ => Err("KEY=VALUE is needed".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connect(settings: &[&str]) -> Connect {
        let settings = settings.iter().map(|text| parse_pair(text).expect("a pair")).collect();
        Connect { brokers: "localhost:9092".into(), settings }
    }

    #[test]
    fn a_setting_goes_where_it_belongs() {
        let mut producer = ProducerConfig::default();
        let settings = ["client.id=me", "linger.ms=7", "retry.backoff.ms=20"];
        let config = connect(&settings).configure(Some(&mut producer)).expect("good settings");
        assert_eq!(config.client_id, "me");
        assert_eq!(producer.linger, Duration::from_millis(7));
        assert_eq!([config.retry_backoff, producer.retry_backoff], [Duration::from_millis(20); 2]);
    }

    #[test]
    fn a_setting_that_nobody_takes_is_refused() {
        let check = |setting: &str, text: &str| {
            let mut consumer = ConsumerConfig::default();
            let failure = connect(&[setting]).configure(Some(&mut consumer)).expect_err(setting);
            assert_eq!(failure, Failure::Usage(text.into()));
        };
        check(
            "linger.ms=7",
            "-X linger.ms belongs to ProducerConfig, for which this command has no use",
        );
        check(
            "fetch.min.byte=7",
            "-X unknown setting fetch.min.byte: did you mean fetch.min.bytes?",
        );
        check("client.rack=a", "-X client.rack is not supported yet: rack awareness");
        check("max.poll.records=many", "-X max.poll.records: \"many\" is not a whole number");
        assert!(connect(&["linger.ms=7"]).configure(None).is_err());
        assert!(connect(&["client.id=me"]).configure(None).is_ok());
    }
}
