//! Network captures, built byte by byte.

/// TCP's flags.
pub(crate) const SYN: u8 = 2;
pub(crate) const ACK: u8 = 16;
pub(crate) const FIN_ACK: u8 = 17;

/// What a packet travels in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    Ethernet,
    /// Two tags of VLANs in front.
    Vlan,
    Null,
    Raw,
    Cooked,
    Cooked2,
}

impl Link {
    fn number(self) -> u32 {
        match self {
            Self::Ethernet | Self::Vlan => 1,
            Self::Null => 0,
            Self::Raw => 101,
            Self::Cooked => 113,
            Self::Cooked2 => 276,
        }
    }

    fn wrap(self, ip: &[u8], is_v6: bool) -> Vec<u8> {
        let protocol: [u8; 2] = if is_v6 { [0x86, 0xdd] } else { [0x08, 0x00] };
        let header = match self {
            Self::Ethernet => [&[1; 12][..], &protocol].concat(),
            Self::Vlan => [&[1; 12][..], &[0x88, 0xa8, 0, 5, 0x81, 0, 0, 6], &protocol].concat(),
            Self::Null => vec![if is_v6 { 30 } else { 2 }, 0, 0, 0],
            Self::Raw => vec![],
            Self::Cooked => [&[0; 14][..], &protocol].concat(),
            Self::Cooked2 => [&protocol[..], &[0; 18]].concat(),
        };
        let mut packet = [&header, ip].concat();
        if matches!(self, Self::Ethernet | Self::Vlan) {
            // Short frames are filled up.
            packet.resize(packet.len().max(60), 0);
        }
        packet
    }
}

/// Packets between a client at port 40000 and a broker at port 9092.
pub(crate) struct Wire {
    link: Link,
    is_v6: bool,
    /// Microseconds, and what was captured, with its original length.
    packets: Vec<(u64, Vec<u8>, usize)>,
    now: u64,
    /// The next sequence number of the client and of the broker, counted from their SYN.
    next: [u32; 2],
    pub(crate) client_port: u16,
}

/// Sequence numbers start over on the way.
const FIRST: [u32; 2] = [u32::MAX - 40, 77];

pub(crate) const CLIENT: usize = 0;
pub(crate) const BROKER: usize = 1;

impl Wire {
    pub(crate) fn new(link: Link, is_v6: bool) -> Self {
        Self {
            link,
            is_v6,
            packets: vec![],
            now: 1_700_000_000_000_000,
            next: [0, 0],
            client_port: 40_000,
        }
    }

    /// Both SYNs.
    pub(crate) fn open(mut self) -> Self {
        self.next = [0, 0];
        self.put(CLIENT, 0, SYN, b"", 0);
        self.put(BROKER, 0, SYN | ACK, b"", 0);
        self.next = [1, 1];
        self
    }

    /// Sends bytes in one segment, a millisecond later.
    pub(crate) fn send(mut self, side: usize, bytes: &[u8]) -> Self {
        let at = self.skip(side, bytes.len());
        self.put(side, at, ACK, bytes, 0);
        self
    }

    /// Bytes that are never captured.
    pub(crate) fn lose(mut self, side: usize, bytes: &[u8]) -> Self {
        self.skip(side, bytes.len());
        self
    }

    /// Sends bytes again from a place in the stream, or for the first time if they had been lost.
    pub(crate) fn send_at(mut self, side: usize, at: u32, bytes: &[u8]) -> Self {
        self.put(side, at, ACK, bytes, 0);
        self
    }

    /// Sends bytes of which the capture keeps only the first.
    pub(crate) fn send_cut(mut self, side: usize, bytes: &[u8], kept: usize) -> Self {
        let at = self.skip(side, bytes.len());
        self.put(side, at, ACK, bytes, bytes.len() - kept);
        self
    }

    pub(crate) fn close(mut self) -> Self {
        for side in [CLIENT, BROKER] {
            let at = self.skip(side, 1);
            self.put(side, at, FIN_ACK, b"", 0);
        }
        self
    }

    /// The capture as a pcap file.
    pub(crate) fn pcap(&self) -> Vec<u8> {
        let mut file = Vec::new();
        for word in [0xa1b2_c3d4, 4 << 16 | 2, 0, 0, 65_535, self.link.number()] {
            file.extend_from_slice(&u32::to_le_bytes(word));
        }
        for (time, bytes, length) in &self.packets {
            let words = [time / 1_000_000, time % 1_000_000, bytes.len() as u64, *length as u64];
            words.iter().for_each(|word| file.extend_from_slice(&(*word as u32).to_le_bytes()));
            file.extend_from_slice(bytes);
        }
        file
    }

    /// The capture as a pcapng file, big-endian, with clocks of nanoseconds.
    pub(crate) fn pcapng(&self) -> Vec<u8> {
        let block = |kind: u32, body: &[u8]| {
            let mut body = body.to_vec();
            body.resize(body.len().next_multiple_of(4), 0);
            let length = (body.len() as u32 + 12).to_be_bytes();
            [&kind.to_be_bytes(), &length[..], &body, &length].concat()
        };
        let mut file = block(
            0x0a0d_0d0a,
            &[&0x1a2b_3c4d_u32.to_be_bytes()[..], &[0, 1, 0, 0], &[0xff; 8]].concat(),
        );
        let mut interface = (self.link.number() as u16).to_be_bytes().to_vec();
        interface.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 9, 0, 0, 0, 0, 0, 0, 0]);
        file.extend_from_slice(&block(1, &interface));
        for (time, bytes, length) in &self.packets {
            let time = time * 1_000;
            let mut body = vec![0; 4];
            for word in [(time >> 32) as u32, time as u32, bytes.len() as u32, *length as u32] {
                body.extend_from_slice(&word.to_be_bytes());
            }
            body.extend_from_slice(bytes);
            file.extend_from_slice(&block(6, &body));
        }
        file
    }

    fn skip(&mut self, side: usize, length: usize) -> u32 {
        let at = self.next[side];
        self.next[side] += length as u32;
        at
    }

    fn put(&mut self, side: usize, at: u32, flags: u8, payload: &[u8], cut: usize) {
        self.now += 1_000;
        let (from, to) = match side {
            CLIENT => (self.client_port, 9092),
            _ => (9092, self.client_port),
        };
        let mut tcp = [from.to_be_bytes(), to.to_be_bytes()].concat();
        tcp.extend_from_slice(&FIRST[side].wrapping_add(at).to_be_bytes());
        let expected = FIRST[1 - side].wrapping_add(self.next[1 - side]);
        tcp.extend_from_slice(&expected.to_be_bytes());
        tcp.extend_from_slice(&[5 << 4, flags, 0xff, 0xff, 0, 0, 0, 0]);
        tcp.extend_from_slice(payload);
        let (a, b) = match side {
            CLIENT => (1, 2),
            _ => (2, 1),
        };
        let ip = match self.is_v6 {
            false => {
                let length = (tcp.len() as u16 + 20).to_be_bytes();
                let header = [
                    &[0x45, 0][..],
                    &length,
                    &[0, 0, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, a, 10, 0, 0, b],
                ];
                [&header.concat(), &tcp[..]].concat()
            }
            true => {
                let length = (tcp.len() as u16).to_be_bytes();
                let mut header = [&[0x60, 0, 0, 0][..], &length, &[6, 64]].concat();
                for last in [a, b] {
                    header
                        .extend_from_slice(&[0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last]);
                }
                [header, tcp].concat()
            }
        };
        let packet = self.link.wrap(&ip, self.is_v6);
        let length = packet.len();
        let kept = packet[..length - cut].to_vec();
        self.packets.push((self.now, kept, length));
    }
}
