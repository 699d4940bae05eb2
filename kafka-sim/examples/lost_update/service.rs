//! The service under test: accounts whose deposits are kept in Kafka. It knows nothing of the simulation.
//!
//! An account's deposits come to any instance of the service. Two designs are here: one keeps balances in a topic and
//! overwrites them, and loses deposits; the other keeps the deposits themselves.

use std::collections::BTreeMap;
use std::time::Duration;

use kafka_handle::{
    Admin, Client, ConfigError, Consumer, ConsumerConfig, Error, OffsetSpec, Producer,
    ProducerConfig, Record, StartAt,
};

/// How deposits are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Design {
    /// Reads the balance, adds to it, and writes the new one over it. Between the reading and the writing, another
    /// instance may write too, and one of the two deposits is gone.
    Balances,
    /// Writes the deposit. The balance is the sum of what the log holds, so that no instance has to know what the others
    /// do: their order in the log is as good as any.
    Deposits,
}

/// An instance of the service.
pub(crate) struct Accounts {
    design: Design,
    topic: &'static str,
    producer: Producer,
    consumer: Consumer,
    admin: Admin,
    balances: BTreeMap<String, i64>,
}

impl Accounts {
    /// An instance that works on a topic of one partition.
    pub(crate) async fn open(
        client: &Client,
        topic: &'static str,
        design: Design,
    ) -> Result<Self, OpenError> {
        let mut consumer = client.consumer(ConsumerConfig::default())?;
        consumer.assign(&[(topic, 0, StartAt::Beginning)]).await?;
        let producer = client.producer(ProducerConfig::default())?;
        let balances = BTreeMap::new();
        Ok(Self { design, topic, producer, consumer, admin: client.admin(), balances })
    }

    /// Pays into an account; when it returns, no failure of a broker can take it back.
    pub(crate) async fn deposit(&mut self, account: &str, amount: i64) -> Result<(), Error> {
        let number = match self.design {
            Design::Balances => self.balance(account).await? + amount,
            Design::Deposits => amount,
        };
        let record = Record::to(self.topic).partition(0).key(account);
        self.producer.send(record.value(&number.to_string())).await?.await?;
        Ok(())
    }

    /// What is in an account.
    pub(crate) async fn balance(&mut self, account: &str) -> Result<i64, Error> {
        self.catch_up().await?;
        Ok(self.balances.get(account).copied().unwrap_or_default())
    }

    /// Reads everything that was in the topic when this was called.
    async fn catch_up(&mut self) -> Result<(), Error> {
        let listed = self.admin.list_offsets(&[(self.topic, 0, OffsetSpec::Latest)]).await?;
        let mut end = 0;
        for (_, _, offset) in listed {
            end = offset?.offset.unwrap_or_default();
        }
        while self.consumer.position(self.topic, 0).is_none_or(|position| position < end) {
            for record in &self.consumer.poll(Duration::from_secs(1)).await? {
                let (Some(account), Some(number)) = (text(record.key), text(record.value)) else {
                    continue;
                };
                let balance = self.balances.entry(account.to_owned()).or_default();
                let number: i64 = number.parse().unwrap_or_default();
                *balance = match self.design {
                    Design::Balances => number,
                    Design::Deposits => *balance + number,
                };
            }
        }
        Ok(())
    }
}

/// Why an instance can't be opened.
#[derive(Debug)]
pub(crate) enum OpenError {
    /// A setting is wrong.
    Config(ConfigError),
    /// Kafka said no.
    Kafka(Error),
}

impl std::fmt::Display for OpenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Config(error) => error.fmt(f),
            Self::Kafka(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for OpenError {}

impl From<ConfigError> for OpenError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl From<Error> for OpenError {
    fn from(error: Error) -> Self {
        Self::Kafka(error)
    }
}

fn text(bytes: Option<&[u8]>) -> Option<&str> {
    std::str::from_utf8(bytes?).ok()
}
