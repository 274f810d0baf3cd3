//! How far it is: a bar on a terminal, a line now and then elsewhere, and a summary at the end. On stderr.

use std::fmt;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar, ProgressStyle};

use super::Failed;

const LINES_EVERY: Duration = Duration::from_secs(5);
/// Each further one is only counted.
const DAMAGES_SHOWN: u64 = 20;

pub(super) struct Progress {
    doing: &'static str,
    bar: ProgressBar,
    begun: Instant,
    last_line: Instant,
    counts: Counts,
}

#[derive(Default)]
struct Counts {
    read: u64,
    written: u64,
    stored: u64,
    were_there: u64,
    damaged: u64,
}

impl Progress {
    /// `total` is about how many there will be, where that is known.
    pub(super) fn start(doing: &'static str, total: Option<u64>) -> Self {
        let bar = total.map_or_else(ProgressBar::no_length, ProgressBar::new);
        let style = match total {
            Some(_) => "{prefix} {wide_bar} {human_pos} of about {human_len}, {per_sec}, {eta} left",
            None => "{prefix} {spinner} {human_pos}, {per_sec}",
        };
        bar.set_prefix(doing);
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style);
        }
        let now = Instant::now();
        Self { doing, bar, begun: now, last_line: now, counts: Counts::default() }
    }

    pub(super) fn written(&mut self) {
        self.counts.written += 1;
        self.count();
    }

    pub(super) fn stored(&mut self) {
        self.counts.stored += 1;
        self.count();
    }

    pub(super) fn was_there(&mut self) {
        self.counts.were_there += 1;
        self.count();
    }

    pub(super) fn damaged(&mut self, reason: &str) {
        self.counts.damaged += 1;
        self.count();
        if self.counts.damaged <= DAMAGES_SHOWN {
            self.say(&format!("damaged: {reason}"));
        }
    }

    fn count(&mut self) {
        self.counts.read += 1;
        self.bar.inc(1);
        if self.bar.is_hidden() && self.last_line.elapsed() >= LINES_EVERY {
            self.last_line = Instant::now();
            let of = self.bar.length().map(|total| format!(" of about {total}")).unwrap_or_default();
            let left = self.bar.length().map(|_| format!(", about {} left", HumanDuration(self.bar.eta())));
            let (read, rate) = (self.counts.read, self.bar.per_sec());
            self.say(&format!("{read}{of} messages, {rate:.0}/s{}", left.unwrap_or_default()));
        }
    }

    /// Says what was done, and gives what went wrong.
    pub(super) fn end(self, done: Result<(), Failed>) -> Result<(), Failed> {
        self.bar.finish_and_clear();
        self.say(&format!("{} in {:.1} s", self.counts, self.begun.elapsed().as_secs_f64()));
        match done {
            Ok(()) if self.counts.damaged > 0 => Err(Failed::Damaged(self.counts.damaged)),
            done => done,
        }
    }

    /// Whoever has closed stderr does not want to know.
    fn say(&self, text: &str) {
        self.bar.suspend(|| drop(writeln!(io::stderr(), "{}: {text}", self.doing)));
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { read, written, stored, were_there, damaged } = self;
        write!(f, "{read} messages read, ")?;
        if *written > 0 {
            write!(f, "{written} written")?;
        } else {
            write!(f, "{stored} stored and {were_there} there before, all of these read back")?;
        }
        write!(f, ", {damaged} damaged")
    }
}
