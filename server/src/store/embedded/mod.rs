//! The default store: an LSM tree in a folder of this machine, durable before it acknowledges.
//!
//! Reads may touch the disk, so they leave the runtime's threads. All writes go through one thread,
//! which commits what has queued up with one fsync.

mod check;
mod container;
mod engine;
mod expiry;
mod folder;
mod foreign;
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

use self::engine::Engine;
pub use self::folder::is_data_folder;
pub use self::foreign::SOCKET;
use self::read_only::StandIn;
use self::writer::WriterHandle;
use super::{MessageStore, OpenError, Put, Scan, StoreError, Stored};
use crate::message::{Message, MessageHash};
use crate::metrics::StoreMetrics;

/// A disk that does not answer must not keep the server from ending.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// Messages in a folder.
pub struct Embedded {
    engine: Arc<Engine>,
    writer: WriterHandle,
    /// What is open in place of a folder that cannot be written to.
    _stand_in: Option<StandIn>,
}

impl Embedded {
    /// Opens `folder`, making it if only its parent exists. Puts are refused while the disk has less
    /// than `min_free_bytes` bytes left; what was put more than `retention` ago is removed.
    ///
    /// # Errors
    /// [`OpenError`] where the folder is in use, missing, unwritable or damaged.
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
                OpenError(format!("cannot start the thread that writes to {}: {error}", folder.display()))
            })?;
            Ok(Self { engine, writer, _stand_in: None })
        });
        opened.await.unwrap_or_else(|_| Err(OpenError("the storage engine failed while opening".to_owned())))
    }

    /// Opens a folder only to read it. One that cannot be written to, as a read-only mount, is opened by way of a
    /// folder for temporary files, which takes copies of its journals.
    ///
    /// # Errors
    /// [`OpenError`] as for `open`.
    pub async fn open_to_read(folder: &Path, metrics: &StoreMetrics) -> Result<Self, OpenError> {
        if read_only::is_writable(folder) {
            return Self::open(folder, 0, None, metrics).await;
        }
        let (data, stand_in) = StandIn::make(folder)?;
        let opened = Self::open(&data, 0, None, metrics).await;
        let opened = opened.map_err(|OpenError(error)| {
            OpenError(error.replace(&data.display().to_string(), &folder.display().to_string()))
        })?;
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
        read.unwrap_or_else(|_| Err(StoreError::Corrupt(format!("the storage engine failed on {hash}"))))
    }

    fn scan(&self) -> Scan<'_> {
        let pages = stream::try_unfold(Some(None), move |position| async move {
            let Some(after) = position else { return Ok::<_, StoreError>(None) };
            let engine = Arc::clone(&self.engine);
            let page = tokio::task::spawn_blocking(move || engine.page(after)).await;
            let page = page.unwrap_or_else(|error| Err(StoreError::Unavailable(error.to_string())))?;
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
        room.unwrap_or_else(|error| Err(StoreError::Unavailable(error.to_string())))
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
                log::warn!("the storage engine failed while closing; what was acknowledged is on disk");
            }
            Err(_) => log::warn!("the disk does not answer; what was acknowledged is on it"),
        }
    }
}
