//! The progress of a transfer: counts of messages read, stored and damaged.

use std::fmt;

use super::TransferError;
use crate::progress::{self, Total};

/// Damaged messages beyond this number are only counted.
const DAMAGES_SHOWN: u64 = 20;
const FIRST_UNSHOWN: u64 = DAMAGES_SHOWN + 1;

pub(super) struct TransferProgress {
    shown: progress::Progress,
    counts: TransferCounts,
}

#[derive(Default)]
struct TransferCounts {
    read: u64,
    written: u64,
    stored: u64,
    already_stored: u64,
    damaged: u64,
}

impl TransferProgress {
    /// `total` is the estimated number of messages, if known.
    pub(super) fn start(doing: &'static str, total: Option<u64>) -> Self {
        let total = total.map_or(Total::Unknown, Total::About);
        Self { shown: progress::Progress::start(doing, "messages", total), counts: TransferCounts::default() }
    }

    pub(super) fn written(&mut self) {
        self.counts.written += 1;
        self.count();
    }

    pub(super) fn stored(&mut self) {
        self.counts.stored += 1;
        self.count();
    }

    pub(super) fn already_stored(&mut self) {
        self.counts.already_stored += 1;
        self.count();
    }

    pub(super) fn damaged(&mut self, reason: &impl fmt::Display) {
        self.counts.damaged += 1;
        self.count();
        match self.counts.damaged {
            0..=DAMAGES_SHOWN => self.shown.print_line(&format!("damaged: {reason}")),
            FIRST_UNSHOWN => self.shown.print_line("further damaged messages are only counted"),
            _ => {}
        }
    }

    fn count(&mut self) {
        self.counts.read += 1;
        self.shown.step();
    }

    /// Prints the counts. Returns an error if messages were damaged.
    pub(super) fn end(self, done: Result<(), TransferError>) -> Result<(), TransferError> {
        self.shown.end(&self.counts);
        match done {
            Ok(()) if self.counts.damaged > 0 => Err(TransferError::Damaged(self.counts.damaged)),
            done => done,
        }
    }
}

impl fmt::Display for TransferCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { read, written, stored, already_stored, damaged } = self;
        write!(f, "{read} messages read, ")?;
        if *written > 0 {
            write!(f, "{written} written")?;
        } else {
            write!(f, "{stored} stored and {already_stored} there before, all of these read back")?;
        }
        write!(f, ", {damaged} damaged")
    }
}
