//! Checks that stdin and stdout are open.
//!
//! A shell closes them with `<&-` and `>&-`. The standard library then opens /dev/null in their place. It also ignores
//! the error of a stream that is open in the wrong direction: a read returns nothing, and a write is lost.

use std::io::{self, Stdin, Stdout};
use std::os::fd::AsFd;

use rustix::fs::{FileType, OFlags, fcntl_getfl, fstat, major, minor};

/// Device numbers of /dev/null.
const NULL: (u32, u32) = (1, 3);

/// Returns stdin.
///
/// # Errors
/// If stdin is closed, or open for writing only.
pub fn stdin() -> io::Result<Stdin> {
    let stdin = io::stdin();
    check(&stdin, OFlags::WRONLY)?;
    Ok(stdin)
}

/// Returns stdout.
///
/// # Errors
/// If stdout is closed, or open for reading only.
pub fn stdout() -> io::Result<Stdout> {
    let stdout = io::stdout();
    check(&stdout, OFlags::RDONLY)?;
    Ok(stdout)
}

/// Rejects a stream that is open only in the wrong direction. In place of a closed stream, the standard library opens
/// /dev/null for both directions; a shell opens it for one.
fn check(stream: &impl AsFd, wrong: OFlags) -> io::Result<()> {
    let flags = fcntl_getfl(stream)?;
    let direction = flags & OFlags::ACCMODE;
    if flags.contains(OFlags::PATH) || direction == wrong {
        return Err(io::Error::other("it is open in the wrong direction"));
    }
    if direction == OFlags::RDWR && is_null(stream)? {
        return Err(io::Error::other("it is closed, or is /dev/null opened for reading and writing"));
    }
    Ok(())
}

fn is_null(stream: &impl AsFd) -> io::Result<bool> {
    let file = fstat(stream)?;
    let is_device = FileType::from_raw_mode(file.st_mode) == FileType::CharacterDevice;
    Ok(is_device && (major(file.st_rdev), minor(file.st_rdev)) == NULL)
}
