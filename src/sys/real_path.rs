//! Paths without symbolic links.

use std::path::{Path, PathBuf};

/// A path as it is without symbolic links. Of what does not exist the folder has to; `None` where nothing does.
pub(crate) fn real_path(path: &[u8]) -> Option<Vec<u8>> {
    let path = to_path(path)?;
    let real = path.canonicalize().or_else(|error| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Ok::<PathBuf, std::io::Error>(folder.canonicalize()?.join(path.file_name().ok_or(error)?))
    });
    real.ok().map(|real| real.as_os_str().as_encoded_bytes().to_vec())
}

#[cfg(unix)]
fn to_path(path: &[u8]) -> Option<&Path> {
    Some(Path::new(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(path)))
}

#[cfg(windows)]
fn to_path(path: &[u8]) -> Option<&Path> {
    std::str::from_utf8(path).ok().map(Path::new)
}
