//! `exists`: tells by its exit code whether a server has a message.

use super::client_options::LookupArgs;
use super::{ClientError, client};

/// Asks the server for the message.
///
/// # Errors
/// [`ClientError::NotFound`] if the server has no such message, or another [`ClientError`].
pub fn run(args: &LookupArgs) -> Result<(), ClientError> {
    client::block_on(async {
        let exists = client::build(&args.server)?.exists(args.hash).await;
        let exists = exists.map_err(|error| ClientError::server(&args.server, error))?;
        if exists { Ok(()) } else { Err(ClientError::NotFound) }
    })
}
