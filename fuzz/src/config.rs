//! Settings as a properties file has them.

use kafka_engine::config::{Config, ConfigError, ConsumerConfig, ProducerConfig};

/// The most lines that are looked at: a key that nobody knows is compared with all that there are.
const LINES: usize = 16;

/// A value that no message contains unless it repeats the setting's value.
const SECRET: &str = "Xyzzy-17";

/// The bytes are lines of keys and values, each given to all three kinds of settings.
pub fn config(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut client = Config::default();
    let mut producer = ProducerConfig::default();
    let mut consumer = ConsumerConfig::default();
    for line in text.lines().take(LINES) {
        let (key, value) = line.split_once('=').unwrap_or((line, ""));
        check(&mut client, key, value, Config::set);
        check(&mut producer, key, value, ProducerConfig::set);
        check(&mut consumer, key, value, ConsumerConfig::set);
    }
    for result in [client.validate(), producer.validate(), consumer.validate()] {
        said(result);
    }
    let _ = (producer.idempotent(), producer.compression_level());
    if let Ok(client) = Config::new(&text) {
        assert!(!client.bootstrap_servers.is_empty());
        said(client.validate());
    }
}

/// An error changes nothing, and never gives a secret away.
fn check<T: Clone + PartialEq + std::fmt::Debug>(
    settings: &mut T,
    key: &str,
    value: &str,
    set: fn(&mut T, &str, &str) -> Result<(), ConfigError>,
) {
    let before = settings.clone();
    if said(set(settings, key, value)).is_some() {
        assert_eq!(*settings, before, "{key}={value}");
    }
    if is_secret(key) && !key.contains(SECRET) {
        let text = said(set(&mut settings.clone(), key, SECRET)).unwrap_or_default();
        assert!(!text.contains(SECRET), "{text}");
    }
}

/// What an error has to say.
fn said(result: Result<(), ConfigError>) -> Option<String> {
    let text = result.err()?.to_string();
    assert!(!text.is_empty() && text.len() < 2000, "{text}");
    Some(text)
}

fn is_secret(key: &str) -> bool {
    let key = key.to_lowercase();
    ["password", "secret", "jaas", "ssl.keystore.key", "token"]
        .iter()
        .any(|word| key.contains(word))
}
