//! What a writer sent and was told, against what is in the log.

use std::collections::BTreeMap;

use kafka_blocking::{Error, Written};

/// A record in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Logged {
    pub(crate) partition: i32,
    pub(crate) offset: i64,
    pub(crate) value: String,
}

/// A record that was sent, and what became of it.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) value: String,
    /// Partition and offset, or why it failed.
    pub(super) outcome: Result<(i32, Option<i64>), Error>,
}

/// The records of one writer in the order of sending.
#[derive(Debug)]
pub(super) struct Ledger {
    name: &'static str,
    sent: Vec<Sent>,
}

impl Ledger {
    pub(super) fn new(name: &'static str) -> Self {
        Self { name, sent: Vec::new() }
    }

    /// The value of the writer's record of that number: no other is like it, and they are in order as texts.
    pub(super) fn value(&self, number: u32) -> String {
        format!("{} {number:010} {:.<80}", self.name, "")
    }

    /// Notes a record. They may come in another order than they were sent.
    pub(super) fn push(&mut self, sent: Sent) {
        self.sent.push(sent);
    }

    pub(super) fn failed(&self) -> usize {
        self.sent.iter().filter(|sent| sent.outcome.is_err()).count()
    }

    /// Those whose fate the writer never learned.
    pub(super) fn unknown(&self) -> usize {
        let is_unknown = |error: &Error| error.written() == Written::Unknown;
        self.sent.iter().filter(|sent| sent.outcome.as_ref().is_err_and(is_unknown)).count()
    }

    pub(super) fn summary(&self) -> String {
        let mut errors: BTreeMap<String, usize> = BTreeMap::new();
        for error in self.sent.iter().filter_map(|sent| sent.outcome.as_ref().err()) {
            let text = error.to_string();
            let head = text.split(':').next().unwrap_or_default();
            *errors.entry(head.to_owned()).or_default() += 1;
        }
        format!(
            "{} sent {}, of which {} were acknowledged, {} not appended, {} unknown; {errors:?}",
            self.name,
            self.sent.len(),
            self.sent.len() - self.failed(),
            self.failed() - self.unknown(),
            self.unknown(),
        )
    }

    /// The writer's records in a log.
    pub(super) fn logged<'a>(&self, log: &'a [Logged]) -> impl Iterator<Item = &'a Logged> {
        let start = format!("{} ", self.name);
        log.iter().filter(move |logged| logged.value.starts_with(&start))
    }

    /// Compares with a log, which is in order of offset within each partition.
    pub(super) fn check(&self, log: &[Logged]) -> Result<(), String> {
        let mut places: BTreeMap<&str, &Logged> = BTreeMap::new();
        let mut last: BTreeMap<i32, &Logged> = BTreeMap::new();
        for logged in self.logged(log) {
            if let Some(other) = places.insert(&logged.value, logged) {
                return Err(format!("{logged:?} is there twice, also as {other:?}"));
            }
            if let Some(before) = last.insert(logged.partition, logged)
                && before.value >= logged.value
            {
                return Err(format!("{before:?} comes before {logged:?}"));
            }
        }
        for Sent { value, outcome } in &self.sent {
            match (outcome, places.remove(value.as_str())) {
                (Ok(told), Some(logged)) if *told == (logged.partition, Some(logged.offset)) => {}
                (Ok(told), found) => {
                    return Err(format!("{value} was told {told:?}, found {found:?}"));
                }
                (Err(error), Some(logged)) if error.written() == Written::NotAppended => {
                    return Err(format!("{logged:?} is there, and was told {error}"));
                }
                (Err(_), _) => {}
            }
        }
        match places.into_values().next() {
            Some(logged) => Err(format!("{logged:?} was never sent")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use kafka_blocking::ErrorKind;

    use super::*;

    #[test]
    fn every_breach_is_found() {
        let mut ledger = Ledger::new("w");
        let values: Vec<String> = (0..4).map(|number| ledger.value(number)).collect();
        let outcomes = [
            Ok((0, Some(0))),
            Ok((0, Some(1))),
            Err(Error::new(ErrorKind::Closed)),
            Err(Error::unknown_outcome(ErrorKind::Closed)),
        ];
        for (value, outcome) in values.iter().zip(outcomes) {
            ledger.push(Sent { value: value.clone(), outcome });
        }
        let check = |log: &[(i32, i64, &String)], breach: Option<&str>| {
            let log: Vec<Logged> = log
                .iter()
                .map(|(partition, offset, value)| Logged {
                    partition: *partition,
                    offset: *offset,
                    value: (*value).clone(),
                })
                .collect();
            let found = ledger.check(&log);
            match breach {
                Some(breach) => assert!(found.unwrap_err().contains(breach), "{breach}"),
                None => assert_eq!(found, Ok(())),
            }
        };
        let [a, b, c, d] = [&values[0], &values[1], &values[2], &values[3]];
        let strange = &ledger.value(9);
        check(&[(0, 0, a), (0, 1, b)], None);
        check(&[(0, 0, a), (0, 1, b), (1, 0, d)], None);
        check(&[(0, 0, a)], Some("found None"));
        check(&[(0, 0, a), (0, 2, b)], Some("was told"));
        check(&[(0, 0, a), (1, 1, b)], Some("was told"));
        check(&[(0, 0, a), (0, 1, b), (0, 2, b)], Some("twice"));
        check(&[(0, 0, a), (0, 1, b), (1, 5, a)], Some("twice"));
        check(&[(0, 0, b), (0, 1, a)], Some("comes before"));
        check(&[(0, 0, a), (0, 1, b), (0, 2, c)], Some("is there, and was told"));
        check(&[(0, 0, a), (0, 1, b), (0, 2, strange)], Some("never sent"));
    }
}
