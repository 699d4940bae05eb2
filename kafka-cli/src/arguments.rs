//! The commands. Each has its own options in its own file.

use clap::{Parser, Subcommand};

use crate::broker::Broker;
use crate::consume::Consume;
use crate::demo::Demo;
use crate::perf::Perf;
use crate::produce::Produce;
use crate::protocol::{self, Protocol};
use crate::sim::Sim;
use crate::topics::Topics;

/// Kafka on the command line: an embedded broker, topics, records in and out, measurements.
#[derive(Debug, Parser)]
#[command(
    name = "kafka",
    version,
    subcommand_required = true,
    arg_required_else_help = false,
    disable_help_subcommand = true,
    after_help = "Exit codes: 0 all went well, 1 some records or the operation failed, 2 wrong usage, 3 no broker, 130 interrupted."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// See it work: a million records through a cluster of three nodes, each one checked.
    Demo(Demo),
    /// Run an embedded broker, or a cluster of them, until Ctrl-C.
    Broker(Broker),
    /// List, create, describe and delete topics.
    #[command(subcommand)]
    Topics(Topics),
    /// Send each line of stdin as a record.
    Produce(Produce),
    /// Print the records of a topic.
    Consume(Consume),
    /// Measure producing or consuming; prints one line of JSON.
    #[command(subcommand)]
    Perf(Perf),
    /// Look at Kafka's wire protocol: its messages, bytes as JSON and back, record batches, network captures.
    #[command(subcommand, after_help = protocol::EXAMPLES)]
    Protocol(Protocol),
    /// Simulate clusters, clients and faults on virtual time, and check what must hold.
    #[command(subcommand)]
    Sim(Sim),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn good_lines_parse_and_bad_ones_do_not() {
        let check = |line: &str, good: bool| {
            let parsed = Arguments::try_parse_from(line.split_whitespace());
            assert_eq!(
                parsed.is_ok(),
                good,
                "{line}: {:?}",
                parsed.err().map(|error| error.to_string())
            );
        };
        check("kafka demo", true);
        check("kafka demo --brokers localhost:9092", true);
        check(
            "kafka broker --nodes 3 --listen 127.0.0.1:0 --data-dir /tmp/x --no-auto-create",
            true,
        );
        check("kafka broker --nodes 0", false);
        check("kafka topics list -b localhost:9092", true);
        check(
            "kafka topics create -b b:1 -t t --partitions 3 --replication-factor 2 --config a=b",
            true,
        );
        check("kafka topics create -b b:1", false);
        check("kafka topics delete -b b:1 -t a -t b", true);
        check("kafka produce -b b:1 -t t -K : -z lz4 -p 3 -H a=b -H c -X linger.ms=0", true);
        check("kafka produce -b b:1 -t t -X linger.ms", false);
        check("kafka produce -t t", false);
        check("kafka consume -b b:1 -t t -o -5 -e -c 3 -f %s\\n", true);
        check("kafka consume -b b:1 -t t -o beginning -p 0 -p 1 --json", true);
        check("kafka consume -b b:1 -t t -o sometime", false);
        check("kafka consume -b b:1 -t t -f %y", false);
        check("kafka consume -b b:1 -t t --json -f %s", false);
        check(
            "kafka perf produce --brokers b:1 --topic t --records 10 --acks 1 --idempotent false --rate 5",
            true,
        );
        check("kafka perf produce --brokers b:1 --topic t --acks 2", false);
        check("kafka perf consume --brokers b:1 --topic t --records 10 --warmup 5", true);
        check("kafka protocol list --json", true);
        check("kafka protocol describe fetch --version 3", true);
        check("kafka protocol describe", false);
        check("kafka protocol decode --api 1 --version 3 --kind request --header", true);
        check("kafka protocol decode --api ConsumerProtocolSubscription --version 1", true);
        check("kafka protocol decode --api 1", false);
        check("kafka protocol decode --jsonl --header", true);
        check("kafka protocol encode --jsonl --api 1", false);
        check("kafka protocol encode --api 1 --version 3 --kind question", false);
        check("kafka protocol records --input hex --batches log", true);
        check("kafka protocol pcap --port 9092 --json capture", true);
        check("kafka protocol pcap --port 99999 capture", false);
        check("kafka", false);
        check("kafka frobnicate", false);
    }
}
