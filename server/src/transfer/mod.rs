//! `export`, `import` and `copy`: transfers of messages from a source to a target.
//!
//! Every transfer can be repeated: messages that the target already has are read, verified and not written again. After
//! an interruption, run the same command again.

mod copy;
mod lines;
mod long_line;
mod progress;
mod served;
mod source;

use std::io::{self, BufWriter, Stdout, Write};
use std::path::Path;
use std::sync::Arc;

use futures::StreamExt as _;

use self::copy::copy_messages;
use self::progress::TransferProgress;
use self::source::MessageSource;
use crate::error_chain::chain;
use crate::metrics::StoreMetrics;
use crate::store::{
    self, MessageStore, OpenError, RedisOptions, Scan, StorageOptions, StoreError, StoreKind,
};
use crate::streams;

pub use self::served::share;

/// A transfer is incomplete.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The store of this option cannot be opened.
    #[error("{0}")]
    Open(&'static str, #[source] OpenError),
    /// Reading from the source failed.
    #[error("cannot read on; run the same again to continue")]
    Source(#[source] StoreError),
    /// Writing to the target failed.
    #[error("cannot store on; run the same again to continue")]
    Target(#[source] StoreError),
    /// A file of this name cannot be read or written.
    #[error("{0}")]
    File(String, #[source] io::Error),
    /// All messages were transferred, except this number of damaged ones.
    #[error("damaged messages were left out, {0} times: see above")]
    Damaged(u64),
}

/// Writes all messages of a store to stdout.
///
/// # Errors
/// [`TransferError`], also if some messages are damaged.
pub async fn export(store: &StoreKind, redis: &RedisOptions, zstd: bool) -> Result<(), TransferError> {
    let out = streams::stdout().map_err(stdout)?;
    let mut source =
        MessageSource::open(store, redis).await.map_err(|error| TransferError::Open("--store", error))?;
    let mut progress = TransferProgress::start("export", source.estimated_count().await.ok());
    let done = write_all(source.scan(), out, zstd, &mut progress).await;
    progress.end(done)
}

/// Writes the messages as lines. After an error the compressed stream is left unfinished, so that a reader notices.
async fn write_all(
    messages: Scan<'_>,
    out: Stdout,
    zstd: bool,
    progress: &mut TransferProgress,
) -> Result<(), TransferError> {
    let mut out = BufWriter::with_capacity(1 << 16, out);
    if zstd {
        let mut compressed = zstd::Encoder::new(out, zstd::DEFAULT_COMPRESSION_LEVEL).map_err(stdout)?;
        write_lines(messages, &mut compressed, progress).await?;
        out = compressed.finish().map_err(stdout)?;
    } else {
        write_lines(messages, &mut out, progress).await?;
    }
    out.flush().map_err(stdout)
}

async fn write_lines(
    mut messages: Scan<'_>,
    out: &mut impl Write,
    progress: &mut TransferProgress,
) -> Result<(), TransferError> {
    while let Some(message) = messages.next().await {
        match message {
            Ok((hash, message)) => {
                lines::write(out, hash, &message).map_err(stdout)?;
                progress.written();
            }
            Err(StoreError::Corrupt(reason)) => progress.damaged(&chain(&reason)),
            Err(error) => return Err(TransferError::Source(error)),
        }
    }
    Ok(())
}

fn stdout(error: io::Error) -> TransferError {
    TransferError::File("stdout".to_owned(), error)
}

/// Stores all messages of a file that `export` wrote.
///
/// # Errors
/// [`TransferError`], also if some lines are not messages.
pub async fn import(file: &Path, store: &StoreKind, storage: &StorageOptions) -> Result<(), TransferError> {
    let name = || if file == Path::new("-") { Path::new("stdin") } else { file };
    let input =
        lines::open(file).map_err(|error| TransferError::File(name().display().to_string(), error))?;
    let target = open_target("--store", store, storage).await?;
    let mut progress = TransferProgress::start("import", None);
    let done = copy_messages(lines::stream(input, lines::InputEnd::EndOfFile), &target, &mut progress).await;
    target.close().await;
    progress.end(done)
}

/// Stores all messages of one store in another.
///
/// # Errors
/// [`TransferError`], also if some messages are damaged.
pub async fn copy(from: &StoreKind, to: &StoreKind, storage: &StorageOptions) -> Result<(), TransferError> {
    let mut source = MessageSource::open(from, &storage.redis)
        .await
        .map_err(|error| TransferError::Open("--from", error))?;
    let target = open_target("--to", to, storage).await?;
    let mut progress = TransferProgress::start("copy", source.estimated_count().await.ok());
    let done = copy_messages(source.scan(), &target, &mut progress).await;
    target.close().await;
    progress.end(done)
}

async fn open_target(
    option: &'static str,
    kind: &StoreKind,
    storage: &StorageOptions,
) -> Result<Arc<dyn MessageStore>, TransferError> {
    store::open_uncached(kind, storage, false, &StoreMetrics::default())
        .await
        .map_err(|error| TransferError::Open(option, error))
}
