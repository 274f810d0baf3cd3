//! Where log lines go and how they look: requests to stdout, all else to stderr, as text or JSON.

use std::io::Write;

use env_logger::fmt::Formatter;
use env_logger::{Builder, Logger, Target};
use log::{LevelFilter, Log, Metadata, Record, SetLoggerError};
use serde_json::json;

use crate::config::{LogFormat, LogOptions};
use crate::http::access_log;

/// Two loggers: one for each stream.
struct Streams {
    access: Logger,
    other: Logger,
}

/// Sends every record of this process to its stream; a panic becomes one line without its message, which
/// might quote what a client sent.
///
/// # Errors
/// Where a logger is in place already.
pub fn start(options: &LogOptions) -> Result<(), SetLoggerError> {
    let streams = Streams { access: logger(options, Target::Stdout), other: logger(options, Target::Stderr) };
    let most: LevelFilter = streams.access.filter().max(streams.other.filter());
    log::set_boxed_logger(Box::new(streams))?;
    log::set_max_level(most);
    std::panic::set_hook(Box::new(|panic| match panic.location() {
        Some(place) => log::error!("panic at {place}"),
        None => log::error!("panic"),
    }));
    Ok(())
}

fn logger(options: &LogOptions, target: Target) -> Logger {
    let format = match options.log_format {
        LogFormat::Text => as_text,
        LogFormat::Json => as_json,
    };
    Builder::new().parse_filters(&options.log_filter).target(target).format(format).build()
}

fn as_text(out: &mut Formatter, record: &Record) -> std::io::Result<()> {
    let time = out.timestamp_millis();
    match record.target() {
        access_log::TARGET => writeln!(out, "{time} {}", record.args()),
        target => writeln!(out, "{time} {} {target}: {}", record.level(), record.args()),
    }
}

/// One object a line. An access-log record is an object itself.
fn as_json(out: &mut Formatter, record: &Record) -> std::io::Result<()> {
    let time = out.timestamp_millis();
    match record.target() {
        access_log::TARGET => writeln!(out, r#"{{"time":"{time}","request":{}}}"#, record.args()),
        target => {
            let (level, message) = (record.level().as_str(), record.args().to_string());
            let line =
                json!({ "time": time.to_string(), "level": level, "target": target, "message": message });
            writeln!(out, "{line}")
        }
    }
}

impl Streams {
    fn of(&self, metadata: &Metadata) -> &Logger {
        if metadata.target() == access_log::TARGET { &self.access } else { &self.other }
    }
}

impl Log for Streams {
    fn enabled(&self, metadata: &Metadata) -> bool {
        self.of(metadata).enabled(metadata)
    }

    fn log(&self, record: &Record) {
        self.of(record.metadata()).log(record);
    }

    fn flush(&self) {
        self.access.flush();
        self.other.flush();
    }
}
