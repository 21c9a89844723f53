//! The one value per batch that is anchored.

use crate::Hash;

/// Sets a commitment apart from a leaf (0x00) and a node (0x01). 0x03 and up are reserved.
const COMMITMENT_PREFIX: [u8; 1] = [0x02];

/// `SHA-256(0x02 ‖ tree_size (8 bytes, big-endian) ‖ root ‖ blockcerts_root)`; a batch without a
/// Blockcerts tree has [`Hash::ZERO`] there. The size is bound because a root alone does not tell
/// it.
#[must_use]
pub fn commitment(tree_size: u64, root: Hash, blockcerts_root: Hash) -> Hash {
    let size = tree_size.to_be_bytes();
    Hash::of(&[&COMMITMENT_PREFIX, &size, root.as_bytes(), blockcerts_root.as_bytes()])
}
