//! The two threads of one connection: one takes orders and writes, the other reads.

use std::future::poll_fn;
use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Buf;
use kafka_handle::{Chunks, Connection, Flow, Outbox, Work, block_on};
use socket2::{Domain, Protocol, Socket, Type};

use crate::drive::spawn;

/// Pieces handed to the socket with one call. A small batch is two, its header and its records.
const SLICES: usize = 64;

/// The most that is read from the socket with one call, in bytes.
const READ_BYTES: usize = 64 << 10;

/// How long a write may block before the thread looks for orders: it may be told to close a connection that its peer
/// does not read from.
const WRITE_PATIENCE: Duration = Duration::from_millis(500);

/// Connects, and serves the connection until it is over.
pub(crate) fn serve(mut connection: Connection) {
    let stream = match connect(&connection) {
        Ok(stream) => Arc::new(stream),
        Err(error) => return connection.failed(&error),
    };
    connection.connected();
    let connection = Arc::new(Mutex::new(connection));
    let reader = (Arc::clone(&connection), Arc::clone(&stream));
    spawn("kafka-reader", move || read(&reader.0, &reader.1));
    write(&connection, &stream);
    // The reader comes back from its read with this.
    let _ = stream.shutdown(Shutdown::Both);
}

fn connect(connection: &Connection) -> io::Result<TcpStream> {
    let (address, (send_buffer, receive_buffer)) =
        (connection.address(), connection.buffer_bytes());
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if let Some(bytes) = send_buffer {
        socket.set_send_buffer_size(bytes)?;
    }
    if let Some(bytes) = receive_buffer {
        socket.set_recv_buffer_size(bytes)?;
    }
    socket.set_tcp_nodelay(true)?;
    socket.set_write_timeout(Some(WRITE_PATIENCE))?;
    socket.connect_timeout(&address.into(), connection.setup_timeout())?;
    Ok(socket.into())
}

/// Takes orders, and writes, until the connection is over.
fn write(connection: &Mutex<Connection>, stream: &TcpStream) {
    let outbox = lock(connection).outbox();
    loop {
        let work = block_on(poll_fn(|cx| outbox.poll_work(cx)));
        if perform(connection, work) == Flow::Closed {
            return;
        }
        while let Some(mut chunks) = take_chunks(connection) {
            while chunks.has_remaining() {
                let result = write_some(stream, &mut chunks);
                let mut held = lock(connection);
                match result {
                    Ok(bytes) => held.wrote(bytes),
                    Err(error) if is_passing(&error) => {
                        drop(held);
                        if take_orders(connection, &outbox) == Flow::Closed {
                            return;
                        }
                    }
                    Err(error) => return held.failed(&error),
                }
            }
        }
    }
}

fn perform(connection: &Mutex<Connection>, work: Work) -> Flow {
    match work {
        // It takes a while, so not under the lock.
        Work::Seal(seal) => {
            seal.run();
            Flow::Open
        }
        work => lock(connection).perform(work),
    }
}

/// Takes the orders that are there.
fn take_orders(connection: &Mutex<Connection>, outbox: &Outbox) -> Flow {
    let mut cx = Context::from_waker(Waker::noop());
    while let Poll::Ready(work) = outbox.poll_work(&mut cx) {
        if perform(connection, work) == Flow::Closed {
            return Flow::Closed;
        }
    }
    Flow::Open
}

fn take_chunks(connection: &Mutex<Connection>) -> Option<Chunks> {
    lock(connection).poll_write().map(std::mem::take)
}

/// Writes as much as the socket takes with one call.
fn write_some(mut stream: &TcpStream, chunks: &mut Chunks) -> io::Result<usize> {
    let mut slices = [IoSlice::new(&[]); SLICES];
    let filled = chunks.chunks_vectored(&mut slices);
    let bytes = stream.write_vectored(&slices[..filled])?;
    if bytes == 0 {
        return Err(ErrorKind::WriteZero.into());
    }
    chunks.advance(bytes);
    Ok(bytes)
}

/// Whether a write only has to be tried again.
fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock | ErrorKind::TimedOut)
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
