//! The default store: an LSM tree in a folder of this machine, durable before it acknowledges.
//!
//! Reads may block on the disk, so they run outside the runtime's threads. One thread makes all writes, and commits all
//! queued mutations with one fsync.

mod check;
mod container;
mod engine;
mod engine_error;
mod expiry;
mod folder;
mod foreign;
mod journals;
mod mutation;
mod opened;
mod read_only;
mod reopen;
mod sweeper;
mod tree;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

pub use self::check::is_data_folder;
use self::engine::Engine;
pub use self::foreign::SOCKET;
use self::read_only::StandIn;
use self::writer::WriterHandle;
use super::{MessageStore, OpenError, Put, Reason, Scan, StoreError, Stored};
use crate::message::{Message, MessageHash};
use crate::metrics::StoreMetrics;

/// A hanging disk must not keep the server from stopping.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// Messages in a folder.
pub struct Embedded {
    engine: Arc<Engine>,
    writer: WriterHandle,
    /// The temporary folder that is open in place of one that cannot be written to.
    _stand_in: Option<StandIn>,
}

impl Embedded {
    /// Opens `folder`, and creates it if its parent exists. Puts fail with [`StoreError::Full`] while the disk has fewer
    /// than `min_free_bytes` bytes free. Messages expire `retention` after they were last put.
    ///
    /// # Errors
    /// [`OpenError`] if the folder is in use, unwritable or damaged, or if its parent is missing.
    pub async fn open(
        folder: &Path,
        min_free_bytes: u64,
        retention: Option<Duration>,
        metrics: &StoreMetrics,
    ) -> Result<Self, OpenError> {
        let (folder, commit_messages) = (folder.to_owned(), metrics.commit_messages.clone());
        let opened = tokio::task::spawn_blocking(move || {
            let engine = Arc::new(Engine::open(&folder, min_free_bytes, retention)?);
            container::warn_of_loss(&folder);
            let writer = WriterHandle::start(Arc::clone(&engine), commit_messages).map_err(|error| {
                let text = format!("cannot start the thread that writes to {}", folder.display());
                OpenError::caused_by(text, error)
            })?;
            Ok(Self { engine, writer, _stand_in: None })
        });
        opened.await.unwrap_or_else(|_| Err(OpenError::new("the storage engine failed while opening")))
    }

    /// Opens a folder for reading. If it cannot be written to, for example on a read-only mount, a temporary folder with
    /// copies of its journals is opened instead.
    ///
    /// # Errors
    /// [`OpenError`] as for [`Self::open`].
    pub async fn open_to_read(folder: &Path, metrics: &StoreMetrics) -> Result<Self, OpenError> {
        if read_only::is_writable(folder) {
            return Self::open(folder, 0, None, metrics).await;
        }
        let (data, stand_in) = StandIn::make(folder)?;
        let opened = Self::open(&data, 0, None, metrics).await;
        let opened = opened.map_err(|error| error.with_path(&data, folder))?;
        Ok(Self { _stand_in: Some(stand_in), ..opened })
    }
}

#[async_trait]
impl MessageStore for Embedded {
    async fn put(&self, hash: MessageHash, message: Message) -> Result<Put, StoreError> {
        self.writer.put(hash, message).await
    }

    async fn delete(&self, hash: MessageHash) -> Result<(), StoreError> {
        self.writer.delete(hash).await
    }

    async fn get(&self, hash: MessageHash) -> Result<Option<Stored>, StoreError> {
        let engine = Arc::clone(&self.engine);
        let read = tokio::task::spawn_blocking(move || engine.get(hash)).await;
        read.unwrap_or_else(|_| {
            Err(StoreError::Corrupt(format!("the storage engine failed on {hash}").into()))
        })
    }

    fn scan(&self) -> Scan<'_> {
        let pages = stream::try_unfold(Some(None), move |position| async move {
            let Some(after) = position else { return Ok::<_, StoreError>(None) };
            let engine = Arc::clone(&self.engine);
            let page = tokio::task::spawn_blocking(move || engine.page(after)).await;
            let page = page.unwrap_or_else(|error| Err(engine_panicked(error)))?;
            Ok(Some((stream::iter(page.messages), page.next.map(Some))))
        });
        pages.try_flatten().boxed()
    }

    async fn estimated_count(&self) -> Result<u64, StoreError> {
        self.engine.estimated_count()
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.writer.health()?;
        let engine = Arc::clone(&self.engine);
        let checks = move || engine.check_room().and_then(|()| engine.check_files());
        let room = tokio::task::spawn_blocking(checks).await;
        room.unwrap_or_else(|error| Err(engine_panicked(error)))
    }

    async fn close(&self) {
        let close = async {
            self.writer.stop().await;
            let engine = Arc::clone(&self.engine);
            tokio::task::spawn_blocking(move || engine.close()).await
        };
        match tokio::time::timeout(CLOSE_TIMEOUT, close).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => {
                log::warn!("the storage engine failed while closing; all acknowledged messages are on disk");
            }
            Err(_) => log::warn!("the disk hangs while closing; all acknowledged messages are on it"),
        }
    }
}

fn engine_panicked(error: tokio::task::JoinError) -> StoreError {
    StoreError::Unavailable(Reason::caused_by("the storage engine failed", error))
}
