//! Secrets, which no log line and no error shows.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::parsers::read_text;

/// A secret. Its debug output hides the text.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// A file with a secret, which may be replaced while the server runs.
#[derive(Debug, Clone)]
pub struct SecretFile {
    path: PathBuf,
    last: Arc<Mutex<Last>>,
}

#[derive(Debug)]
struct Last {
    secret: Secret,
    is_failing: bool,
}

impl SecretFile {
    /// Reads the secret for the first time.
    ///
    /// # Errors
    /// The reason why the file has no secret, without its text.
    pub fn open(path: &str) -> Result<Self, String> {
        let path = PathBuf::from(path);
        let last = Arc::new(Mutex::new(Last { secret: read_secret(&path)?, is_failing: false }));
        Ok(Self { path, last })
    }

    /// Reads the secret again. While the file cannot be read, returns the last secret, and logs the failure once.
    #[must_use]
    pub fn read(&self) -> Secret {
        // Reading a pipe again would block.
        let is_readable = std::fs::metadata(&self.path).map_or(true, |metadata| metadata.is_file());
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if is_readable {
            match read_secret(&self.path) {
                Ok(secret) => *last = Last { secret, is_failing: false },
                Err(reason) if !last.is_failing => {
                    log::warn!("the password that was read last stays in use: {reason}");
                    last.is_failing = true;
                }
                Err(_) => {}
            }
        }
        last.secret.clone()
    }
}

/// Returns the text of a file without its line end.
fn read_secret(path: &Path) -> Result<Secret, String> {
    let text = read_text(path)?;
    let text = text.trim_end_matches(['\r', '\n']);
    if text.starts_with('\u{feff}') {
        return Err(format!("{} begins with a byte order mark: write it without one", path.display()));
    }
    if text.is_empty() {
        return Err(format!("{} is empty", path.display()));
    }
    Ok(Secret::new(text.to_owned()))
}
