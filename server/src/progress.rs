//! How far a command is: a bar on a terminal, a line now and then elsewhere, and a summary at the end. On stderr.

use std::fmt;
use std::io::{self, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar, ProgressStyle};

const LINES_EVERY: Duration = Duration::from_secs(5);

/// How many there will be.
#[derive(Clone, Copy)]
pub(crate) enum Total {
    Unknown,
    About(u64),
    Exactly(u64),
}

pub(crate) struct Progress {
    doing: &'static str,
    things: &'static str,
    total: String,
    bar: ProgressBar,
    begun: Instant,
    last_line: Instant,
}

impl Progress {
    /// `doing` is the command, and `things` what it counts.
    pub(crate) fn start(doing: &'static str, things: &'static str, total: Total) -> Self {
        let (bar, about) = match total {
            Total::Unknown => (ProgressBar::no_length(), None),
            Total::About(number) => (ProgressBar::new(number), Some("about ")),
            Total::Exactly(number) => (ProgressBar::new(number), Some("")),
        };
        let style = match about {
            Some(about) => {
                format!(
                    "{{prefix}} {{wide_bar}} {{human_pos}} of {about}{{human_len}}, {{per_sec}}, {{eta}} left"
                )
            }
            None => "{prefix} {spinner} {human_pos}, {per_sec}".to_owned(),
        };
        bar.set_prefix(doing);
        if let Ok(style) = ProgressStyle::with_template(&style) {
            bar.set_style(style);
        }
        let of = |about| bar.length().map(|length| format!(" of {about}{length}"));
        let total = about.and_then(of).unwrap_or_default();
        let now = Instant::now();
        Self { doing, things, total, bar, begun: now, last_line: now }
    }

    /// One more is done.
    pub(crate) fn step(&mut self) {
        self.bar.inc(1);
        if self.bar.is_hidden() && self.last_line.elapsed() >= LINES_EVERY {
            self.last_line = Instant::now();
            let left = self.bar.length().map(|_| format!(", about {} left", HumanDuration(self.bar.eta())));
            let (done, rate, left) = (self.bar.position(), self.bar.per_sec(), left.unwrap_or_default());
            self.say(&format!("{done}{} {}, {rate:.0}/s{left}", self.total, self.things));
        }
    }

    /// Takes the bar away and sums up.
    pub(crate) fn end(&self, summary: &impl fmt::Display) {
        self.bar.finish_and_clear();
        self.say(&format!("{summary} in {:.1} s", self.begun.elapsed().as_secs_f64()));
    }

    /// Whoever has closed stderr does not want to know.
    pub(crate) fn say(&self, text: &str) {
        self.bar.suspend(|| drop(writeln!(io::stderr(), "{}: {text}", self.doing)));
    }

    /// Does what may write to stdout, with the bar out of its way.
    pub(crate) fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        if io::stdout().is_terminal() { self.bar.suspend(write) } else { write() }
    }
}
