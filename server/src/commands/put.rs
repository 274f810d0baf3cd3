//! `put`: stores files as messages, several per request, and several requests at a time.
//!
//! A file that is not a message is skipped. A failure of the server ends the command. All of the work is idempotent, so
//! an interrupted command can be run again.

use std::fmt;
use std::path::{Path, PathBuf};
use std::pin::pin;

use clap::Args;
use futures::{StreamExt as _, stream};
use message_to_hash_client::{Client, Error, MAX_BATCH_BYTES, MAX_BATCH_MESSAGES, PutResult};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::client_options::ClientOptions;
use super::files::{self, FileError};
use super::{ClientError, client, output};
use crate::message::MAX_MESSAGE_BYTES;
use crate::progress::{Progress, Total};

/// The number of concurrent requests.
const MAX_CONCURRENT_REQUESTS: usize = 8;

/// Arguments of `put`.
#[derive(Debug, Args)]
pub struct PutArgs {
    /// Files, each of which is a message; - is stdin, which is also the default. For a folder:
    /// find FOLDER -type f -print0 | xargs -0 message-to-hash put
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,

    /// The server.
    #[command(flatten)]
    pub server: ClientOptions,
}

/// Stores each file, and prints its hash.
///
/// # Errors
/// [`ClientError`], also if files were skipped.
pub fn run(args: &PutArgs) -> Result<(), ClientError> {
    client::block_on(put(args))
}

async fn put(args: &PutArgs) -> Result<(), ClientError> {
    output::check()?;
    let client = client::build(&args.server)?;
    if !files::are_stdin(&args.files) {
        return put_files(&client, args).await;
    }
    let message = read(Path::new("-")).await.map_err(|error| ClientError::Stdin(error.into()))?;
    let stored = client.put(&message).await.map_err(|error| match error {
        Error::MessageTooLarge(_) => ClientError::Stdin(error.into()),
        Error::Refused(answer) if answer.status == 451 => ClientError::Stdin(answer.to_string().into()),
        error => ClientError::server(&args.server, error),
    })?;
    output::write(format!("{}\n", stored.hash).as_bytes())
}

async fn put_files(client: &Client, args: &PutArgs) -> Result<(), ClientError> {
    let mut progress = Progress::start("put", "files", Total::Exactly(args.files.len() as u64));
    let mut counts = PutCounts::default();
    let done = put_each(client, args, &mut progress, &mut counts).await;
    progress.end(&counts);
    match done {
        Ok(()) if counts.skipped > 0 => Err(ClientError::Skipped(counts.skipped)),
        done => done,
    }
}

async fn put_each(
    client: &Client,
    args: &PutArgs,
    progress: &mut Progress,
    counts: &mut PutCounts,
) -> Result<(), ClientError> {
    let memory = Semaphore::new(MAX_MESSAGE_BYTES as usize);
    let put = |(files, bytes)| put_group(client, files, bytes, &memory);
    let mut outcomes = pin!(
        stream::iter(groups(&args.files)).map(put).buffered(MAX_CONCURRENT_REQUESTS).flat_map(stream::iter)
    );
    while let Some((file, outcome)) = outcomes.next().await {
        match outcome {
            Ok(stored) => {
                *(if stored.new { &mut counts.stored } else { &mut counts.already_stored }) += 1;
                progress.suspend(|| output::write(&output::line(stored.hash, file)))?;
            }
            Err(PutError::Skipped(reason)) => {
                counts.skipped += 1;
                progress.print_line(&format!("{}: {reason}", output::display_name(file)));
            }
            Err(PutError::Stopped(error)) => {
                return Err(ClientError::Stopped(args.server.server.clone(), error));
            }
        }
        progress.step();
    }
    Ok(())
}

/// A file was not stored.
enum PutError {
    /// The file is not a message, or the server rejects this message. The text is the reason.
    Skipped(String),
    /// The server failed, and would fail for other files as well.
    Stopped(Error),
}

/// Divides files into groups of one request each. Returns each group with its size in bytes.
fn groups(mut files: &[PathBuf]) -> impl Iterator<Item = (&[PathBuf], u32)> {
    std::iter::from_fn(move || {
        let mut bytes = size(files.first()?);
        let mut count = 1;
        while count < MAX_BATCH_MESSAGES
            && let Some(file) = files.get(count)
            && let Some(sum) = bytes.checked_add(size(file)).filter(|sum| *sum as usize <= MAX_BATCH_BYTES)
        {
            (count, bytes) = (count + 1, sum);
        }
        let (group, rest) = files.split_at(count);
        files = rest;
        Some((group, bytes))
    })
}

/// The size of a message, or the largest size of all messages if the size of the file is unknown.
fn size(file: impl AsRef<Path>) -> u32 {
    let file = std::fs::metadata(file).ok().filter(std::fs::Metadata::is_file);
    let bytes = file.and_then(|file| u32::try_from(file.len()).ok()).unwrap_or(MAX_MESSAGE_BYTES);
    bytes.min(MAX_MESSAGE_BYTES)
}

async fn put_group<'f>(
    client: &Client,
    files: &'f [PathBuf],
    bytes: u32,
    memory: &Semaphore,
) -> Vec<(&'f Path, Result<PutResult, PutError>)> {
    // Bounds the memory: all messages in flight together have at most the size of the largest one.
    let _permit = memory.acquire_many(bytes).await;
    let mut messages = Vec::with_capacity(files.len());
    for file in files {
        messages.push(read(file).await);
    }
    let sent: Vec<_> = messages.iter().flatten().collect();
    let mut stored = client.put_all(stream::iter(sent));
    let mut outcomes = Vec::with_capacity(files.len());
    for (file, message) in files.iter().zip(&messages) {
        let outcome = match message {
            Err(reason) => Err(PutError::Skipped(reason.to_string())),
            Ok(_) => stored.next().await.unwrap_or(Err(Error::TimedOut)).map_err(PutError::from),
        };
        let has_stopped = matches!(outcome, Err(PutError::Stopped(_)));
        outcomes.push((file.as_path(), outcome));
        if has_stopped {
            break;
        }
    }
    outcomes
}

impl From<Error> for PutError {
    fn from(error: Error) -> Self {
        match error {
            Error::MessageTooLarge(_) => Self::Skipped(error.to_string()),
            Error::Refused(answer) if matches!(answer.status, 400 | 451) => Self::Skipped(answer.to_string()),
            error => Self::Stopped(error),
        }
    }
}

/// Reads a file on a blocking thread, since a pipe or a network file system may block for long.
async fn read(file: &Path) -> Result<String, FileError> {
    let file = file.to_owned();
    let read = spawn_blocking(move || files::message(&file)).await;
    read.unwrap_or_else(|error| Err(FileError::Unreadable(error.into())))
}

#[derive(Default)]
struct PutCounts {
    stored: u64,
    already_stored: u64,
    skipped: u64,
}

impl fmt::Display for PutCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stored, already_stored, skipped } = self;
        write!(f, "{stored} stored, {already_stored} there before, {skipped} left out")
    }
}
