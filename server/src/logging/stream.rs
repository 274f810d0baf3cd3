//! A stream that never makes a request wait: a thread writes what is queued. When whoever reads the
//! stream falls behind by more than the queue holds, lines are dropped, and their number is told.

use std::io::{self, BufWriter, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

const QUEUE_LINES: usize = 8 * 1024;
/// How long the end of the program waits for a reader that is behind.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);

enum Order {
    Line(Vec<u8>),
    Flush(SyncSender<()>),
}

/// The queue's near end. A clone writes to the same stream.
#[derive(Clone)]
pub struct Stream {
    queue: SyncSender<Order>,
    dropped: Arc<AtomicU64>,
}

impl Stream {
    /// Starts the thread that writes to `out`.
    pub fn start(out: impl Write + Send + 'static) -> io::Result<Self> {
        let (queue, orders) = sync_channel(QUEUE_LINES);
        let stream = Self { queue, dropped: Arc::default() };
        let dropped = Arc::clone(&stream.dropped);
        thread::Builder::new().name("log".to_owned()).spawn(move || write_all(&orders, out, &dropped))?;
        Ok(stream)
    }

    /// Waits until what was queued is written, but not for ever.
    pub fn drain(&self) {
        let (written, wait) = sync_channel(1);
        let deadline = Instant::now() + FLUSH_TIMEOUT;
        while self.queue.try_send(Order::Flush(written.clone())).is_err() {
            if Instant::now() > deadline {
                return;
            }
            thread::sleep(Duration::from_millis(1)); // the queue is full
        }
        let _ = wait.recv_timeout(FLUSH_TIMEOUT);
    }
}

impl Write for Stream {
    /// Takes whole lines.
    fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
        if self.queue.try_send(Order::Line(lines.to_vec())).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
        Ok(lines.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes until the program ends. Where the stream is closed there is nobody to tell.
fn write_all(orders: &Receiver<Order>, out: impl Write, dropped: &AtomicU64) {
    let mut out = BufWriter::with_capacity(64 * 1024, out);
    while let Ok(mut order) = orders.recv() {
        loop {
            match order {
                Order::Line(line) => drop(out.write_all(&line)),
                Order::Flush(written) => {
                    let _ = out.flush();
                    let _ = written.try_send(());
                }
            }
            match orders.try_recv() {
                Ok(next) => order = next,
                Err(_) => break,
            }
        }
        let _ = out.flush();
        match dropped.swap(0, Ordering::Relaxed) {
            0 => {}
            lines => log::warn!("{lines} log lines were dropped: their reader is too slow"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// A reader that takes nothing until it is told to.
    struct Stuck(Arc<Mutex<Vec<u8>>>);

    impl Write for Stuck {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_stuck_reader_costs_lines_and_never_time() {
        let taken = Arc::new(Mutex::new(Vec::new()));
        let held = taken.lock().unwrap();
        let mut stream = Stream::start(Stuck(Arc::clone(&taken))).unwrap();
        // More than the queue and the thread's buffer hold.
        for _ in 0..3 * QUEUE_LINES {
            stream.write_all(b"fifteen letters\n").unwrap();
        }
        assert!(stream.dropped.load(Ordering::Relaxed) > 0);
        drop(held);
        stream.drain();
        assert!(taken.lock().unwrap().len() >= QUEUE_LINES * 16);
    }
}
