//! `put`: files, many at a time. What is no message is left out; a server that does not go on ends it.
//!
//! All of it may be repeated, so whoever was interrupted runs the same command again.

use std::fmt;
use std::path::{Path, PathBuf};

use futures::{StreamExt as _, stream};
use message_to_hash_client::{Client, Error, Stored};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::files::{self, NoMessage};
use super::{Failed, MAX_MESSAGE_BYTES, client, output};
use crate::config::Put;
use crate::progress::{Progress, Total};

const AT_A_TIME: usize = 16;

/// Stores each file, and prints its hash.
///
/// # Errors
/// [`Failed`], also where files were left out.
pub async fn put(asked: &Put) -> Result<(), Failed> {
    let client = client(&asked.server)?;
    if !files::are_stdin(&asked.files) {
        return put_files(&client, &asked.files).await;
    }
    let message = read(Path::new("-")).await.map_err(Failed::Stdin)?;
    let stored = client.put(&message).await?;
    output::write(format!("{}\n", stored.hash).as_bytes())
}

async fn put_files(client: &Client, files: &[PathBuf]) -> Result<(), Failed> {
    let mut progress = Progress::start("put", "files", Total::Exactly(files.len() as u64));
    let mut counts = Counts::default();
    let done = put_each(client, files, &mut progress, &mut counts).await;
    progress.end(&counts);
    match done {
        Ok(()) if counts.left_out > 0 => Err(Failed::LeftOut(counts.left_out)),
        done => done,
    }
}

async fn put_each(
    client: &Client,
    files: &[PathBuf],
    progress: &mut Progress,
    counts: &mut Counts,
) -> Result<(), Failed> {
    let memory = Semaphore::new(MAX_MESSAGE_BYTES as usize);
    let mut outcomes = stream::iter(files).map(|file| put_one(client, file, &memory)).buffered(AT_A_TIME);
    while let Some((file, outcome)) = outcomes.next().await {
        match outcome {
            Ok(stored) => {
                *(if stored.new { &mut counts.stored } else { &mut counts.were_there }) += 1;
                progress.aside(|| output::write(&output::line(stored.hash, file)))?;
            }
            Err(NotPut::LeftOut(reason)) => {
                counts.left_out += 1;
                progress.say(&format!("{}: {reason}", output::shown(file)));
            }
            Err(NotPut::Stopped(error)) => return Err(Failed::Stopped(error)),
        }
        progress.step();
    }
    Ok(())
}

/// Why a file was not stored.
enum NotPut {
    /// It is the file.
    LeftOut(String),
    /// It is the server, which would say the same of any other.
    Stopped(Error),
}

async fn put_one<'f>(
    client: &Client,
    file: &'f Path,
    memory: &Semaphore,
) -> (&'f Path, Result<Stored, NotPut>) {
    let stored = async {
        // All that is under way is no more than one of the largest.
        let bytes = std::fs::metadata(file).ok().filter(std::fs::Metadata::is_file);
        let bytes = bytes.and_then(|file| u32::try_from(file.len()).ok()).unwrap_or(MAX_MESSAGE_BYTES);
        let _taken = memory.acquire_many(bytes.min(MAX_MESSAGE_BYTES)).await;
        let message = read(file).await.map_err(|reason| NotPut::LeftOut(reason.to_string()))?;
        client.put(&message).await.map_err(|error| match error {
            Error::MessageTooLarge(_) => NotPut::LeftOut(error.to_string()),
            Error::Refused(answer) if matches!(answer.status, 400 | 451) => {
                NotPut::LeftOut(answer.to_string())
            }
            error => NotPut::Stopped(error),
        })
    };
    (file, stored.await)
}

/// Apart from the requests under way, since what a file is may have it wait.
async fn read(file: &Path) -> Result<String, NoMessage> {
    let file = file.to_owned();
    let read = spawn_blocking(move || files::message(&file)).await;
    read.unwrap_or_else(|error| Err(NoMessage::Unreadable(error.into())))
}

#[derive(Default)]
struct Counts {
    stored: u64,
    were_there: u64,
    left_out: u64,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stored, were_there, left_out } = self;
        write!(f, "{stored} stored, {were_there} there before, {left_out} left out")
    }
}
