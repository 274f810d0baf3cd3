//! The output of a process, line by line.

use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use super::TIMEOUT;

/// The lines that a process writes to a stream, collected by a thread.
#[derive(Clone)]
pub struct Lines(Arc<(Mutex<Written>, Condvar)>);

#[derive(Default)]
struct Written {
    lines: Vec<String>,
    ended: bool,
}

impl Lines {
    /// Starts to collect the lines of this stream.
    pub fn collect(stream: impl Read + Send + 'static) -> Self {
        let lines = Self(Arc::default());
        let writer = lines.clone();
        thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                writer.0.0.lock().expect("no reader panics").lines.push(line);
                writer.0.1.notify_all();
            }
            writer.0.0.lock().expect("no reader panics").ended = true;
            writer.0.1.notify_all();
        });
        lines
    }

    /// Returns the lines so far.
    pub fn all(&self) -> Vec<String> {
        self.0.0.lock().expect("no reader panics").lines.clone()
    }

    /// Waits for a line with all these texts, and returns it. Panics if it does not come.
    pub fn wait_for(&self, texts: &[&str]) -> String {
        self.wait_for_any(texts).unwrap_or_else(|| panic!("no line with {texts:?}: {:#?}", self.all()))
    }

    /// Like `wait_for`, but returns `None` if the line does not come.
    pub fn wait_for_any(&self, texts: &[&str]) -> Option<String> {
        let has_all = |line: &&String| texts.iter().all(|text| line.contains(text));
        let guard = self.0.0.lock().expect("no reader panics");
        let pending =
            |written: &mut Written| !written.ended && !written.lines.iter().any(|line| has_all(&line));
        let (written, _) = self.0.1.wait_timeout_while(guard, TIMEOUT, pending).expect("no reader panics");
        written.lines.iter().find(has_all).cloned()
    }
}
