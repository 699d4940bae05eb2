//! Capture files: pcap and pcapng, in pieces, whatever their byte order and their clocks.

use std::io::{self, Read};

use pcap_parser::traits::{PcapNGPacketBlock, PcapReaderIterator};
use pcap_parser::{Block, LegacyPcapReader, Linktype, PcapBlockOwned, PcapError, PcapNGReader};

use super::source::Source;
use crate::failure::Failure;
use crate::protocol::bytes;

/// The file is read in pieces of this size, and in larger ones where a packet is larger.
const PIECE: usize = 256 * 1024;

/// No packet is larger than this, with whatever a capturing program says of it.
const LARGEST: usize = 64 * 1024 * 1024;

/// Nanoseconds since the Unix epoch.
pub(super) type Time = i64;

/// A packet as it was captured.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packet<'a> {
    pub(super) time: Time,
    pub(super) link: Linktype,
    pub(super) data: &'a [u8],
    /// Bytes at its end that were not captured.
    pub(super) cut: usize,
}

/// What is next in a file.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part<'a> {
    Packet(Packet<'a>),
    /// More has to be read, which may take its time where the file is a pipe.
    Pause,
}

/// Hands each packet of a file to `take`, in the order of the file. The answer is whether the file is cut off at its end,
/// as those of a capturing program that was killed often are.
pub(super) fn read(
    file: impl Read,
    take: impl FnMut(Part<'_>) -> Result<(), Failure>,
) -> Result<bool, Failure> {
    let mut source = Source::open(file).map_err(|error| unreadable(&error))?;
    let ended = read_source(&mut source, take);
    match source.error {
        Some(error) => Err(unreadable(&error)),
        None => ended,
    }
}

fn read_source<F: Read>(
    source: &mut Source<F>,
    mut take: impl FnMut(Part<'_>) -> Result<(), Failure>,
) -> Result<bool, Failure> {
    // The function of the parser that chooses between these reads on before it hands out anything.
    let reader: Result<Box<dyn PcapReaderIterator>, _> = match source.is_ng {
        true => PcapNGReader::new(PIECE, source).map(|reader| Box::new(reader) as _),
        false => LegacyPcapReader::new(PIECE, source).map(|reader| Box::new(reader) as _),
    };
    let Ok(mut reader) = reader else {
        return Err(failed("no capture: neither pcap nor pcapng"));
    };
    let mut clocks = Clocks::default();
    let mut capacity = PIECE;
    loop {
        let had = reader.data().len();
        match reader.next() {
            Ok((length, block)) => {
                if let Some(packet) = clocks.packet(&block) {
                    take(Part::Packet(packet))?;
                }
                reader.consume(length);
                continue;
            }
            Err(PcapError::Eof) => return Ok(false),
            Err(PcapError::UnexpectedEof) => return Ok(true),
            Err(PcapError::Incomplete(_)) => {}
            Err(PcapError::BufferTooSmall) => {
                capacity = capacity.saturating_mul(2);
                if capacity > LARGEST {
                    return Err(failed("a packet in the capture is too large"));
                }
                reader.grow(capacity);
            }
            Err(_) => return Err(failed("the capture is damaged")),
        }
        take(Part::Pause)?;
        if reader.refill().is_err() {
            return Err(failed("the capture can't be read"));
        }
        if reader.data().len() == had {
            return Ok(had > 0);
        }
    }
}

fn unreadable(error: &io::Error) -> Failure {
    bytes::unreadable("the capture", error)
}

fn failed(text: &str) -> Failure {
    Failure::Failed(text.to_owned())
}

/// What the blocks so far say about the packets to come.
#[derive(Default)]
struct Clocks {
    /// Of a pcap file: link type, and nanoseconds in a unit of its clock.
    legacy: Option<(Linktype, i64)>,
    /// Of a section of a pcapng file, by number.
    interfaces: Vec<Interface>,
}

struct Interface {
    link: Linktype,
    /// Units of its clock in a second.
    resolution: u64,
    /// Seconds to be added.
    offset: i64,
}

impl Clocks {
    fn packet<'a>(&mut self, block: &'a PcapBlockOwned<'_>) -> Option<Packet<'a>> {
        match block {
            PcapBlockOwned::LegacyHeader(header) => {
                let unit = if header.is_nanosecond_precision() { 1 } else { 1_000 };
                self.legacy = Some((header.network, unit));
                None
            }
            PcapBlockOwned::Legacy(packet) => {
                let (link, unit) = self.legacy?;
                let time =
                    i64::from(packet.ts_sec) * 1_000_000_000 + i64::from(packet.ts_usec) * unit;
                let cut = packet.origlen.saturating_sub(packet.caplen) as usize;
                Some(Packet { time, link, data: packet.data, cut })
            }
            PcapBlockOwned::NG(block) => self.block(block),
        }
    }

    fn block<'a>(&mut self, block: &'a Block<'_>) -> Option<Packet<'a>> {
        match block {
            Block::SectionHeader(_) => {
                self.interfaces.clear();
                None
            }
            Block::InterfaceDescription(interface) => {
                self.interfaces.push(Interface {
                    link: interface.linktype,
                    resolution: resolution(interface.if_tsresol),
                    offset: interface.ts_offset(),
                });
                None
            }
            Block::EnhancedPacket(packet) => {
                let interface = self.interfaces.get(usize::try_from(packet.if_id).ok()?)?;
                let units = u64::from(packet.ts_high) << 32 | u64::from(packet.ts_low);
                let cut = packet.origlen.saturating_sub(packet.caplen) as usize;
                Some(Packet {
                    time: interface.time(units),
                    link: interface.link,
                    data: packet.packet_data(),
                    cut,
                })
            }
            Block::SimplePacket(packet) => {
                let interface = self.interfaces.first()?;
                let data = packet.packet_data();
                let cut = (packet.origlen as usize).saturating_sub(data.len());
                Some(Packet { time: 0, link: interface.link, data, cut })
            }
            _ => None,
        }
    }
}

impl Interface {
    fn time(&self, units: u64) -> Time {
        let nanoseconds = u128::from(units) * 1_000_000_000 / u128::from(self.resolution);
        let offset = i128::from(self.offset) * 1_000_000_000;
        let time = i128::try_from(nanoseconds).unwrap_or(i128::MAX).saturating_add(offset);
        Time::try_from(time).unwrap_or(if time < 0 { Time::MIN } else { Time::MAX })
    }
}

/// Units in a second, as an option of an interface says it: a power of ten, or of two if the highest bit is set. One that
/// no clock of 64 bits has is taken for microseconds, the default.
fn resolution(option: u8) -> u64 {
    let exponent = u32::from(option & 0x7f);
    let units =
        if option & 0x80 == 0 { 10_u64.checked_pow(exponent) } else { 1_u64.checked_shl(exponent) };
    units.unwrap_or(1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_of_all_resolutions_are_read() {
        let check = |option: u8, units: u64, expected: Time| {
            let interface =
                Interface { link: Linktype::ETHERNET, resolution: resolution(option), offset: 0 };
            assert_eq!(interface.time(units), expected, "{option:#x}");
        };
        check(6, 1_500_000, 1_500_000_000);
        check(9, 1_500_000_000, 1_500_000_000);
        check(0, 2, 2_000_000_000);
        check(0x80, 2, 2_000_000_000);
        check(0x8a, 1536, 1_500_000_000);
        check(0xbf, 1 << 63, 1_000_000_000);
        for nonsense in [20, 0x7f, 0xc0, 0xff] {
            check(nonsense, 1_500_000, 1_500_000_000);
        }
    }
}
