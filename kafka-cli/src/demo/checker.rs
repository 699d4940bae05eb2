//! Checks what was consumed: nothing lost, nothing twice, nothing changed, nothing out of order.

use std::collections::BTreeMap;

use crate::demo::content;
use crate::numbers::grouped;

/// Records that were seen, of those with the numbers from 0 on.
#[derive(Debug)]
pub(crate) struct Checker {
    seen: Vec<bool>,
    count: u64,
    partitions: BTreeMap<i32, Last>,
}

/// The last record that was seen in a partition.
#[derive(Clone, Copy, Debug)]
struct Last {
    number: u64,
    offset: i64,
}

impl Checker {
    pub(crate) fn new(records: usize) -> Self {
        Self { seen: vec![false; records], count: 0, partitions: BTreeMap::new() }
    }

    /// How many records were seen.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// Takes a record in. Records of a partition were sent in the order of their numbers, and must come so.
    pub(crate) fn check(
        &mut self,
        partition: i32,
        offset: i64,
        value: Option<&[u8]>,
    ) -> Result<(), String> {
        let at = || format!("at offset {offset} of partition {partition}");
        let number = value
            .and_then(content::read)
            .ok_or_else(|| format!("a value that was never sent {}", at()))?;
        let seen = usize::try_from(number).ok().and_then(|number| self.seen.get_mut(number));
        match seen {
            Some(seen) if !*seen => *seen = true,
            Some(_) => return Err(format!("record {number} comes a second time {}", at())),
            None => return Err(format!("record {number}, which was never sent, {}", at())),
        }
        self.count += 1;
        let last = self.partitions.insert(partition, Last { number, offset });
        match last {
            Some(last) if last.number > number => {
                Err(format!("record {number} comes behind record {} {}", last.number, at()))
            }
            Some(last) if last.offset >= offset => {
                Err(format!("offset {} comes before {}", last.offset, at()))
            }
            _ => Ok(()),
        }
    }

    /// Checks that every record was seen.
    pub(crate) fn finish(&self) -> Result<(), String> {
        match self.seen.iter().position(|seen| !seen) {
            None => Ok(()),
            Some(first) => {
                let missing =
                    u64::try_from(self.seen.len()).unwrap_or(u64::MAX).saturating_sub(self.count);
                Err(format!(
                    "{} records are missing, the first of them record {first}",
                    grouped(missing)
                ))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks records given as (partition, offset, number), of which there should be three.
    fn check(records: &[(i32, i64, u64)]) -> Result<(), String> {
        let mut checker = Checker::new(3);
        for (partition, offset, number) in records {
            let mut value = [0; content::VALUE];
            content::fill(*number, &mut value);
            checker.check(*partition, *offset, Some(&value))?;
        }
        checker.finish()
    }

    #[test]
    fn what_is_wrong_is_found() {
        let wrong = |records: &[(i32, i64, u64)], text: &str| {
            assert_eq!(check(records), Err(text.to_owned()));
        };
        assert_eq!(check(&[(0, 0, 0), (1, 0, 2), (0, 1, 1)]), Ok(()));
        wrong(&[(0, 0, 0), (1, 0, 2)], "1 records are missing, the first of them record 1");
        wrong(&[(0, 0, 0), (1, 0, 0)], "record 0 comes a second time at offset 0 of partition 1");
        wrong(&[(0, 0, 1), (0, 1, 0)], "record 0 comes behind record 1 at offset 1 of partition 0");
        wrong(&[(0, 5, 0), (0, 4, 1)], "offset 5 comes before at offset 4 of partition 0");
        wrong(&[(0, 0, 3)], "record 3, which was never sent, at offset 0 of partition 0");
        assert!(Checker::new(1).check(0, 0, Some(b"x")).is_err());
        assert!(Checker::new(1).check(0, 0, None).is_err());
    }
}
