//! The one question that tells whether a node serves: which brokers do you know?
//!
//! Written by hand over Metadata v1, which every release since 0.10 answers, so that the kit leans on nothing that it is to test.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// A node that takes longer than this for one answer is asked again.
const PATIENCE: Duration = Duration::from_secs(2);

/// More than any cluster of the kit has to say.
const ANSWER_BYTES_MAX: u32 = 1 << 20;

/// The ids of the brokers that the node on `port` knows to be alive.
pub(super) fn live_brokers(port: u16) -> io::Result<Vec<i32>> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    // Length, key 3, version 1, correlation id 7, no client id, no topics.
    stream.write_all(&[0, 0, 0, 14, 0, 3, 0, 1, 0, 0, 0, 7, 0xff, 0xff, 0, 0, 0, 0])?;
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let length = u32::from_be_bytes(length);
    if length > ANSWER_BYTES_MAX {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut answer = Vec::new();
    stream.take(u64::from(length)).read_to_end(&mut answer)?;
    brokers(&answer)
}

/// The broker ids of a response: correlation id, then an array of (id, host, port, rack), then what isn't wanted here.
fn brokers(mut answer: &[u8]) -> io::Result<Vec<i32>> {
    take::<4>(&mut answer)?;
    let count = i32::from_be_bytes(take(&mut answer)?);
    let mut ids = Vec::new();
    for _ in 0..count {
        ids.push(i32::from_be_bytes(take(&mut answer)?));
        skip_string(&mut answer)?;
        take::<4>(&mut answer)?;
        skip_string(&mut answer)?;
    }
    Ok(ids)
}

fn take<const N: usize>(input: &mut &[u8]) -> io::Result<[u8; N]> {
    let (taken, rest) = input.split_first_chunk::<N>().ok_or(io::ErrorKind::UnexpectedEof)?;
    *input = rest;
    Ok(*taken)
}

fn skip_string(input: &mut &[u8]) -> io::Result<()> {
    let length = i16::from_be_bytes(take(input)?);
    // A length below zero is null.
    let length = usize::try_from(length).unwrap_or(0);
    *input = input.get(length..).ok_or(io::ErrorKind::UnexpectedEof)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_brokers_and_refuses_short_answers() {
        let mut answer = vec![0, 0, 0, 7, 0, 0, 0, 2];
        answer.extend([0, 0, 0, 1, 0, 2, b'h', b'1', 0, 0, 0x4e, 0x20, 0xff, 0xff]);
        answer.extend([0, 0, 0, 3, 0, 0, 0, 0, 0x4e, 0x21, 0, 1, b'r']);
        assert_eq!(brokers(&answer).unwrap(), [1, 3]);
        for end in 0..answer.len() {
            assert!(brokers(&answer[..end]).is_err(), "{end}");
        }
    }
}
