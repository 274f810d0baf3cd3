//! Where log lines go and how they look: requests to stdout, all else to stderr, as text or JSON.

mod stream;

use std::io::{self, Write};

use env_logger::fmt::Formatter;
use env_logger::{Builder, Logger, Target};
use log::{LevelFilter, Log, Metadata, Record};
use serde_json::json;

use self::stream::Stream;
use crate::config::{LogFormat, LogOptions};
use crate::http::access_log;

/// Two loggers, one for each stream.
struct Streams {
    access: Logger,
    other: Logger,
    queues: [Stream; 2],
}

/// Sends every record of this process to its stream; a panic becomes one line without its message, which
/// might quote what a client sent.
///
/// # Errors
/// Where a thread cannot be started, or a logger is in place already.
pub fn start(options: &LogOptions) -> io::Result<()> {
    let (out, err) = (Stream::start(io::stdout())?, Stream::start(io::stderr())?);
    let (access, other) = (logger(options, out.clone()), logger(options, err.clone()));
    let most: LevelFilter = access.filter().max(other.filter());
    log::set_boxed_logger(Box::new(Streams { access, other, queues: [out, err] }))
        .map_err(io::Error::other)?;
    log::set_max_level(most);
    std::panic::set_hook(Box::new(|panic| match panic.location() {
        Some(place) => log::error!("panic at {place}"),
        None => log::error!("panic"),
    }));
    Ok(())
}

fn logger(options: &LogOptions, stream: Stream) -> Logger {
    let format = match options.log_format {
        LogFormat::Text => as_text,
        LogFormat::Json => as_json,
    };
    let target = Target::Pipe(Box::new(stream));
    Builder::new().parse_filters(&options.log_filter).target(target).format(format).build()
}

fn as_text(out: &mut Formatter, record: &Record) -> io::Result<()> {
    let time = out.timestamp_millis();
    match record.target() {
        access_log::TARGET => writeln!(out, "{time} {}", record.args()),
        target => writeln!(out, "{time} {} {target}: {}", record.level(), record.args()),
    }
}

/// One object a line. An access-log record is an object itself.
fn as_json(out: &mut Formatter, record: &Record) -> io::Result<()> {
    let time = out.timestamp_millis();
    match record.target() {
        access_log::TARGET => writeln!(out, r#"{{"time":"{time}","request":{}}}"#, record.args()),
        target => {
            let (time, level, message) =
                (time.to_string(), record.level().as_str(), record.args().to_string());
            writeln!(out, "{}", json!({ "time": time, "level": level, "target": target, "message": message }))
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

    /// Waits until what was logged is written, but not for ever.
    fn flush(&self) {
        self.queues.iter().for_each(Stream::drain);
    }
}
