//! One connection: frames in, frames out, one at a time, as a broker does it.

use std::io::{self, Read};
use std::net::TcpStream;

use super::answer::Answer;
use super::parse::{Parse, malformed};
use super::{Shared, api, fetch, produce};

/// The largest frame read, as `socket.request.max.bytes` is by default.
const FRAME_BYTES_MAX: usize = 100 << 20;

/// Serves a connection until the client closes it.
pub(super) fn serve(mut stream: TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut frame = Vec::new();
    let mut answer = Answer::default();
    loop {
        let mut size = [0; 4];
        match stream.read_exact(&mut size) {
            Ok(()) => {}
            // Clients may leave at any time, and reset when something was still on its way to them.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => return Ok(()),
            Err(error) => return Err(error),
        }
        let size = u32::from_be_bytes(size) as usize;
        if size > FRAME_BYTES_MAX {
            return Err(malformed("it is too long"));
        }
        if frame.len() < size {
            frame.resize(size, 0);
        }
        let (request, _) = frame.split_at_mut(size);
        stream.read_exact(request)?;
        if respond(request, shared, &mut answer)? {
            match answer.send(&shared.canned.body, &mut stream) {
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe
                    ) =>
                {
                    return Ok(());
                }
                sent => sent?,
            }
        }
    }
}

/// Prepares the response to a request; says whether there is one.
fn respond(request: &[u8], shared: &Shared, answer: &mut Answer) -> io::Result<bool> {
    let mut parse = Parse(request);
    let key = parse.i16()?;
    let version = parse.i16()?;
    let correlation_id = parse.i32()?;
    let _client_id = parse.string()?;
    if key == api::API_VERSIONS {
        answer.begin(correlation_id, false);
        api::api_versions(version, answer);
        return Ok(true);
    }
    if !api::speaks(key, version) {
        return Err(malformed(&format!(
            "API key {key} version {version} is not advertised"
        )));
    }
    let flexible = key != api::FIND_COORDINATOR;
    if flexible {
        parse.tags()?;
    }
    answer.begin(correlation_id, flexible);
    match key {
        api::PRODUCE => return produce::produce(&mut parse, shared, answer),
        api::FETCH => fetch::fetch(version, &mut parse, shared, answer)?,
        api::LIST_OFFSETS => api::list_offsets(&mut parse, shared, answer)?,
        api::METADATA => api::metadata(version, &mut parse, shared, answer)?,
        api::FIND_COORDINATOR => api::find_coordinator(shared, answer),
        _ => api::init_producer_id(answer),
    }
    Ok(true)
}
