//! How damage of the data folder is told.

use std::path::Path;

use crate::store::OpenError;

/// What the operator reads about a damaged file.
pub(super) fn damaged(path: &Path, how: &str) -> OpenError {
    OpenError(format!(
        "the data folder is damaged and was left as it is: {} {how}; \
         restore the folder from a backup, or start on another one",
        path.display()
    ))
}
