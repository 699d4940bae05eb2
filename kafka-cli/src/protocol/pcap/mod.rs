//! `kafka protocol pcap`: what Kafka's clients and brokers say to each other in a network capture.

mod capture;
mod connection;
mod connections;
mod exchange;
mod frames;
mod guess;
mod pending;
mod print;
mod secrets;
mod segment;
mod source;
mod stream;

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use clap::Args;

use self::capture::{Packet, Part};
use self::connections::Connections;
use self::exchange::Event;
use self::print::Printer;
use self::segment::{NoSegment, segment};
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
    let file: Box<dyn Read> = match options.file.as_os_str() == "-" {
        true => Box::new(io::stdin()),
        false => Box::new(File::open(&options.file).map_err(|error| {
            Failure::Failed(format!("{} can't be opened: {error}", options.file.display()))
        })?),
    };
    let printer = Printer { json: options.json, show_secrets: options.show_secrets };
    let mut follower = Follower::new(options.port, printer);
    let read = capture::read(file, |part| match part {
        Part::Packet(packet) => follower.packet(&packet),
        // A program that captures right now may be silent for hours.
        Part::Pause => follower.output.flush(),
    });
    let finished = follower.finish();
    let cut_off = read?;
    finished?;
    if cut_off {
        say("the capture is cut off at its end");
    }
    follower.say_what_is_missing();
    Ok(())
}

/// Follows all connections of a capture.
struct Follower {
    printer: Printer,
    output: Output,
    connections: Connections,
    fragments: u64,
    /// Packets of links that are not known, and one of these.
    unknown_links: Option<(u64, i32)>,
    found: bool,
}

impl Follower {
    fn new(port: Option<u16>, printer: Printer) -> Self {
        Self {
            printer,
            output: Output::new(),
            connections: Connections::new(port),
            fragments: 0,
            unknown_links: None,
            found: false,
        }
    }

    fn packet(&mut self, packet: &Packet<'_>) -> Result<(), Failure> {
        match segment(packet) {
            Ok(segment) => {
                let mut events = Vec::new();
                self.connections.take(&segment, packet.time, &mut events);
                self.print(&events)
            }
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

    /// Prints what is left.
    fn finish(&mut self) -> Result<(), Failure> {
        let mut events = Vec::new();
        while self.connections.end_one(&mut events) {
            self.print(&events)?;
            events.clear();
        }
        self.output.flush()
    }

    fn say_what_is_missing(&self) {
        if self.fragments > 0 {
            say(format!("{} fragments of IP packets were left out", self.fragments));
        }
        if let Some((count, link)) = self.unknown_links {
            say(format!("{count} packets were left out, with link types such as {link}"));
        }
        if !self.found {
            say("there is no connection of Kafka's in the capture");
        }
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
