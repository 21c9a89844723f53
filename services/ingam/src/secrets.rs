//! Secrets in files: 32 random bytes in hexadecimal, readable by their owner only.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use domain::Entropy;
use zeroize::Zeroizing;

/// 32 secret bytes; wiped from memory when dropped.
pub(crate) type Secret = Zeroizing<[u8; 32]>;

/// Reads a secret.
///
/// # Errors
/// Also when others may read the file: it may be known to them already.
pub(crate) fn read(path: &Path) -> anyhow::Result<Secret> {
    let shown = path.display();
    let text = match std::fs::read_to_string(path) {
        Ok(text) => Zeroizing::new(text),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            bail!("the secret {shown} is missing; `ingam migrate` makes it for a new service")
        }
        Err(error) => return Err(error).with_context(|| format!("cannot read the secret {shown}")),
    };
    let mode = std::fs::metadata(path)?.permissions().mode();
    // a group may: service managers hand secrets over that way
    ensure!(mode & 0o007 == 0, "others may read the secret {shown}: set its mode to 0600");
    let mut bytes = Zeroizing::new([0; 32]);
    hex::decode_to_slice(text.trim_end(), bytes.as_mut_slice())
        .ok()
        .with_context(|| format!("{shown} does not hold 64 hexadecimal digits"))?;
    Ok(bytes)
}

/// Makes a secret where there is none; whether it did.
///
/// # Errors
/// The directory is missing or not writable.
pub(crate) fn create_if_missing(path: &Path, entropy: &dyn Entropy) -> anyhow::Result<bool> {
    let secret = Zeroizing::new(entropy.bytes32());
    let text = Zeroizing::new(format!("{}\n", hex::encode(secret.as_slice())));
    create_private(path, text.as_bytes())
}

/// Writes a new file that only its owner may read; `false` when there is one already.
///
/// # Errors
/// The directory is missing or not writable.
pub(crate) fn create_private(path: &Path, content: &[u8]) -> anyhow::Result<bool> {
    let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let mut file = match opened {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(false),
        opened => opened.with_context(|| format!("cannot write {}", path.display()))?,
    };
    file.write_all(content)?;
    file.sync_all()?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::SeededEntropy;

    #[test]
    fn made_once_and_read_back() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("receipt.key");
        let missing = read(&path).unwrap_err().to_string();
        assert!(missing.contains("ingam migrate"), "{missing}");
        assert!(create_if_missing(&path, &SeededEntropy::new(1)).unwrap());
        assert!(!create_if_missing(&path, &SeededEntropy::new(2)).unwrap());
        assert_eq!(*read(&path).unwrap(), SeededEntropy::new(1).bytes32());

        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(read(&path).unwrap_err().to_string().contains("0600"));
    }

    #[test]
    fn what_is_no_secret_is_not_told() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("token.secret");
        create_private(&path, b"hunter2").unwrap();
        let error = format!("{:#}", read(&path).unwrap_err());
        assert!(error.contains("64 hexadecimal digits") && !error.contains("hunter2"), "{error}");
    }
}
