//! Stores the messages of a source in a target, many at a time, and reads each one back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::StreamExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::sleep;

use super::TransferError;
use super::progress::TransferProgress;
use crate::error_chain::chain;
use crate::message::{Message, MessageHash};
use crate::store::{MessageStore, Put, Reason, Scan, StoreError};

/// The most messages in progress.
const MAX_IN_PROGRESS: usize = 128;
/// The most KiB of messages in progress. A larger message goes alone.
const MAX_IN_PROGRESS_KIB: u32 = 64 << 10;
/// The first and the last backoff. A target that fails over gets about 25 s in total.
const MIN_BACKOFF: Duration = Duration::from_millis(100);
const MAX_BACKOFF: Duration = Duration::from_secs(13);

enum CopyOutcome {
    Stored,
    AlreadyStored,
    Damaged(Reason),
}

pub(super) async fn copy_messages(
    messages: Scan<'_>,
    target: &Arc<dyn MessageStore>,
    progress: &mut TransferProgress,
) -> Result<(), TransferError> {
    let room = Arc::new(Semaphore::new(MAX_IN_PROGRESS_KIB as usize));
    let one_by_one = messages.then(|message| {
        let room = Arc::clone(&room);
        async move {
            let (hash, message) = message?;
            let size = u32::try_from(message.len() >> 10)
                .unwrap_or(MAX_IN_PROGRESS_KIB)
                .clamp(1, MAX_IN_PROGRESS_KIB);
            let room = room.acquire_many_owned(size).await;
            let room = room
                .map_err(|error| StoreError::Unavailable(Reason::caused_by("the copy was stopped", error)))?;
            Ok((hash, message, room))
        }
    });
    let is_logged = Arc::new(AtomicBool::new(false));
    let outcomes = one_by_one.map(|message| {
        let (target, is_logged) = (Arc::clone(target), Arc::clone(&is_logged));
        async move {
            match message {
                Ok((hash, message, room)) => {
                    tokio::spawn(store_with_retries(target, hash, message, room, is_logged))
                        .await
                        .unwrap_or_else(|error| {
                            Err(StoreError::Unavailable(Reason::caused_by("the copy failed", error)))
                        })
                        .map_err(TransferError::Target)
                }
                Err(StoreError::Corrupt(reason)) => Ok(CopyOutcome::Damaged(reason)),
                Err(error) => Err(TransferError::Source(error)),
            }
        }
    });
    let mut outcomes = std::pin::pin!(outcomes.buffer_unordered(MAX_IN_PROGRESS));
    while let Some(outcome) = outcomes.next().await {
        match outcome? {
            CopyOutcome::Stored => progress.stored(),
            CopyOutcome::AlreadyStored => progress.already_stored(),
            CopyOutcome::Damaged(reason) => progress.damaged(&chain(&reason)),
        }
    }
    Ok(())
}

async fn store_with_retries(
    target: Arc<dyn MessageStore>,
    hash: MessageHash,
    message: Message,
    _room: OwnedSemaphorePermit,
    is_logged: Arc<AtomicBool>,
) -> Result<CopyOutcome, StoreError> {
    let mut backoff = MIN_BACKOFF;
    loop {
        match store(&*target, hash, &message).await {
            Err(StoreError::Unavailable(reason)) if backoff < MAX_BACKOFF => {
                if !is_logged.swap(true, Ordering::Relaxed) {
                    log::warn!(
                        "waiting for the target: {}; if it has lost messages when it is back, run the same again",
                        chain(&reason)
                    );
                }
                sleep(backoff).await;
                backoff *= 2;
            }
            Err(StoreError::Corrupt(reason)) => {
                return Ok(CopyOutcome::Damaged(Reason::caused_by("in the target", reason)));
            }
            done => return done,
        }
    }
}

/// Stores one message, and reads it back, which verifies it against its hash. A stored message that expires is put
/// again, since it may have been posted to the source again.
async fn store(
    target: &dyn MessageStore,
    hash: MessageHash,
    message: &Message,
) -> Result<CopyOutcome, StoreError> {
    if let Ok(Some(stored)) = target.get(hash).await
        && stored.expires.is_none()
    {
        return Ok(CopyOutcome::AlreadyStored);
    }
    let put = target.put(hash, message.clone()).await?;
    match (target.get(hash).await?, put) {
        (Some(_), Put::Created) => Ok(CopyOutcome::Stored),
        (Some(_), Put::AlreadyStored) => Ok(CopyOutcome::AlreadyStored),
        (None, _) => Err(StoreError::Corrupt(format!("{hash} was stored and cannot be found").into())),
    }
}
