//! `kafka protocol`: what is known of Kafka's wire protocol, and tools to look at bytes that speak it.
//!
//! Nothing here needs a broker. The commands read files or stdin and write stdout, so Ctrl-C may end them anywhere.

mod bytes;
mod codec;
mod describe;
mod frame;
mod lines;
mod list;
mod pcap;
mod records;
mod target;

use clap::Subcommand;

use crate::failure::Failure;

/// What stands under the help of all the commands.
pub(crate) const EXAMPLES: &str = "None of these needs a broker.

Examples:
  kafka protocol list
  kafka protocol describe Fetch --version 12
  echo '{\"key\":\"g\",\"keyType\":0}' | kafka protocol encode --api FindCoordinator --version 2 --kind request
  echo 00016700 | kafka protocol decode --api FindCoordinator --version 2 --kind request
  kafka protocol records 00000000000000000000.log
  tcpdump -i lo -w capture.pcap port 9092; kafka protocol pcap capture.pcap";

/// Commands of `kafka protocol`.
#[derive(Debug, Subcommand)]
pub(crate) enum Protocol {
    /// Print every API and data message with its versions.
    List(list::List),
    /// Print the fields of an API's messages, or of another message.
    Describe(describe::Describe),
    /// Turn a message's bytes into JSON.
    Decode(codec::Decode),
    /// Turn JSON into a message's bytes.
    Encode(codec::Encode),
    /// Print the records in record batches and message sets.
    Records(records::Records),
    /// Print the requests and responses in a network capture.
    Pcap(pcap::Pcap),
}

/// Does what is asked.
pub(crate) fn run(protocol: Protocol) -> Result<(), Failure> {
    match protocol {
        Protocol::List(options) => list::run(&options),
        Protocol::Describe(options) => describe::run(&options),
        Protocol::Decode(options) => codec::decode(&options),
        Protocol::Encode(options) => codec::encode(&options),
        Protocol::Records(options) => records::run(&options),
        Protocol::Pcap(options) => pcap::run(&options),
    }
}
