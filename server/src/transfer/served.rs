//! Sends the messages of an open data folder to other processes of this machine, through a socket in the folder: no two
//! processes can open the folder.
//!
//! A client receives a line with the estimated number of messages, one line for each message, and an empty line. Only
//! the owner of the folder can connect. The socket stays when the server stops, and then refuses connections.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, BufWriter, Write};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use tokio::net::UnixListener;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use super::lines;
use crate::error_chain::chain;
use crate::store::{MessageStore, SOCKET, Scan, StoreError};

/// The length of a socket path (`sockaddr_un`), with a zero byte at its end.
const SOCKET_PATH_BYTES: usize = 108;
/// The longest wait for a client that does not read.
const READER_TIMEOUT: Duration = Duration::from_mins(1);
/// The longest wait for a server that sends to other clients first.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The most clients at a time. Further clients wait.
const MAX_READERS: usize = 4;
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Sends the messages of the store to each client of the folder's socket, until the future is dropped. Clients can
/// connect as soon as this function returns.
pub fn share(folder: &Path, store: Arc<dyn MessageStore>) -> impl Future<Output = ()> + use<> {
    let path = folder.join(SOCKET);
    let listener = listen(&path);
    async move {
        match listener {
            Ok(listener) => send_to_all(listener, store).await,
            Err(error) => {
                log::warn!(
                    "{}: {error}; `export` and `copy` cannot read the folder while the server runs",
                    path.display()
                );
            }
        }
    }
}

async fn send_to_all(listener: UnixListener, store: Arc<dyn MessageStore>) {
    let room = Arc::new(Semaphore::new(MAX_READERS));
    loop {
        let Ok(room) = Arc::clone(&room).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((reader, _)) => drop(tokio::task::spawn_blocking({
                let (store, runtime) = (Arc::clone(&store), Handle::current());
                move || {
                    let _room = room;
                    let sent = reader.into_std().map(|reader| runtime.block_on(send_all(&*store, reader)));
                    if let Err(error) = sent.flatten() {
                        log::warn!(
                            "a reader of the data folder did not receive all messages: {}",
                            chain(&error)
                        );
                    }
                }
            })),
            Err(error) => {
                log::warn!("cannot accept a reader of the data folder: {error}");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn listen(path: &Path) -> io::Result<UnixListener> {
    match fs::symlink_metadata(path) {
        // A leftover of the last server: this process has the lock of the folder.
        Ok(file) if file.file_type().is_socket() => fs::remove_file(path)?,
        _ => {}
    }
    let listener = with_short_path(path, |path| UnixListener::bind(path))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Calls `act` with the path of a socket, shortened if it is too long for the system.
fn with_short_path<T>(path: &Path, act: impl FnOnce(&Path) -> io::Result<T>) -> io::Result<T> {
    match (path.parent(), path.file_name()) {
        (Some(folder), Some(name)) if path.as_os_str().len() >= SOCKET_PATH_BYTES => {
            let folder = File::open(folder)?;
            act(&Path::new("/proc/self/fd").join(folder.as_raw_fd().to_string()).join(name))
        }
        _ => act(path),
    }
}

async fn send_all(store: &dyn MessageStore, reader: UnixStream) -> io::Result<()> {
    reader.set_nonblocking(false)?;
    reader.set_write_timeout(Some(READER_TIMEOUT))?;
    let mut out = BufWriter::with_capacity(1 << 16, reader);
    let count = store.estimated_count().await.map_err(io::Error::other)?;
    writeln!(out, "{count}")?;
    let mut messages = store.scan();
    while let Some(message) = messages.next().await {
        match message {
            Ok((hash, message)) => lines::write(&mut out, hash, &message)?,
            Err(StoreError::Corrupt(reason)) => lines::write_damaged(&mut out, &chain(&reason).to_string())?,
            Err(error) => return Err(io::Error::other(error)),
        }
    }
    out.write_all(b"\n")?;
    out.flush()
}

/// The messages of a folder that a server has open.
pub(super) struct SharedFolder {
    pub(super) count: u64,
    pub(super) messages: Scan<'static>,
}

impl SharedFolder {
    /// Connects to the server that has the folder open; `None` without such a server. Waits up to `CONNECT_TIMEOUT` for it.
    pub(super) fn connect(folder: &Path) -> io::Result<Option<Self>> {
        let connected = with_short_path(&folder.join(SOCKET), |path| UnixStream::connect(path));
        let Ok(stream) = connected else { return Ok(None) };
        stream.set_read_timeout(Some(CONNECT_TIMEOUT))?;
        let mut input = BufReader::new(stream);
        let mut count = String::new();
        input.read_line(&mut count)?;
        let count = count.trim_end().parse().map_err(io::Error::other)?;
        input.get_ref().set_read_timeout(None)?;
        Ok(Some(Self { count, messages: lines::stream(input, lines::InputEnd::EmptyLine) }))
    }
}
