//! Environment variables: ignores empty ones, reports unknown ones, and hides their values in the help.

use std::ffi::OsString;

use clap::{Arg, Command};

/// The prefix of this program's variables, except the log filter.
const PREFIX: &str = "MESSAGE_TO_HASH_";
const LOG_FILTER: &str = "RUST_LOG";

/// Applies a change to each option of each subcommand.
fn change_all(program: Command, change: fn(Arg) -> Arg) -> Command {
    program.mut_args(change).mut_subcommands(|command| change_all(command, change))
}

/// Hides the values of variables in the help, since they may be passwords. The names stay.
pub(super) fn hide_values(program: Command) -> Command {
    change_all(program, |option| option.hide_env_values(true))
}

/// Ignores an empty variable, because deployment templates set a variable to an empty text to omit it.
///
/// An empty variable of an option with a default is an error, except for the log filter. Otherwise a store's URL that
/// is empty by mistake would silently select the default store.
pub(super) fn ignore_empty(program: Command) -> Command {
    change_all(program, |option| {
        let Some(name) = option.get_env() else { return option };
        let is_optional = option.get_default_values().is_empty() || name == LOG_FILTER;
        let is_empty = std::env::var_os(name).is_some_and(|value| value.is_empty());
        if is_optional && is_empty { option.env(None) } else { option }
    })
}

/// Returns a line for the operator for each unknown variable with this program's prefix.
pub(super) fn unknown(program: &Command) -> Vec<String> {
    let options = program.get_subcommands().flat_map(Command::get_arguments);
    let known: Vec<_> = options.filter_map(|option| option.get_env()?.to_str()).collect();
    let in_kubernetes = std::env::var_os("KUBERNETES_SERVICE_HOST").is_some();
    let names: Vec<_> = std::env::vars_os().map(|(name, _)| name).collect();
    unknown_of(&names, &known, in_kubernetes)
}

fn unknown_of(names: &[OsString], known: &[&str], in_kubernetes: bool) -> Vec<String> {
    let mut unknown: Vec<_> = names.iter().map(|name| name.to_string_lossy()).collect();
    unknown.retain(|name| {
        name.starts_with(PREFIX)
            && !known.contains(&name.as_ref())
            && !(in_kubernetes && is_service_link(name))
    });
    unknown.sort_unstable();
    let line = |name: &str| {
        let similarity = |known: &str| strsim::jaro(&known[PREFIX.len()..], &name[PREFIX.len()..]);
        let with_prefix = known.iter().filter(|known| known.starts_with(PREFIX));
        let nearest = with_prefix.max_by(|a, b| similarity(a).total_cmp(&similarity(b)));
        let nearest = nearest.map(|nearest| format!("; did you mean {nearest}?")).unwrap_or_default();
        format!("the variable {} is unknown{nearest}", name.escape_debug())
    };
    unknown.into_iter().map(|name| line(&name)).collect()
}

/// Whether Kubernetes sets this variable, in every container, for a service whose name has the same prefix.
fn is_service_link(name: &str) -> bool {
    let has_port_number =
        || name.split("_PORT_").skip(1).any(|rest| rest.starts_with(|first: char| first.is_ascii_digit()));
    name.ends_with("_SERVICE_HOST")
        || name.contains("_SERVICE_PORT")
        || name.ends_with("_PORT")
        || has_port_number()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_variable_is_named_with_the_nearest_known_one() {
        let known = ["MESSAGE_TO_HASH_STORE", "MESSAGE_TO_HASH_RETENTION", "RUST_LOG"];
        let unknown = |names: &[&str], in_kubernetes| {
            let names: Vec<_> = names.iter().map(OsString::from).collect();
            unknown_of(&names, &known, in_kubernetes)
        };
        let names = ["MESSAGE_TO_HASH_RETENTON", "MESSAGE_TO_HASH_STORE", "OTHER", "MESSAGE_TO_HASH_"];
        let lines = unknown(&names, false);
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(lines[1].contains("MESSAGE_TO_HASH_RETENTON is unknown"), "{lines:?}");
        assert!(lines[1].ends_with("did you mean MESSAGE_TO_HASH_RETENTION?"), "{lines:?}");
        let suffixes = ["SERVICE_HOST", "SERVICE_PORT", "SERVICE_PORT_HTTP", "PORT", "PORT_80_TCP_ADDR"];
        let services = suffixes.map(|suffix| format!("MESSAGE_TO_HASH_{suffix}"));
        let services: Vec<_> = services.iter().map(String::as_str).collect();
        assert_eq!(unknown(&services, true), [""; 0]);
        assert_eq!(unknown(&services, false).len(), services.len());
    }
}
