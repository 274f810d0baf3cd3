//! Variables of the environment that are named like options, but belong to none: a spelling mistake would otherwise
//! be a setting without effect.

const PREFIX: &str = "MESSAGE_TO_HASH_";

/// Kubernetes sets such variables in each container for a Service named `message-to-hash`.
const SERVICE_LINKS: [&str; 3] = ["SERVICE_HOST", "SERVICE_PORT", "PORT"];

/// The first of these variables that has our prefix and is the variable of no option.
pub(super) fn unknown_variable(
    mut program: clap::Command,
    mut variables: impl Iterator<Item = String>,
) -> Option<String> {
    program.build();
    let options: Vec<_> = program
        .get_subcommands()
        .flat_map(clap::Command::get_arguments)
        .filter_map(|option| option.get_env()?.to_str())
        .collect();
    variables.find(|variable| {
        let Some(name) = variable.strip_prefix(PREFIX) else { return false };
        let is_service_link = SERVICE_LINKS
            .iter()
            .any(|link| name.strip_prefix(link).is_some_and(|rest| rest.is_empty() || rest.starts_with('_')));
        !is_service_link && !options.contains(&variable.as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Command;

    fn unknown(variables: &[&str]) -> Option<String> {
        unknown_variable(Command::definition(), variables.iter().map(|name| (*name).to_owned()))
    }

    #[test]
    fn variable_of_no_option_is_found() {
        assert_eq!(unknown(&["PATH", "MESSAGE_TO_HASH_STORE", "MESSAGE_TO_HASH_TOKEN_FILE"]), None);
        let misspelled = "MESSAGE_TO_HASH_CACHE_BYTE";
        assert_eq!(unknown(&["MESSAGE_TO_HASH_STORE", misspelled]).as_deref(), Some(misspelled));
    }

    #[test]
    fn service_links_of_kubernetes_are_ignored() {
        let links = ["SERVICE_HOST", "SERVICE_PORT", "SERVICE_PORT_HTTP", "PORT", "PORT_80_TCP_ADDR"];
        assert_eq!(
            unknown(&links.map(|link| format!("{PREFIX}{link}")).each_ref().map(String::as_str)),
            None
        );
    }
}
