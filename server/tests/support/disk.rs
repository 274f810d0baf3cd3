//! Disks in files, which tests can fill, break and cut from power. They need root, loop devices, and the tools of ext4
//! and btrfs; without them the tests fail.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::TIMEOUT;

/// A mounted filesystem; unmounted when dropped, even if it is in use.
pub struct DiskMount {
    folder: TempDir,
}

impl DiskMount {
    /// Makes a filesystem of `size` bytes in a new file, and mounts it. `mkfs` is the command without the file.
    pub fn new(image: &Path, size: u64, mkfs: &[&str]) -> Self {
        File::create(image).and_then(|file| file.set_len(size)).expect("an image for the disk");
        run(mkfs[0], &[&mkfs[1..], &[&path(image)]].concat());
        Self::mount(image)
    }

    /// Mounts the filesystem in this file.
    pub fn mount(image: &Path) -> Self {
        Self::at_new_folder(&["-o", "loop", &path(image)])
    }

    /// Mounts a filesystem of `size` bytes in memory.
    pub fn in_memory(size: u64) -> Self {
        Self::at_new_folder(&["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
    }

    /// Mounts a filesystem that never answers, like that of an unreachable network, until `device` is dropped. After
    /// that, every access fails.
    pub fn hung() -> (Self, File) {
        let device = File::options().read(true).write(true).open("/dev/fuse").expect("FUSE, of the kernel");
        let mount = Self { folder: TempDir::new().expect("a folder to mount on") };
        let (options, folder) = ("fd=0,rootmode=40000,user_id=0,group_id=0", path(mount.path()));
        let stdin = device.try_clone().expect("the device once more");
        let mut mounted = Command::new("mount");
        mounted.args(["-i", "-t", "fuse", "-o", options, "none", &folder]).stdin(stdin);
        assert!(mounted.status().is_ok_and(|status| status.success()), "cannot mount {folder}");
        (mount, device)
    }

    /// Mounts this folder read-only at another place.
    pub fn read_only(folder: &Path) -> Self {
        let mount = Self::at_new_folder(&["--bind", &path(folder)]);
        run("mount", &["-o", "remount,bind,ro", &path(mount.path())]);
        mount
    }

    fn at_new_folder(what: &[&str]) -> Self {
        let mount = Self { folder: TempDir::new().expect("a folder to mount on") };
        run("mount", &[what, &[&path(mount.path())]].concat());
        mount
    }

    /// Returns the folder where it is mounted.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the path of a file in it.
    pub fn join(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Waits until the filesystem is unused, and unmounts it. Its loop device is detached, too.
    pub fn unmount(self) {
        let deadline = Instant::now() + TIMEOUT;
        while !done("umount", &[&path(self.path())]) {
            assert!(Instant::now() < deadline, "something still uses {}", self.path().display());
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for DiskMount {
    fn drop(&mut self) {
        done("umount", &["--lazy", &path(self.path())]);
    }
}

/// Returns a path as text.
pub fn path(path: &Path) -> String {
    path.to_str().expect("a path in UTF-8").to_owned()
}

/// Runs a program. Panics if it fails.
pub fn run(program: &str, arguments: &[&str]) {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("{program} is needed: {error}"));
    assert!(
        output.status.success(),
        "{program} {arguments:?} failed; these tests need root and loop devices: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn done(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
}
