//! The two threads of one connection: one takes orders and writes, the other reads.

use std::future::poll_fn;
use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Buf;
use kafka_handle::{Chunks, Connection, Flow, Work, block_on};

use crate::drive::spawn;

/// Pieces handed to the socket with one call. A small batch is two, its header and its records.
const SLICES: usize = 64;

/// The most that is read from the socket with one call, in bytes.
const READ_BYTES: usize = 64 << 10;

/// Connects, and serves the connection until it is over.
pub(crate) fn serve(mut connection: Connection) {
    let stream = match TcpStream::connect_timeout(&connection.address(), connection.setup_timeout())
    {
        Ok(stream) => Arc::new(stream),
        Err(error) => return connection.failed(&error),
    };
    if let Err(error) = stream.set_nodelay(true) {
        return connection.failed(&error);
    }
    connection.connected();
    let connection = Arc::new(Mutex::new(connection));
    let reader = (Arc::clone(&connection), Arc::clone(&stream));
    spawn("kafka-reader", move || read(&reader.0, &reader.1));
    write(&connection, &stream);
    // The reader comes back from its read with this.
    let _ = stream.shutdown(Shutdown::Both);
}

/// Takes orders, and writes, until the connection is over.
fn write(connection: &Mutex<Connection>, stream: &TcpStream) {
    let outbox = lock(connection).outbox();
    loop {
        match block_on(poll_fn(|cx| outbox.poll_work(cx))) {
            // It takes a while, so not under the lock.
            Work::Seal(seal) => seal.run(),
            work => {
                if lock(connection).perform(work) == Flow::Closed {
                    return;
                }
            }
        }
        while let Some(chunks) = take_chunks(connection) {
            let (bytes, result) = write_all(stream, chunks);
            let mut connection = lock(connection);
            connection.wrote(bytes);
            if let Err(error) = result {
                return connection.failed(&error);
            }
        }
    }
}

fn take_chunks(connection: &Mutex<Connection>) -> Option<Chunks> {
    lock(connection).poll_write().map(std::mem::take)
}

/// Writes it all, and says how much that was if it fails.
fn write_all(mut stream: &TcpStream, mut chunks: Chunks) -> (usize, io::Result<()>) {
    let mut written = 0;
    while chunks.has_remaining() {
        let mut slices = [IoSlice::new(&[]); SLICES];
        let filled = chunks.chunks_vectored(&mut slices);
        match stream.write_vectored(&slices[..filled]) {
            Ok(0) => return (written, Err(ErrorKind::WriteZero.into())),
            Ok(bytes) => {
                chunks.advance(bytes);
                written += bytes;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return (written, Err(error)),
        }
    }
    (written, Ok(()))
}

/// Reads until the connection is over. The socket fills a buffer of the thread's own, for safe code can read only into
/// memory that has been written before, and the link's has not.
fn read(connection: &Mutex<Connection>, mut stream: &TcpStream) {
    let mut buffer = vec![0; READ_BYTES];
    loop {
        let room = {
            let mut connection = lock(connection);
            let target = connection.read_buf();
            (target.capacity() - target.len()).clamp(1, READ_BYTES)
        };
        let read = stream.read(&mut buffer[..room]);
        let mut connection = lock(connection);
        match read {
            Ok(0) => return connection.eof(),
            Ok(bytes) => {
                connection.read_buf().extend_from_slice(&buffer[..bytes]);
                if connection.received() == Flow::Closed {
                    return;
                }
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return connection.failed(&error),
        }
    }
}

fn lock(connection: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}
