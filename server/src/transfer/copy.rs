//! Stores what a source gives, many messages at a time, and reads each of them back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::StreamExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::sleep;

use super::TransferError;
use super::progress::TransferProgress;
use crate::message::{Message, MessageHash};
use crate::store::{MessageStore, Put, Scan, StoreError};

/// Messages under way.
const AT_ONCE: usize = 128;
/// Their size in all, in KiB; a larger one goes alone.
const ROOM_KIB: u32 = 64 << 10;
/// A store that fails over is waited for, for some 25 s in all.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LAST_PAUSE: Duration = Duration::from_secs(13);

enum CopyOutcome {
    Stored,
    WasThere,
    Damaged(String),
}

pub(super) async fn copy_messages(
    messages: Scan<'_>,
    target: &Arc<dyn MessageStore>,
    progress: &mut TransferProgress,
) -> Result<(), TransferError> {
    let room = Arc::new(Semaphore::new(ROOM_KIB as usize));
    let one_by_one = messages.then(|message| {
        let room = Arc::clone(&room);
        async move {
            let (hash, message) = message?;
            let size = u32::try_from(message.len() >> 10).unwrap_or(ROOM_KIB).clamp(1, ROOM_KIB);
            let room = room.acquire_many_owned(size).await;
            let room = room.map_err(|error| StoreError::Unavailable(error.to_string()))?;
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
                        .unwrap_or_else(|error| Err(StoreError::Unavailable(error.to_string())))
                        .map_err(TransferError::Target)
                }
                Err(StoreError::Corrupt(reason)) => Ok(CopyOutcome::Damaged(reason)),
                Err(error) => Err(TransferError::Source(error)),
            }
        }
    });
    let mut outcomes = std::pin::pin!(outcomes.buffer_unordered(AT_ONCE));
    while let Some(outcome) = outcomes.next().await {
        match outcome? {
            CopyOutcome::Stored => progress.stored(),
            CopyOutcome::WasThere => progress.was_there(),
            CopyOutcome::Damaged(reason) => progress.damaged(&reason),
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
    let mut pause = FIRST_PAUSE;
    loop {
        match store(&*target, hash, &message).await {
            Err(StoreError::Unavailable(reason)) if pause < LAST_PAUSE => {
                if !is_logged.swap(true, Ordering::Relaxed) {
                    log::warn!(
                        "the target is waited for: {reason}; if it lost what it had when it is back, \
                         run the same again"
                    );
                }
                sleep(pause).await;
                pause *= 2;
            }
            Err(StoreError::Corrupt(reason)) => {
                return Ok(CopyOutcome::Damaged(format!("in the target: {reason}")));
            }
            done => return done,
        }
    }
}

/// Reading a message checks it against its hash. One that expires is put again, since it may have been posted
/// to the source since.
async fn store(
    target: &dyn MessageStore,
    hash: MessageHash,
    message: &Message,
) -> Result<CopyOutcome, StoreError> {
    if let Ok(Some(stored)) = target.get(hash).await
        && stored.expires.is_none()
    {
        return Ok(CopyOutcome::WasThere);
    }
    let put = target.put(hash, message.clone()).await?;
    match (target.get(hash).await?, put) {
        (Some(_), Put::Created) => Ok(CopyOutcome::Stored),
        (Some(_), Put::AlreadyStored) => Ok(CopyOutcome::WasThere),
        (None, _) => Err(StoreError::Corrupt(format!("{hash} was stored and is not there"))),
    }
}
