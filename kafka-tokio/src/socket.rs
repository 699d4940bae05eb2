//! The task of one connection: moves bytes between its socket and its link.

use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::task::{Context, Poll};

use kafka_handle::{Connection, Flow, Outbox};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

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
        Some(Ok(mut stream)) => {
            connection.connected();
            poll_fn(|cx| poll_serve(&mut connection, &outbox, &mut stream, cx)).await;
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
    stream: &mut TcpStream,
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
        // Dropped before it is ready, it has read nothing, and the task is woken all the same.
        let Poll::Ready(read) = pin!(stream.read_buf(connection.read_buf())).poll(cx) else {
            return Poll::Pending;
        };
        match read {
            Ok(0) => {
                connection.eof();
                return Poll::Ready(());
            }
            Ok(_) if connection.received() == Flow::Open => {}
            Ok(_) => return Poll::Ready(()),
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
fn write(
    connection: &mut Connection,
    stream: &mut TcpStream,
    cx: &mut Context<'_>,
) -> io::Result<()> {
    while let Some(chunks) = connection.poll_write() {
        match pin!(stream.write_buf(chunks)).poll(cx) {
            Poll::Pending => return Ok(()),
            Poll::Ready(Ok(0)) => return Err(io::ErrorKind::WriteZero.into()),
            Poll::Ready(Ok(bytes)) => connection.wrote(bytes),
            Poll::Ready(Err(error)) => return Err(error),
        }
    }
    Ok(())
}
