//! Where log lines go and how they look: requests to stdout, all else to stderr, as text or JSON.

mod stream;

use std::io::{self, Write};
use std::time::SystemTime;

use env_logger::fmt::Formatter;
use env_logger::{Builder, Logger, Target};
use humantime::format_rfc3339_millis;
use log::kv::Key;
use log::{Log, Metadata, Record};
use serde_json::json;

use self::stream::Stream;
use crate::config::{LogFormat, LogOptions};
use crate::http::access_log;

/// The name of a request's span id, in every log line that has one: in the access log, in the error log, and in nginx's.
const SPAN: &str = "span";

struct Streams {
    format: LogFormat,
    /// Of stderr; says of stdout's lines, too, which are wanted.
    logger: Logger,
    out: Stream,
    err: Stream,
}

/// Sends every record of this process to its stream; a panic becomes one line without its message, which
/// might quote what a client sent.
///
/// # Errors
/// Where a thread cannot be started, or a logger is in place already.
pub fn start(options: &LogOptions) -> io::Result<()> {
    let (out, err) = (Stream::start(io::stdout())?, Stream::start(io::stderr())?);
    let logger = logger(options, err.clone());
    log::set_max_level(logger.filter());
    log::set_boxed_logger(Box::new(Streams { format: options.log_format, logger, out, err }))
        .map_err(io::Error::other)?;
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
    let (time, level, target) = (out.timestamp_millis(), record.level(), record.target());
    match span(record) {
        Some(span) => writeln!(out, "{time} {level} {target}: [{span}] {}", record.args()),
        None => writeln!(out, "{time} {level} {target}: {}", record.args()),
    }
}

/// The span id of the request that a record is about.
fn span(record: &Record) -> Option<String> {
    record.key_values().get(Key::from(SPAN)).map(|value| value.to_string())
}

/// One object a line.
fn as_json(out: &mut Formatter, record: &Record) -> io::Result<()> {
    let (time, level, target) =
        (out.timestamp_millis().to_string(), record.level().as_str(), record.target());
    let message = record.args().to_string();
    let mut line = json!({ "time": time, "level": level, "target": target, "message": message });
    if let Some(span) = span(record) {
        line[SPAN] = span.into();
    }
    writeln!(out, "{line}")
}

impl Streams {
    /// One request, as text or as an object. Written where it is gathered: there are as many of these
    /// lines as requests, and by way of the other logger's buffer each takes twice the instructions.
    fn log_request(&self, record: &Record) {
        let time = format_rfc3339_millis(SystemTime::now());
        self.out.put(|lines| match self.format {
            LogFormat::Text => writeln!(lines, "{time} {}", record.args()),
            LogFormat::Json => writeln!(lines, r#"{{"time":"{time}",{}}}"#, record.args()),
        });
    }
}

impl Log for Streams {
    fn enabled(&self, metadata: &Metadata) -> bool {
        self.logger.enabled(metadata)
    }

    fn log(&self, record: &Record) {
        if record.target() != access_log::TARGET {
            self.logger.log(record);
        } else if self.logger.matches(record) {
            self.log_request(record);
        }
    }

    /// Waits until what was logged is written, but not for ever.
    fn flush(&self) {
        [&self.out, &self.err].into_iter().for_each(Stream::drain);
    }
}
