//! Files that a user presents: badges and proof documents, read within a limit.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, ensure};
use badge::Form;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// More than the largest badge image (5 MiB) and the largest proof document, in bytes.
const MAX_FILE: u64 = 8 * 1024 * 1024;

/// # Errors
/// The file cannot be read, or is larger than any badge or proof document.
pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let opened = File::open(path).and_then(|file| file.take(MAX_FILE + 1).read_to_end(&mut bytes));
    opened.with_context(|| format!("cannot read {}", path.display()))?;
    let fits = bytes.len() as u64 <= MAX_FILE;
    ensure!(fits, "{} has more than {MAX_FILE} bytes", path.display());
    Ok(bytes)
}

/// A badge as a member of a submission: JSON goes out byte for byte as it is, since the service
/// hashes what it gets; any other form in base64.
pub(crate) fn as_member(badge: &[u8]) -> Vec<u8> {
    match badge::classify(badge) {
        Form::Json | Form::JwsJson => {
            let text = badge.strip_prefix(b"\xef\xbb\xbf").unwrap_or(badge);
            [b"\"credential\":", text].concat()
        }
        _ => format!("\"badgeBase64\":\"{}\"", BASE64_STANDARD.encode(badge)).into_bytes(),
    }
}

/// Whether a file can be read and is a proof document.
pub(crate) fn is_proof(path: &Path) -> bool {
    read(path).is_ok_and(|bytes| badge::classify(&bytes) == Form::ProofDocument)
}
