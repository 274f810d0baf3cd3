//! `export`, `import` and `copy`: a source of messages, poured into a target.
//!
//! All of it may be repeated: what the target has already is read, checked and left alone. So whoever was
//! interrupted runs the same command again.

mod lines;
mod long_line;
mod pour;
mod progress;
mod served;
mod source;

use std::io::{self, BufWriter, Stdout, Write};
use std::path::Path;
use std::sync::Arc;

use futures::StreamExt as _;

use self::pour::pour;
use self::progress::Progress;
use self::source::Source;
use crate::config::{Copy, Export, Import, KeepOptions, StoreKind};
use crate::metrics::StoreMetrics;
use crate::store::{self, MessageStore, OpenError, Scan, StoreError};
use crate::streams;

pub use self::served::share;

/// Why not all of it was done.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// A store cannot be opened.
    #[error("{0}: {1}")]
    Open(&'static str, OpenError),
    /// The source cannot be read on.
    #[error("cannot read on: {0}; run the same again")]
    Source(StoreError),
    /// The target takes no more.
    #[error("cannot store on: {0}; run the same again to go on")]
    Target(StoreError),
    /// A file cannot be read or written.
    #[error("{0}: {1}")]
    File(String, io::Error),
    /// All else is done.
    #[error("what is damaged was left out, {0} times: see above")]
    Damaged(u64),
}

/// Writes all messages of a store to stdout.
///
/// # Errors
/// [`Failed`], also where some of them are damaged.
pub async fn export(asked: &Export) -> Result<(), Failed> {
    let out = streams::stdout().map_err(stdout)?;
    let mut source =
        Source::open(&asked.store, &asked.redis).await.map_err(|why| Failed::Open("--store", why))?;
    let mut progress = Progress::start("export", source.estimated_count().await.ok());
    let done = write_all(source.scan(), out, asked.zstd, &mut progress).await;
    progress.end(done)
}

/// A compressed file that has no end, since something failed, is seen by who reads it.
async fn write_all(
    messages: Scan<'_>,
    out: Stdout,
    zstd: bool,
    progress: &mut Progress,
) -> Result<(), Failed> {
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
    progress: &mut Progress,
) -> Result<(), Failed> {
    while let Some(message) = messages.next().await {
        match message {
            Ok((hash, message)) => {
                lines::write(out, hash, &message).map_err(stdout)?;
                progress.written();
            }
            Err(StoreError::Corrupt(reason)) => progress.damaged(&reason),
            Err(error) => return Err(Failed::Source(error)),
        }
    }
    Ok(())
}

fn stdout(error: io::Error) -> Failed {
    Failed::File("stdout".to_owned(), error)
}

/// Stores all messages of a file that `export` wrote.
///
/// # Errors
/// [`Failed`], also where lines of it are none.
pub async fn import(asked: &Import) -> Result<(), Failed> {
    let name = || if asked.file == Path::new("-") { Path::new("stdin") } else { &asked.file };
    let input =
        lines::open(&asked.file).map_err(|error| Failed::File(name().display().to_string(), error))?;
    let target = open_target("--store", &asked.store, &asked.keep).await?;
    let mut progress = Progress::start("import", None);
    let done = pour(lines::stream(input, lines::Until::End), &target, &mut progress).await;
    target.close().await;
    progress.end(done)
}

/// Stores all messages of one store in another.
///
/// # Errors
/// [`Failed`], also where some of them are damaged.
pub async fn copy(asked: &Copy) -> Result<(), Failed> {
    let mut source =
        Source::open(&asked.from, &asked.keep.redis).await.map_err(|why| Failed::Open("--from", why))?;
    let target = open_target("--to", &asked.to, &asked.keep).await?;
    let mut progress = Progress::start("copy", source.estimated_count().await.ok());
    let done = pour(source.scan(), &target, &mut progress).await;
    target.close().await;
    progress.end(done)
}

async fn open_target(
    option: &'static str,
    kind: &StoreKind,
    keep: &KeepOptions,
) -> Result<Arc<dyn MessageStore>, Failed> {
    store::open_uncached(kind, keep, false, &StoreMetrics::default())
        .await
        .map_err(|why| Failed::Open(option, why))
}
