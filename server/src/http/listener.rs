//! Accepts connections and serves HTTP/1 on them. It limits their number, enforces timeouts, and shuts down gracefully.
//!
//! The listener does not know the service that answers the requests.

use std::convert::Infallible;
use std::io;
use std::mem;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures::FutureExt as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Sleep, sleep};
use tokio_io_timeout::TimeoutWriter;

use super::closing;
use super::lazy_timer::LazyTimer;
use super::options::Limits;
use crate::problem::ResponseBody;

/// The time after a response during which the rest of a rejected body is discarded, so that the client can read the
/// response.
const LINGER: Duration = Duration::from_secs(2);
/// The time that a connection has for its first request if it was accepted during shutdown.
const FIRST_REQUEST_TIMEOUT: Duration = Duration::from_millis(500);
/// The pause after a failed accept. The usual cause is a lack of file descriptors, which closed connections free.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The limit on a request's head, and on hyper's read buffer. A connection takes up to twice as much memory, which no
/// budget counts.
const READ_BUFFER_BYTES: usize = 64 << 10;

/// The head and the body of a response up to this size are copied into one buffer, because one write of one buffer
/// costs the kernel less than a vectored write.
const MAX_COPIED_BYTES: usize = 1024;

/// The other end of a connection.
#[derive(Debug, Clone)]
pub struct Peer(Arc<PeerState>);

#[derive(Debug)]
struct PeerState {
    address: SocketAddr,
    /// The address as text. It is formatted once per connection, not for each line of the access log.
    text: String,
    unread_body: AtomicBool,
}

impl Peer {
    /// The peer at this address.
    #[must_use]
    pub fn new(address: SocketAddr) -> Self {
        Self(Arc::new(PeerState { address, text: address.to_string(), unread_body: AtomicBool::new(false) }))
    }

    /// The address of the peer.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.0.address
    }

    /// The address as text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// Announces that the connection will be closed while the client may still be sending a body.
    pub fn expect_unread_body(&self) {
        self.0.unread_body.store(true, Ordering::Relaxed);
    }
}

/// Serves until `stop` resolves. Then it answers the requests of all accepted connections, and returns.
pub async fn serve<S, F>(listener: TcpListener, limits: &Limits, service: S, stop: impl Future<Output = ()>)
where
    S: Fn(Request<Incoming>, Peer) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<ResponseBody>> + Send + 'static,
{
    let mut http = http1::Builder::new();
    http.header_read_timeout(limits.header_timeout);
    http.max_header_size(READ_BUFFER_BYTES);
    http.max_buf_size(READ_BUFFER_BYTES);
    http.half_close(true); // a client may close its sending side and still wait for the response
    let slots = Arc::new(Semaphore::new(limits.max_connections));
    let connections = GracefulShutdown::new();
    let mut start = |(stream, address): (TcpStream, SocketAddr), slot: Option<OwnedSemaphorePermit>| {
        let peer = Peer::new(address);
        let io = ClientConnection::new(stream, limits.body_timeout, peer.clone());
        let service = service.clone();
        let service = service_fn(move |request| {
            // Boxed, because hyper moves the future several times.
            let response = Box::pin(service(request, peer.clone()));
            response.map(Ok::<_, Infallible>)
        });
        let connection = http.timer(LazyTimer::default()).serve_connection(TokioIo::new(io), service);
        // An async block would keep space for the connection twice.
        tokio::spawn(connections.watch(connection).map(move |ended| {
            match ended {
                // Without a valid head the access log has no line.
                Err(error) if error.is_parse() => log::info!("{address} sent an invalid request: {error}"),
                Err(error) => log::debug!("connection of {address}: {error}"),
                Ok(()) => {}
            }
            drop(slot);
        }));
    };

    let mut stop = pin!(stop);
    let mut is_accepting = true;
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &slots) => accepted,
            () = &mut stop => break,
        };
        match accepted {
            Ok((accepted, slot)) => {
                if !mem::replace(&mut is_accepting, true) {
                    log::info!("connections are accepted again");
                }
                start(accepted, Some(slot));
            }
            Err(error) => {
                if mem::replace(&mut is_accepting, false) {
                    log::warn!("cannot accept connections, retrying: {error}");
                }
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    match closing::drain_backlog(listener).await {
        Ok(waiting) => waiting.into_iter().for_each(|accepted| start(accepted, None)),
        Err(error) => log::warn!("cannot accept the connections in the backlog: {error}"),
    }
    if connections.count() > 0 {
        // The shutdown closes connections without a request, even if a request is on its way.
        sleep(FIRST_REQUEST_TIMEOUT).await;
    }
    connections.shutdown().await;
}

async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> io::Result<((TcpStream, SocketAddr), OwnedSemaphorePermit)> {
    let slot = Arc::clone(slots).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, address) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok(((stream, address), slot))
}

/// A TCP stream with a write timeout. When it closes after a rejected body, it first discards the rest of the body:
/// the kernel resets a connection that is closed with unread bytes, and the client may lose the response.
struct ClientConnection {
    stream: Pin<Box<TimeoutWriter<TcpStream>>>,
    peer: Peer,
    lingering: Option<Pin<Box<Sleep>>>,
}

impl ClientConnection {
    fn new(stream: TcpStream, write_timeout: Duration, peer: Peer) -> Self {
        let mut stream = TimeoutWriter::new(stream);
        stream.set_timeout(Some(write_timeout));
        Self { stream: Box::pin(stream), peer, lingering: None }
    }
}

impl AsyncRead for ClientConnection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_read(cx, buf)
    }
}

impl AsyncWrite for ClientConnection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.stream.as_mut().poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let bytes: usize = bufs.iter().map(|buf| buf.len()).sum();
        if bytes <= MAX_COPIED_BYTES && bufs.len() > 1 {
            let mut small = [0; MAX_COPIED_BYTES];
            let mut rest = small.as_mut_slice();
            for buf in bufs {
                let (start, end) = rest.split_at_mut(buf.len());
                start.copy_from_slice(buf);
                rest = end;
            }
            return self.stream.as_mut().poll_write(cx, &small[..bytes]);
        }
        self.stream.as_mut().poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.lingering.is_none() {
            ready!(self.stream.as_mut().poll_shutdown(cx))?;
            if !self.peer.0.unread_body.load(Ordering::Relaxed) {
                return Poll::Ready(Ok(()));
            }
            self.lingering = Some(Box::pin(sleep(LINGER)));
        }
        let Self { stream, lingering: Some(deadline), .. } = &mut *self else { return Poll::Ready(Ok(())) };
        let mut discarded = [0; 16 * 1024];
        loop {
            if deadline.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Ok(()));
            }
            let mut buf = ReadBuf::new(&mut discarded);
            let read = ready!(stream.as_mut().poll_read(cx, &mut buf));
            if read.is_err() || buf.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
    }
}
