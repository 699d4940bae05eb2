//! Listening sockets: one per node, each with a thread that accepts, closed and opened as nodes die
//! and return.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::shared::{Shared, lock};

/// How long a thread that is to stop accepting may take to hear of it.
const POKE_TIMEOUT: Duration = Duration::from_secs(1);

/// How long to pause after a failed accept.
const PAUSE: Duration = Duration::from_millis(10);

/// The nodes that accept connections.
#[derive(Debug)]
pub(super) struct Listeners {
    open: Mutex<BTreeMap<i32, Listener>>,
}

#[derive(Debug)]
struct Listener {
    addr: SocketAddr,
    closing: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

/// Binds one socket a node, on consecutive ports or on any.
pub(super) fn bind_all(first: SocketAddr, nodes: usize) -> io::Result<Vec<TcpListener>> {
    let addr = |index: usize| {
        let port = u16::try_from(index).ok().and_then(|index| first.port().checked_add(index));
        match (first.port(), port) {
            (0, _) => Ok(first),
            (_, Some(port)) => Ok(SocketAddr::new(first.ip(), port)),
            (_, None) => {
                Err(io::Error::new(io::ErrorKind::InvalidInput, "not enough ports for all nodes"))
            }
        }
    };
    (0..nodes.max(1)).map(|index| TcpListener::bind(addr(index)?)).collect()
}

impl Listeners {
    /// Starts accepting on every socket, in order of node ids.
    pub(super) fn new(shared: &Arc<Shared>, sockets: Vec<TcpListener>) -> io::Result<Self> {
        let listeners = Self { open: Mutex::default() };
        for (node, socket) in (1..).zip(sockets) {
            let accepting = listeners.accept_on(shared, node, socket);
            if accepting.is_err() {
                shared.begin_stop();
                listeners.close_all();
            }
            accepting?;
        }
        Ok(listeners)
    }

    /// Listens again for a node that doesn't.
    pub(super) fn open(&self, shared: &Arc<Shared>, node: i32, addr: SocketAddr) -> io::Result<()> {
        if lock(&self.open).contains_key(&node) || shared.is_stopping() {
            return Ok(());
        }
        self.accept_on(shared, node, TcpListener::bind(addr)?)
    }

    /// Closes a node's socket; when this returns its port refuses.
    pub(super) fn close(&self, node: i32) {
        let listener = lock(&self.open).remove(&node);
        if let Some(listener) = listener {
            listener.close();
        }
    }

    /// Closes every node's socket.
    pub(super) fn close_all(&self) {
        let listeners = std::mem::take(&mut *lock(&self.open));
        listeners.into_values().for_each(Listener::close);
    }

    fn accept_on(&self, shared: &Arc<Shared>, node: i32, socket: TcpListener) -> io::Result<()> {
        let addr = socket.local_addr()?;
        let closing = Arc::new(AtomicBool::new(false));
        let (shared, told) = (Arc::clone(shared), Arc::clone(&closing));
        let run = move || {
            for stream in socket.incoming() {
                if told.load(Ordering::Acquire) {
                    return;
                }
                match stream {
                    Ok(stream) => shared.accepted(node, stream),
                    // The client is gone already, or there is no descriptor left: neither is a
                    // reason to stop accepting, and the latter none to spin.
                    Err(_) => thread::sleep(PAUSE),
                }
            }
        };
        let thread = thread::Builder::new().name(format!("kafka-sim node {node}")).spawn(run)?;
        lock(&self.open).insert(node, Listener { addr, closing, thread });
        Ok(())
    }
}

impl Listener {
    fn close(self) {
        self.closing.store(true, Ordering::Release);
        // The thread sits in accept and only a connection wakes it. If none can be made it isn't
        // waited for.
        if TcpStream::connect_timeout(&reachable(self.addr), POKE_TIMEOUT).is_ok() {
            let _ = self.thread.join();
        }
    }
}

/// Where an address can be connected to: the loopback for one that listens on all interfaces.
fn reachable(addr: SocketAddr) -> SocketAddr {
    let ip = match addr {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        _ => addr.ip(),
    };
    SocketAddr::new(ip, addr.port())
}
