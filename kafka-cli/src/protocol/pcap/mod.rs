//! `kafka protocol pcap`: what Kafka's clients and brokers say to each other in a network capture.

mod capture;
mod connection;
mod exchange;
mod frames;
mod guess;
mod print;
mod secrets;
mod segment;
mod stream;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use self::capture::Packet;
use self::connection::Connection;
use self::exchange::Event;
use self::print::Printer;
use self::segment::{NoSegment, Segment, segment};
use crate::failure::{Failure, say};
use crate::output::Output;

/// Options of `kafka protocol pcap`.
#[derive(Debug, Args)]
#[command(
    after_help = "Each line is a request with its response: time, client, broker, API, version, correlation id, sizes \
without the four bytes of length, the time from the request's last byte to the response's, and errors in the response. Reads \
pcap and pcapng of Ethernet, VLANs, loopback and Linux cooked links. Encrypted connections are named, not read.

Secrets (SASL tokens, delegation tokens, SCRAM credentials, passwords in settings) are printed as \"(hidden)\".

Examples:
  tcpdump -i any -s 0 -w capture.pcap port 9092
  kafka protocol pcap capture.pcap
  kafka protocol pcap --json capture.pcap | jq -c 'select(.api == \"Produce\") | .response.body'"
)]
pub(crate) struct Pcap {
    /// The capture; - for stdin.
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// The port of the brokers. Without, whoever is sent a valid request first is one.
    #[arg(long, value_name = "N")]
    port: Option<u16>,

    /// Print a JSON object a line, with the messages in it.
    #[arg(long)]
    json: bool,

    /// Print passwords and tokens too.
    #[arg(long)]
    show_secrets: bool,
}

/// Prints a line for each exchange.
pub(crate) fn run(options: &Pcap) -> Result<(), Failure> {
    let file: Box<dyn Read + Send> = match options.file.as_os_str() == "-" {
        true => Box::new(io::stdin()),
        false => Box::new(File::open(&options.file).map_err(|error| {
            Failure::Failed(format!("{} can't be opened: {error}", options.file.display()))
        })?),
    };
    let printer = Printer { json: options.json, show_secrets: options.show_secrets };
    let mut follower = Follower { port: options.port, printer, ..Follower::new() };
    let read = capture::read(file, |packet| follower.packet(&packet));
    let finished = follower.finish();
    let cut_off = read?;
    if cut_off {
        say("the capture is cut off at its end");
    }
    finished
}

/// Follows all connections of a capture.
struct Follower {
    port: Option<u16>,
    printer: Printer,
    output: Output,
    /// By the two addresses, the lower first, so that both directions meet.
    connections: BTreeMap<(SocketAddr, SocketAddr), Connection>,
    fragments: u64,
    /// Packets of links that are not known, and one of these.
    unknown_links: Option<(u64, i32)>,
    found: bool,
}

impl From<String> for Failure {
    fn from(text: String) -> Self {
        Self::Failed(text)
    }
}

impl Follower {
    fn new() -> Self {
        Self {
            port: None,
            printer: Printer { json: false, show_secrets: false },
            output: Output::new(),
            connections: BTreeMap::new(),
            fragments: 0,
            unknown_links: None,
            found: false,
        }
    }

    fn packet(&mut self, packet: &Packet<'_>) -> Result<(), Failure> {
        match segment(packet) {
            Ok(segment) => self.segment(packet, &segment),
            Err(NoSegment::Fragment) => {
                self.fragments += 1;
                Ok(())
            }
            Err(NoSegment::Link(link)) => {
                let (count, _) = self.unknown_links.unwrap_or_default();
                self.unknown_links = Some((count + 1, link.0));
                Ok(())
            }
            Err(NoSegment::Other) => Ok(()),
        }
    }

    fn segment(&mut self, packet: &Packet<'_>, segment: &Segment<'_>) -> Result<(), Failure> {
        let mut events = Vec::new();
        let key = (segment.from.min(segment.to), segment.from.max(segment.to));
        if self.connections.get(&key).is_some_and(|connection| connection.is_before(segment)) {
            self.end(key, &mut events);
        }
        let port = self.port;
        let connection =
            self.connections.entry(key).or_insert_with(|| Connection::new(segment, port));
        connection.take(segment, packet.time, &mut events);
        if connection.is_over(segment) {
            self.end(key, &mut events);
        }
        self.print(&events)
    }

    fn end(&mut self, key: (SocketAddr, SocketAddr), events: &mut Vec<Event>) {
        if let Some(connection) = self.connections.remove(&key) {
            connection.finish(events);
        }
    }

    /// Prints what is left, and says what could not be read.
    fn finish(mut self) -> Result<(), Failure> {
        for (_, connection) in std::mem::take(&mut self.connections) {
            let mut events = Vec::new();
            connection.finish(&mut events);
            self.print(&events)?;
        }
        self.output.flush()?;
        if self.fragments > 0 {
            say(format!("{} fragments of IP packets were left out", self.fragments));
        }
        if let Some((count, link)) = self.unknown_links {
            say(format!("{count} packets were left out, with link types such as {link}"));
        }
        if !self.found {
            say("there is no connection of Kafka's in the capture");
        }
        Ok(())
    }

    fn print(&mut self, events: &[Event]) -> Result<(), Failure> {
        for event in events {
            self.found = true;
            self.output.pending().extend_from_slice(self.printer.line(event).as_bytes());
            self.output.pending().push(b'\n');
            self.output.relieve()?;
        }
        Ok(())
    }
}
