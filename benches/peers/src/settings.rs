//! The numbers of a run, given to every program in the same words: `--records 5000000`.

/// What both clients and the broker are set to. All sizes are in bytes, before any overhead of the format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Records measured.
    pub records: u64,
    /// Records moved before the clock starts.
    pub warmup: u64,
    /// Partitions of the topic.
    pub partitions: u64,
    /// Size of a value; keys are null and there are no headers.
    pub value_bytes: u64,
    /// Size at which a batch is full.
    pub batch_bytes: u64,
    /// How long a batch waits for more records, in milliseconds.
    pub linger_ms: u64,
    /// Memory for records accepted and not yet acknowledged.
    pub buffer_bytes: u64,
    /// The most that a fetch response may hold.
    pub fetch_bytes: u64,
    /// The most that a fetch response may hold of one partition.
    pub partition_fetch_bytes: u64,
    /// Records in each batch that the broker serves.
    pub canned_records: u64,
    /// Processors that the client may use; the broker has the others. On one, its threads never fight over a lock,
    /// which is where librdkafka is cheapest; a number of all or more leaves both to the system.
    pub client_cpus: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            records: 5_000_000,
            warmup: 500_000,
            partitions: 6,
            value_bytes: 100,
            batch_bytes: 1_000_000,
            linger_ms: 5,
            buffer_bytes: 64 << 20,
            fetch_bytes: 50 << 20,
            partition_fetch_bytes: 1 << 20,
            canned_records: 1_000,
            client_cpus: 1,
        }
    }
}

impl Settings {
    /// Takes the settings out of a command line and gives back the words that are none.
    pub fn parse(args: impl IntoIterator<Item = String>) -> Result<(Self, Vec<String>), String> {
        let mut settings = Self::default();
        let mut rest = Vec::new();
        let mut args = args.into_iter();
        while let Some(arg) = args.next() {
            let fields = settings.fields();
            let Some((_, field)) = fields.into_iter().find(|(name, _)| *name == arg) else {
                rest.push(arg);
                continue;
            };
            let value = args.next().ok_or_else(|| format!("{arg} wants a number"))?;
            // The clients take 32-bit sizes, and a count of nothing measures nothing.
            *field = match value.replace('_', "").parse() {
                Ok(number) if (1..=i32::MAX as u64).contains(&number) => number,
                _ => {
                    return Err(format!(
                        "{arg} wants a number from 1 to {}, not {value:?}",
                        i32::MAX
                    ));
                }
            };
        }
        Ok((settings, rest))
    }

    /// The command line that parses to these settings.
    #[must_use]
    pub fn to_args(&self) -> Vec<String> {
        let mut copy = self.clone();
        copy.fields()
            .into_iter()
            .flat_map(|(name, field)| [name.to_owned(), field.to_string()])
            .collect()
    }

    fn fields(&mut self) -> [(&'static str, &mut u64); 11] {
        [
            ("--records", &mut self.records),
            ("--warmup", &mut self.warmup),
            ("--partitions", &mut self.partitions),
            ("--value-bytes", &mut self.value_bytes),
            ("--batch-bytes", &mut self.batch_bytes),
            ("--linger-ms", &mut self.linger_ms),
            ("--buffer-bytes", &mut self.buffer_bytes),
            ("--fetch-bytes", &mut self.fetch_bytes),
            ("--partition-fetch-bytes", &mut self.partition_fetch_bytes),
            ("--canned-records", &mut self.canned_records),
            ("--client-cpus", &mut self.client_cpus),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn settings_survive_a_command_line() {
        let (settings, rest) =
            Settings::parse(words("consume --records 1_000 --partitions 1 --runs 3"))
                .expect("a good line");
        assert_eq!((settings.records, settings.partitions), (1_000, 1));
        assert_eq!(rest, ["consume", "--runs", "3"]);
        assert_eq!(
            Settings::parse(settings.to_args()),
            Ok((settings, Vec::new()))
        );
    }

    #[test]
    fn bad_numbers_are_refused() {
        for line in [
            "--records",
            "--records many",
            "--records 0",
            "--records 9999999999",
        ] {
            assert!(Settings::parse(words(line)).is_err(), "{line}");
        }
    }
}
