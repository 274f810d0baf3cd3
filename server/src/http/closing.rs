//! How a listener ends without a connection lost.
//!
//! The kernel goes on completing handshakes up to the moment a listener is closed, and resets what nobody has
//! accepted by then.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use socket2::{SockFilter, SockRef};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

/// As many connections as may wait in the kernel, for a listener of the runtime.
const BACKLOG: usize = 1024;
/// How long a handshake that has begun may take to end.
const HANDSHAKE_TIME: Duration = Duration::from_millis(100);

/// Closes the listener, and gives back the connections that wait in it. Asked of the kernel itself: the runtime
/// may not have been told of them yet.
pub async fn drain_backlog(listener: TcpListener) -> io::Result<Vec<(TcpStream, SocketAddr)>> {
    match drop_new_handshakes(&listener) {
        Ok(()) => sleep(HANDSHAKE_TIME).await,
        Err(error) => {
            log::debug!("the kernel goes on taking connections until the listener is closed: {error}");
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

/// Has the kernel drop what would begin a connection. Its client asks again after a second, and is refused or
/// reaches whoever listens here by then.
fn drop_new_handshakes(listener: &TcpListener) -> io::Result<()> {
    // Classic BPF, over the TCP header: of SYN and ACK, in its byte 13, only SYN is set.
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
