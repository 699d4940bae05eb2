//! Capture files: pcap and pcapng, in pieces, whatever their byte order and their clocks.

use std::io::Read;

use pcap_parser::traits::PcapNGPacketBlock;
use pcap_parser::{Block, Linktype, PcapBlockOwned, PcapError, create_reader};

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

/// Hands each packet of a file to `take`, in the order of the file. The answer is whether the file is cut off at its end,
/// as those of a capturing program that was killed often are.
pub(super) fn read<E: From<String>>(
    file: impl Read + Send,
    mut take: impl FnMut(Packet<'_>) -> Result<(), E>,
) -> Result<bool, E> {
    let Ok(mut reader) = create_reader(PIECE, file) else {
        return Err("no capture: neither pcap nor pcapng".to_owned().into());
    };
    let mut clocks = Clocks::default();
    let mut capacity = PIECE;
    loop {
        let had = reader.data().len();
        match reader.next() {
            Ok((length, block)) => {
                if let Some(packet) = clocks.packet(&block) {
                    take(packet)?;
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
                    return Err("a packet in the capture is too large".to_owned().into());
                }
                reader.grow(capacity);
            }
            Err(_) => return Err("the capture is damaged".to_owned().into()),
        }
        if reader.refill().is_err() {
            return Err("the capture can't be read".to_owned().into());
        }
        if reader.data().len() == had && reader.reader_exhausted() {
            return Ok(had > 0);
        }
    }
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
                    resolution: interface.ts_resolution().unwrap_or(1_000_000).max(1),
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
