//! The task of one connection: moves bytes between its socket and its link.

use std::future::{Future, poll_fn};
use std::io::{self, ErrorKind, IoSlice};
use std::net::SocketAddr;
use std::pin::pin;
use std::task::{Context, Poll};

use bytes::Buf;
use kafka_handle::{Connection, Flow, Outbox};
use tokio::net::{TcpSocket, TcpStream};

/// Pieces handed to the socket with one call. A small batch is two, its header and its records.
const SLICES: usize = 64;

/// Connects, and serves the connection until it is over.
pub(crate) async fn serve(mut connection: Connection) {
    let outbox = connection.outbox();
    let mut connecting = pin!(connect(connection.address(), connection.buffer_bytes()));
    let connected = poll_fn(|cx| match take_orders(&mut connection, &outbox, cx) {
        Flow::Closed => Poll::Ready(None),
        Flow::Open => connecting.as_mut().poll(cx).map(Some),
    });
    match connected.await {
        None => {}
        Some(Err(error)) => connection.failed(&error),
        Some(Ok(stream)) => {
            connection.connected();
            poll_fn(|cx| poll_serve(&mut connection, &outbox, &stream, cx)).await;
        }
    }
}

async fn connect(
    address: SocketAddr,
    (send_buffer, receive_buffer): (Option<usize>, Option<usize>),
) -> io::Result<TcpStream> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    if let Some(bytes) = send_buffer {
        socket.set_send_buffer_size(u32::try_from(bytes).unwrap_or(u32::MAX))?;
    }
    if let Some(bytes) = receive_buffer {
        socket.set_recv_buffer_size(u32::try_from(bytes).unwrap_or(u32::MAX))?;
    }
    socket.set_nodelay(true)?;
    socket.connect(address).await
}

/// Ready when the connection is over.
fn poll_serve(
    connection: &mut Connection,
    outbox: &Outbox,
    stream: &TcpStream,
    cx: &mut Context<'_>,
) -> Poll<()> {
    loop {
        if take_orders(connection, outbox, cx) == Flow::Closed {
            return Poll::Ready(());
        }
        if let Err(error) = write(connection, stream, cx) {
            connection.failed(&error);
            return Poll::Ready(());
        }
        let read = match stream.poll_read_ready(cx) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(ready) => ready.and_then(|()| stream.try_read_buf(connection.read_buf())),
        };
        match read {
            Ok(0) => {
                connection.eof();
                return Poll::Ready(());
            }
            Ok(_) if connection.received() == Flow::Open => {}
            Ok(_) => return Poll::Ready(()),
            Err(error) if is_passing(&error) => {}
            Err(error) => {
                connection.failed(&error);
                return Poll::Ready(());
            }
        }
    }
}

fn take_orders(connection: &mut Connection, outbox: &Outbox, cx: &mut Context<'_>) -> Flow {
    while let Poll::Ready(work) = outbox.poll_work(cx) {
        if connection.perform(work) == Flow::Closed {
            return Flow::Closed;
        }
    }
    Flow::Open
}

/// Writes until nothing is left, or the socket is full: then the task is woken when it is not.
fn write(connection: &mut Connection, stream: &TcpStream, cx: &mut Context<'_>) -> io::Result<()> {
    while let Some(chunks) = connection.poll_write() {
        let Poll::Ready(ready) = stream.poll_write_ready(cx) else { return Ok(()) };
        ready?;
        let mut slices = [IoSlice::new(&[]); SLICES];
        let filled = chunks.chunks_vectored(&mut slices);
        match stream.try_write_vectored(&slices[..filled]) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(bytes) => {
                chunks.advance(bytes);
                connection.wrote(bytes);
            }
            Err(error) if is_passing(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
