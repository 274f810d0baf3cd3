//! `hash`: prints the hashes of files, without a server.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{ClientError, files, output};

/// Arguments of `hash`.
#[derive(Debug, Args)]
pub struct HashArgs {
    /// Files; - is stdin, which is also the default.
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// Prints the hash of each file. A file may have any size and any bytes.
///
/// # Errors
/// [`ClientError`], also if files were skipped.
pub fn run(args: &HashArgs) -> Result<(), ClientError> {
    output::check()?;
    if files::are_stdin(&args.files) {
        let hash =
            files::hash(Path::new("-")).map_err(|error| ClientError::File("stdin".to_owned(), error))?;
        return output::write(format!("{hash}\n").as_bytes());
    }
    let mut skipped = 0;
    for file in &args.files {
        match files::hash(file) {
            Ok(hash) => output::write(&output::line(hash, file))?,
            Err(error) => {
                output::print_warning("hash", &format!("{}: {error}", output::display_name(file)));
                skipped += 1;
            }
        }
    }
    if skipped == 0 { Ok(()) } else { Err(ClientError::Skipped(skipped)) }
}
