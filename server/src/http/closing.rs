//! Closes a listener without losing connections.
//!
//! The kernel completes handshakes until the listener is closed. Then it resets the connections that the server has not
//! accepted.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use socket2::{SockFilter, SockRef};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

/// The maximum number of connections that wait in the kernel for a Tokio listener.
const BACKLOG: usize = 1024;
/// The time for handshakes in progress to complete.
const HANDSHAKE_TIME: Duration = Duration::from_millis(100);

/// Closes the listener, and returns the connections that wait in it. They are accepted by system calls, because Tokio may
/// not have seen them yet.
///
/// # Errors
/// The listener or a connection cannot be moved from or to Tokio.
pub async fn drain_backlog(listener: TcpListener) -> io::Result<Vec<(TcpStream, SocketAddr)>> {
    match drop_new_handshakes(&listener) {
        Ok(()) => sleep(HANDSHAKE_TIME).await,
        Err(error) => {
            log::debug!("cannot filter new handshakes, so connections may be reset at shutdown: {error}");
        }
    }
    let listener = listener.into_std()?;
    std::iter::from_fn(|| listener.accept().ok())
        .take(BACKLOG)
        .map(|(stream, address)| {
            stream.set_nonblocking(true)?;
            Ok((TcpStream::from_std(stream)?, address))
        })
        .collect()
}

/// Makes the kernel drop packets that begin a connection. Their clients send them again after a second. By then the
/// port is closed, or another process listens on it.
fn drop_new_handshakes(listener: &TcpListener) -> io::Result<()> {
    // Classic BPF over the TCP header. Byte 13 holds the flags; the filter drops packets with SYN and without ACK.
    const FLAGS: u32 = 13;
    const SYN: u32 = 0x02;
    const SYN_AND_ACK: u32 = 0x12;
    const LOAD_BYTE: u16 = 0x30;
    const AND: u16 = 0x54;
    const JUMP_IF_EQUAL: u16 = 0x15;
    const RETURN: u16 = 0x06;
    SockRef::from(listener).attach_filter(&[
        SockFilter::new(LOAD_BYTE, 0, 0, FLAGS),
        SockFilter::new(AND, 0, 0, SYN_AND_ACK),
        SockFilter::new(JUMP_IF_EQUAL, 0, 1, SYN),
        SockFilter::new(RETURN, 0, 0, 0),
        SockFilter::new(RETURN, 0, 0, u32::MAX),
    ])
}
