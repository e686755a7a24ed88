//! Network file systems are refused: their locks cannot be trusted, nor their shared memory.

use std::fs::Metadata;
use std::path::Path;

use crate::error::OpenError;

#[cfg(target_os = "linux")]
pub(crate) fn refuse(path: &Path, found: &Metadata) -> Result<(), OpenError> {
    use std::os::unix::fs::MetadataExt;

    let magic =
        rustix::fs::statfs(path).map_err(|error| OpenError::unwritable(path, error))?.f_type;
    // The field is signed or not, wide or narrow, as the platform likes.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "32-bit magic")]
    let magic = magic as u32;
    let kind = match KINDS.iter().find(|(known, _)| *known == magic) {
        Some((_, kind)) => Some((*kind).to_owned()),
        None if magic == FUSE => {
            let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
            let kind = mount_kind(&mounts, found.dev()).unwrap_or("fuse");
            (!FUSE_LOCAL.contains(&kind)).then(|| kind.to_owned())
        }
        None => None,
    };
    match kind {
        Some(kind) => Err(OpenError::NetworkFileSystem { path: path.to_owned(), kind }),
        None => Ok(()),
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn refuse(_path: &Path, _found: &Metadata) -> Result<(), OpenError> {
    Ok(())
}

/// What `statfs(2)` calls them, and cluster and host file systems that are no better.
#[cfg(target_os = "linux")]
const KINDS: &[(u32, &str)] = &[
    (0x0000_517B, "smb"),
    (0x0000_564C, "ncp"),
    (0x0000_6969, "nfs"),
    (0x00C3_6400, "ceph"),
    (0x0102_1997, "9p"),
    (0x0116_1970, "gfs2"),
    (0x0BD0_0BD0, "lustre"),
    (0x4750_4653, "gpfs"),
    (0x5346_414F, "afs"),
    (0x6B41_4653, "afs"),
    (0x7375_7245, "coda"),
    (0x7461_636F, "ocfs2"),
    (0x786F_4256, "vboxsf"),
    (0x7C7C_6673, "prl_fs"),
    (0xFE53_4D42, "smb2"),
    (0xFF53_4D42, "cifs"),
];

#[cfg(target_os = "linux")]
const FUSE: u32 = 0x6573_5546;

/// Only the mount table tells what stands behind FUSE; these are local disks.
#[cfg(target_os = "linux")]
const FUSE_LOCAL: &[&str] =
    &["fuse.bindfs", "fuse.fuse-overlayfs", "fuse.gocryptfs", "fuse.ntfs-3g", "fuseblk"];

/// The type of the file system with this device number, by `/proc/self/mountinfo` (proc(5)).
#[cfg(target_os = "linux")]
fn mount_kind(mounts: &str, device: u64) -> Option<&str> {
    let number = format!("{}:{}", rustix::fs::major(device), rustix::fs::minor(device));
    let line = mounts.lines().find(|line| line.split(' ').nth(2) == Some(&number))?;
    line.split_once(" - ")?.1.split(' ').next()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_mount_table_names_what_stands_behind_fuse() {
        let mounts = "36 35 98:0 / /mnt rw,noatime master:1 - ext3 /dev/root rw\n\
                      40 35 0:45 / /home/a/remote rw,nosuid - fuse.sshfs a@b:/ rw,user_id=1\n";
        assert_eq!(mount_kind(mounts, rustix::fs::makedev(0, 45)), Some("fuse.sshfs"));
        assert_eq!(mount_kind(mounts, rustix::fs::makedev(98, 0)), Some("ext3"));
        assert_eq!(mount_kind(mounts, rustix::fs::makedev(98, 1)), None);
    }
}
