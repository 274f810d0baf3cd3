//! An output stream that never blocks a request: lines are buffered in memory, and a thread writes them in
//! batches. When the reader of the stream falls too far behind, lines are dropped and counted.

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

const PENDING_BYTES: usize = 4 << 20;
/// How long lines are gathered for one write. Waking the thread for each line would cost more than a request.
const GATHER: Duration = Duration::from_millis(5);
/// The longest wait for a slow reader when the program ends.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(1);

/// A handle for writing lines. Clones write to the same stream.
#[derive(Clone)]
pub struct Stream(Arc<Buffer>);

#[derive(Default)]
struct Buffer {
    pending: Mutex<Pending>,
    /// Notified when the first line arrives and when all lines are written.
    changed: Condvar,
}

#[derive(Default)]
struct Pending {
    lines: Vec<u8>,
    dropped: u64,
    writing: bool,
}

impl Stream {
    /// Starts the thread that writes to `out`.
    pub fn start(out: impl Write + Send + 'static) -> io::Result<Self> {
        let shared = Arc::<Buffer>::default();
        let stream = Self(Arc::clone(&shared));
        thread::Builder::new().name("log".to_owned()).spawn(move || shared.write_all_to(out))?;
        Ok(stream)
    }

    /// Lets `write` append whole lines to the buffer.
    pub fn put(&self, write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) {
        let mut pending = self.0.pending();
        if pending.lines.len() > PENDING_BYTES {
            pending.dropped += 1;
            return;
        }
        if pending.lines.is_empty() {
            self.0.changed.notify_all();
        }
        // A write to memory cannot fail.
        let _ = write(&mut pending.lines);
    }

    /// Waits until all lines are written, at most `DRAIN_TIMEOUT`.
    pub fn drain(&self) {
        let pending = self.0.pending();
        let unwritten = |pending: &mut Pending| pending.writing || !pending.lines.is_empty();
        drop(self.0.changed.wait_timeout_while(pending, DRAIN_TIMEOUT, unwritten));
    }
}

impl Write for Stream {
    /// `lines` are whole lines.
    fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
        self.put(|pending| pending.write_all(lines));
        Ok(lines.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Buffer {
    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes lines until the program ends. Logs when lines begin to be lost; those of stderr are lost with that, too.
    fn write_all_to(&self, mut out: impl Write) {
        let mut lines = Vec::new();
        let mut fails = false;
        loop {
            let nothing = |pending: &mut Pending| pending.lines.is_empty();
            drop(self.changed.wait_while(self.pending(), nothing));
            thread::sleep(GATHER);
            let dropped = {
                let mut pending = self.pending();
                pending.writing = true;
                mem::swap(&mut pending.lines, &mut lines);
                mem::take(&mut pending.dropped)
            };
            if dropped > 0 {
                log::warn!("{dropped} log lines were dropped: their reader is too slow");
            }
            let written = out.write_all(&lines).and_then(|()| out.flush());
            match &written {
                Err(error) if !fails => log::error!("log lines are lost: they cannot be written: {error}"),
                Ok(()) if fails => log::info!("log lines are written again"),
                _ => {}
            }
            fails = written.is_err();
            lines.clear();
            lines.shrink_to(64 << 10);
            self.pending().writing = false;
            self.changed.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A writer that blocks while the test holds the lock.
    struct BlockedWriter(Arc<Mutex<Vec<u8>>>);

    impl Write for BlockedWriter {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn stuck_log_reader_drops_lines_without_blocking() {
        const LINE: &[u8] = b"fifteen letters\n";
        let taken = Arc::new(Mutex::new(Vec::new()));
        let held = taken.lock().unwrap();
        let mut stream = Stream::start(BlockedWriter(Arc::clone(&taken))).unwrap();
        // More than the buffer holds, also after the blocked thread has taken the first batch.
        let lines = 3 * PENDING_BYTES / LINE.len();
        for _ in 0..lines {
            stream.write_all(LINE).unwrap();
        }
        drop(held);
        stream.drain();
        let taken = taken.lock().unwrap();
        assert!(taken.len() >= PENDING_BYTES && taken.len() < lines * LINE.len(), "{} bytes", taken.len());
        assert!(taken.chunks(LINE.len()).all(|line| line == LINE));
    }
}
