//! Accepts connections and serves HTTP/1 on them: how many, how slow they may be, and how they end.
//!
//! Knows nothing of what is served.

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
use crate::config::Limits;
use crate::problem::ResponseBody;

/// How long a refused body may go on arriving after the answer, so that the client gets to read it.
const LINGER: Duration = Duration::from_secs(2);
/// How long a connection that was just accepted may take to send its first request, when stopping.
const FIRST_REQUEST_TIMEOUT: Duration = Duration::from_millis(500);
/// After a failed accept, mostly for want of file descriptors, which connections have to give back.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Of a head, and of about what is read at once: a connection takes up to twice as much that nobody counts.
const READ_BUFFER_BYTES: usize = 64 << 10;

/// Head and body of so small a response are put together: the kernel takes one piece for less than two.
const MAX_COPIED_BYTES: usize = 1024;

/// The other end of a connection.
#[derive(Debug, Clone)]
pub struct Peer(Arc<PeerState>);

#[derive(Debug)]
struct PeerState {
    address: SocketAddr,
    /// As text: made once, not for each line of the access log.
    text: String,
    unread_body: AtomicBool,
}

impl Peer {
    /// The other end at this address.
    #[must_use]
    pub fn new(address: SocketAddr) -> Self {
        Self(Arc::new(PeerState { address, text: address.to_string(), unread_body: AtomicBool::new(false) }))
    }

    /// Where it is.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.0.address
    }

    /// The address as text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// The connection is about to be closed on a client that may still be sending.
    pub fn expect_unread_body(&self) {
        self.0.unread_body.store(true, Ordering::Relaxed);
    }
}

/// Serves until `stop` resolves; then answers what was accepted, and returns when all of it is answered.
pub async fn serve<S, F>(listener: TcpListener, limits: &Limits, service: S, stop: impl Future<Output = ()>)
where
    S: Fn(Request<Incoming>, Peer) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<ResponseBody>> + Send + 'static,
{
    let mut http = http1::Builder::new();
    http.header_read_timeout(limits.header_timeout);
    http.max_header_size(READ_BUFFER_BYTES);
    http.max_buf_size(READ_BUFFER_BYTES);
    http.half_close(true); // a client may say that it has sent all, and still wait for the answer
    let slots = Arc::new(Semaphore::new(limits.max_connections));
    let connections = GracefulShutdown::new();
    let mut start = |(stream, address): (TcpStream, SocketAddr), slot: Option<OwnedSemaphorePermit>| {
        let peer = Peer::new(address);
        let io = ClientConnection::new(stream, limits.body_timeout, peer.clone());
        let service = service.clone();
        let answer = service_fn(move |request| {
            // Boxed, since hyper moves it several times.
            let answer = Box::pin(service(request, peer.clone()));
            answer.map(Ok::<_, Infallible>)
        });
        let connection = http.timer(LazyTimer::default()).serve_connection(TokioIo::new(io), answer);
        // No async block, which would have room for the connection twice.
        tokio::spawn(connections.watch(connection).map(move |ended| {
            match ended {
                // It had no head that could be read, so there is no line in the access log.
                Err(error) if error.is_parse() => log::info!("{address} sent no HTTP: {error}"),
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
                    log::warn!("connections wait until they can be accepted again: {error}");
                }
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    match closing::drain_backlog(listener).await {
        Ok(waiting) => waiting.into_iter().for_each(|accepted| start(accepted, None)),
        Err(error) => log::warn!("cannot accept the connections that wait: {error}"),
    }
    if connections.count() > 0 {
        // A connection without a request is closed by the shutdown, though one may be on its way.
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

/// A TCP stream whose writes must progress, and which on closing lets a client read the answer to a body
/// that was not wanted: to close with unread bytes resets the connection, and the answer may be lost.
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
