//! `get`: writes a message to stdout.

use super::client_options::LookupArgs;
use super::{ClientError, client, output};

/// Writes the bytes of the message to stdout, once they are verified.
///
/// # Errors
/// [`ClientError`], also if the server has no such message.
pub fn run(args: &LookupArgs) -> Result<(), ClientError> {
    client::block_on(async {
        output::check()?;
        let message = client::build(&args.server)?.get(args.hash).await;
        let message = message.map_err(|error| ClientError::server(&args.server, error))?;
        output::write(message.ok_or(ClientError::NotFound)?.as_bytes())
    })
}
