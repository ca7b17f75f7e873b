//! A small disk that a test makes for itself, which takes root and a kernel that mounts it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A file system of its own, in a file.
pub(crate) struct Disk {
    folder: TempDir,
}

impl Disk {
    pub(crate) fn make(command: &[&str]) -> Option<Disk> {
        let folder = tempfile::tempdir().unwrap();
        let image = folder.path().join("image");
        let bytes = if command[0].ends_with("ext4") {
            8 << 20
        } else {
            300 << 20
        };
        fs::File::create(&image).unwrap().set_len(bytes).unwrap();
        let disk = Disk { folder };
        fs::create_dir(disk.path()).unwrap();
        let is_done = runs(Command::new(command[0]).args(&command[1..]).arg(&image))
            && runs(
                Command::new("mount")
                    .args(["-o", "loop"])
                    .arg(&image)
                    .arg(disk.path()),
            );
        is_done.then_some(disk)
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("mounted")
    }

    /// To the last byte.
    pub(crate) fn fill(&self) {
        for (name, size) in [("large", "64k"), ("small", "1k")] {
            let file = format!("of={}", self.path().join(name).display());
            let size = format!("bs={size}");
            let fill = ["if=/dev/zero", &file, &size, "conv=fsync"];
            assert!(!runs(Command::new("dd").args(fill)), "no disk is full");
        }
    }

    pub(crate) fn empty(&self) {
        for name in ["large", "small"] {
            fs::remove_file(self.path().join(name)).unwrap();
        }
        sync(&self.path());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        runs(Command::new("umount").arg("--lazy").arg(self.path()));
    }
}

fn runs(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

fn sync(folder: &Path) {
    runs(Command::new("sync").arg("--file-system").arg(folder));
}
