//! Log output, as text or JSON: the access log goes to stdout, everything else to stderr.

mod options;
mod stream;

use std::io::{self, Write};
use std::time::{Duration, SystemTime};

use env_logger::fmt::Formatter;
use env_logger::{Builder, Logger, Target};
use humantime::{Rfc3339Timestamp, format_rfc3339_millis};
use log::kv::Key;
use log::{Log, Metadata, Record};
use serde_json::json;

pub use self::options::{LogFormat, LogOptions};
use self::stream::Stream;
use crate::http::access_log;

/// The name of a request's span id in all log lines: the access log, the error log and nginx's log.
const SPAN: &str = "span";

/// Since 1970: no format of a time goes on any longer.
pub const YEAR_10000: Duration = Duration::from_hours(70_389_528);

struct Streams {
    format: LogFormat,
    /// Writes to stderr. Its filter also applies to the access log.
    logger: Logger,
    out: Stream,
    err: Stream,
}

/// Installs the logger of this process. A panic is logged with its location only, since its message might
/// quote a client's input.
///
/// # Errors
/// If a thread cannot be started, or a logger is already installed.
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

/// The time of a line, bounded to what the format can tell.
fn now() -> Rfc3339Timestamp {
    let since_1970 = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    let last = YEAR_10000.saturating_sub(Duration::from_millis(1));
    format_rfc3339_millis(SystemTime::UNIX_EPOCH + since_1970.min(last))
}

fn as_text(out: &mut Formatter, record: &Record) -> io::Result<()> {
    let (time, level, target) = (now(), record.level(), record.target());
    match span(record) {
        Some(span) => writeln!(out, "{time} {level} {target}: [{span}] {}", record.args()),
        None => writeln!(out, "{time} {level} {target}: {}", record.args()),
    }
}

/// The span id of the request that a record is about.
fn span(record: &Record) -> Option<String> {
    record.key_values().get(Key::from(SPAN)).map(|value| value.to_string())
}

/// Writes one JSON object per line.
fn as_json(out: &mut Formatter, record: &Record) -> io::Result<()> {
    let (time, level, target) = (now().to_string(), record.level().as_str(), record.target());
    let message = record.args().to_string();
    let mut line = json!({ "time": time, "level": level, "target": target, "message": message });
    if let Some(span) = span(record) {
        line[SPAN] = span.into();
    }
    writeln!(out, "{line}")
}

impl Streams {
    /// Writes one line of the access log. It goes straight into the stream's buffer: through the other logger's
    /// formatter each request would cost twice the instructions for its line.
    fn log_request(&self, record: &Record) {
        let time = now();
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

    /// Waits until all lines are written, but at most a bounded time.
    fn flush(&self) {
        [&self.out, &self.err].into_iter().for_each(Stream::drain);
    }
}
