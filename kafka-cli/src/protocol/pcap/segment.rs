//! From a packet to the TCP segment in it.

use std::net::{IpAddr, SocketAddr};

use etherparse::{EtherType, LaxNetSlice, LaxSlicedPacket, TransportSlice};
use pcap_parser::Linktype;

use super::capture::Packet;

/// What one packet says about a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment<'a> {
    pub(super) from: SocketAddr,
    pub(super) to: SocketAddr,
    /// Sequence number of the first byte, of the SYN if it is one.
    pub(super) sequence: u32,
    /// The sequence number that its sender expects from the other side.
    pub(super) acknowledged: Option<u32>,
    pub(super) syn: bool,
    pub(super) fin: bool,
    pub(super) rst: bool,
    pub(super) payload: &'a [u8],
    /// Bytes of the payload that were not captured, behind those that were.
    pub(super) cut: usize,
}

/// Why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoSegment {
    /// It is something else, or too little of it was captured.
    Other,
    /// It is a fragment of an IP packet.
    Fragment,
    /// It comes from a kind of link that is not known here.
    Link(Linktype),
}

/// Length of the header in front of the IP packet in Linux cooked captures, and where its protocol stands.
const COOKED: (usize, usize) = (16, 14);
const COOKED_2: (usize, usize) = (20, 0);

/// The segment in a packet.
pub(super) fn segment<'a>(packet: &Packet<'a>) -> Result<Segment<'a>, NoSegment> {
    let data = packet.data;
    let sliced = match packet.link {
        Linktype::ETHERNET => LaxSlicedPacket::from_ethernet(data).ok(),
        Linktype::LINUX_SLL => cooked(data, COOKED),
        Linktype::LINUX_SLL2 => cooked(data, COOKED_2),
        // The address family is in front, in the byte order of whoever captured; the IP header has the version too.
        Linktype::NULL | Linktype::LOOP => {
            data.get(4..).and_then(|data| LaxSlicedPacket::from_ip(data).ok())
        }
        Linktype::RAW | Linktype::IPV4 | Linktype::IPV6 => LaxSlicedPacket::from_ip(data).ok(),
        // What BSDs call a raw link in their own numbering.
        Linktype(12 | 14) => LaxSlicedPacket::from_ip(data).ok(),
        other => return Err(NoSegment::Link(other)),
    };
    let sliced = sliced.ok_or(NoSegment::Other)?;
    let net = sliced.net.as_ref().ok_or(NoSegment::Other)?;
    let (from, to): (IpAddr, IpAddr) = match net {
        LaxNetSlice::Ipv4(ip) => {
            (ip.header().source_addr().into(), ip.header().destination_addr().into())
        }
        LaxNetSlice::Ipv6(ip) => {
            (ip.header().source_addr().into(), ip.header().destination_addr().into())
        }
        LaxNetSlice::Arp(_) => return Err(NoSegment::Other),
    };
    let ip_payload = net.ip_payload_ref().ok_or(NoSegment::Other)?;
    if ip_payload.fragmented {
        return Err(NoSegment::Fragment);
    }
    let Some(TransportSlice::Tcp(tcp)) = &sliced.transport else { return Err(NoSegment::Other) };
    Ok(Segment {
        from: SocketAddr::new(from, tcp.source_port()),
        to: SocketAddr::new(to, tcp.destination_port()),
        sequence: tcp.sequence_number(),
        acknowledged: tcp.ack().then(|| tcp.acknowledgment_number()),
        syn: tcp.syn(),
        fin: tcp.fin(),
        rst: tcp.rst(),
        payload: tcp.payload(),
        cut: if ip_payload.incomplete { packet.cut } else { 0 },
    })
}

fn cooked(data: &[u8], (header, protocol): (usize, usize)) -> Option<LaxSlicedPacket<'_>> {
    let protocol = data.get(protocol..)?.first_chunk().map(|bytes| u16::from_be_bytes(*bytes))?;
    Some(LaxSlicedPacket::from_ether_type(EtherType(protocol), data.get(header..)?))
}
