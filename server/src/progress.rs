//! Progress of a command on stderr: a bar on a terminal, else a line every few seconds, and a summary at the end.

use std::fmt;
use std::io::{self, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar, ProgressStyle};

const LINE_INTERVAL: Duration = Duration::from_secs(5);

/// How many items there will be.
#[derive(Clone, Copy)]
pub(crate) enum Total {
    Unknown,
    About(u64),
    Exactly(u64),
}

pub(crate) struct Progress {
    command: &'static str,
    items: &'static str,
    total: String,
    bar: ProgressBar,
    begun: Instant,
    last_line: Instant,
}

impl Progress {
    /// Each line begins with `command`; `items` names the things that are counted.
    pub(crate) fn start(command: &'static str, items: &'static str, total: Total) -> Self {
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
        bar.set_prefix(command);
        if let Ok(style) = ProgressStyle::with_template(&style) {
            bar.set_style(style);
        }
        let of = |about| bar.length().map(|length| format!(" of {about}{length}"));
        let total = about.and_then(of).unwrap_or_default();
        let now = Instant::now();
        Self { command, items, total, bar, begun: now, last_line: now }
    }

    /// Counts one item as done.
    pub(crate) fn step(&mut self) {
        self.bar.inc(1);
        if self.bar.is_hidden() && self.last_line.elapsed() >= LINE_INTERVAL {
            self.last_line = Instant::now();
            let left = self.bar.length().map(|_| format!(", about {} left", HumanDuration(self.bar.eta())));
            let (done, rate, left) = (self.bar.position(), self.bar.per_sec(), left.unwrap_or_default());
            self.print_line(&format!("{done}{} {}, {rate:.0}/s{left}", self.total, self.items));
        }
    }

    /// Removes the bar and prints the summary.
    pub(crate) fn end(&self, summary: &impl fmt::Display) {
        self.bar.finish_and_clear();
        self.print_line(&format!("{summary} in {:.1} s", self.begun.elapsed().as_secs_f64()));
    }

    /// Prints a line. A closed stderr is ignored.
    pub(crate) fn print_line(&self, text: &str) {
        self.bar.suspend(|| drop(writeln!(io::stderr(), "{}: {text}", self.command)));
    }

    /// Runs `write`, which may print to stdout, while the bar is hidden.
    pub(crate) fn suspend<T>(&self, write: impl FnOnce() -> T) -> T {
        if io::stdout().is_terminal() { self.bar.suspend(write) } else { write() }
    }
}
