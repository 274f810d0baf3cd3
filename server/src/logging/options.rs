//! The options of the log.

use clap::{Args, ValueEnum};

/// The filter and the format of log lines. The access log goes to stdout, everything else to stderr.
#[derive(Debug, Clone, Args)]
pub struct LogOptions {
    /// text for people, json for programs: one object per line.
    #[arg(long, env = "MESSAGE_TO_HASH_LOG_FORMAT", value_name = "FORMAT", default_value = "text")]
    pub log_format: LogFormat,

    /// Filter of log lines: a level, or a filter in the syntax of `env_logger`. `access=off` turns the access log off.
    #[arg(long, env = "RUST_LOG", value_name = "FILTER", default_value = "info,fjall=error,lsm_tree=error", value_parser = log_filter)]
    pub log_filter: String,
}

/// The format of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// JSON, one object per line.
    Json,
}

/// Rejects an invalid filter. The logger would take it for one that matches nothing.
fn log_filter(text: &str) -> Result<String, String> {
    env_filter::Builder::new()
        .try_parse(text)
        .map(|_| text.to_owned())
        .map_err(|_| "a level or a filter is needed, as in debug or info,access=off".to_owned())
}
