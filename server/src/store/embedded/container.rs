//! Detects a data folder that is deleted together with the container that the server runs in.

use std::fs;
use std::path::Path;

/// Files that Docker and Podman put into each container.
const CONTAINER_FILES: [&str; 2] = ["/.dockerenv", "/run/.containerenv"];

/// Docker and Podman generate a name of this many hexadecimal digits for an anonymous volume.
const GENERATED_NAME_DIGITS: usize = 64;

/// Warns if the messages in `folder` are lost when the container is removed.
pub(super) fn warn_of_loss(folder: &Path) {
    let Ok(mounts) = fs::read_to_string("/proc/self/mountinfo") else { return };
    let Ok(folder) = folder.canonicalize() else { return };
    let in_container = CONTAINER_FILES.iter().any(|file| Path::new(file).exists());
    if let Some(place) = temporary_place(&folder, &mounts, in_container) {
        log::warn!(
            "{folder} is {place}: its messages may be lost when the container is removed; mount a volume with a name, \
             or a folder, there: docker run -v messages:{folder}",
            folder = folder.display()
        );
    }
}

/// Returns a description of the place of `folder`, if it is removed with the container. `mounts` has the format of
/// `/proc/self/mountinfo`.
fn temporary_place(folder: &Path, mounts: &str, in_container: bool) -> Option<&'static str> {
    // The last of several mounts at one place is visible. `max_by_key` returns the last maximum.
    let mounts = mounts.lines().filter_map(Mount::parse).filter(|mount| folder.starts_with(mount.point));
    let mount = mounts.max_by_key(|mount| mount.point.len())?;
    if mount.point == "/" {
        let is_layer = in_container || mount.file_system == "overlay";
        return is_layer.then_some("a part of the container");
    }
    let is_generated =
        |name: &str| name.len() == GENERATED_NAME_DIGITS && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    let volume = mount.root.strip_suffix("/_data")?.rsplit('/').next()?;
    is_generated(volume).then_some("in a volume without a name")
}

/// A line of `/proc/self/mountinfo` (see `proc_pid_mountinfo(5)`).
struct Mount<'a> {
    /// The mounted directory, as a path in its file system.
    root: &'a str,
    /// The mount point.
    point: &'a str,
    file_system: &'a str,
}

impl<'a> Mount<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let (before, after) = line.split_once(" - ")?;
        let mut fields = before.split(' ').skip(3);
        Some(Self { root: fields.next()?, point: fields.next()?, file_system: after.split(' ').next()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAYER: &str = "117 66 0:50 / / rw,relatime master:3 - overlay overlay rw,lowerdir=/a";
    const VOLUME: &str =
        "130 117 8:1 /var/lib/docker/volumes/NAME/_data /data rw,relatime - ext4 /dev/sda1 rw";

    fn place(mounts: &[&str], in_container: bool) -> Option<&'static str> {
        temporary_place(Path::new("/data/messages"), &mounts.join("\n"), in_container)
    }

    #[test]
    fn folder_in_the_layer_of_a_container_is_temporary() {
        assert_eq!(place(&[LAYER], false), Some("a part of the container"));
        let disk = "29 1 8:1 / / rw - ext4 /dev/sda1 rw";
        assert_eq!(place(&[disk], true), Some("a part of the container"));
        assert_eq!(place(&[disk], false), None);
        assert_eq!(place(&["not a mount"], true), None);
    }

    #[test]
    fn volume_is_temporary_without_a_name_alone() {
        assert_eq!(place(&[LAYER, &VOLUME.replace("NAME", "messages")], true), None);
        let generated = VOLUME.replace("NAME", &"0a".repeat(32));
        assert_eq!(place(&[LAYER, &generated], true), Some("in a volume without a name"));
        let bind = "130 117 8:1 /srv/messages /data rw,relatime - ext4 /dev/sda1 rw";
        assert_eq!(place(&[LAYER, &generated, bind], true), None);
    }
}
