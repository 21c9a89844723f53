//! The Merkle tree of RFC 9162 section 2.1 over SHA-256.

use rs_merkle::Hasher;
use sha2::{Digest as _, Sha256};

use crate::Hash;

/// Most leaves of a tree. An index then always fits the low 32 bits of a token id.
pub const MAX_TREE_SIZE: u64 = (1 << 32) - 1;
/// Longest inclusion path: the height of a tree of [`MAX_TREE_SIZE`] leaves.
pub const MAX_PATH_LEN: usize = 32;
/// RFC 9162 section 2.1.1: the prefix of an inner node.
const NODE_PREFIX: [u8; 1] = [0x01];

/// `SHA-256(0x01 ‖ left ‖ right)`.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Hash::of(&[&NODE_PREFIX, left.as_bytes(), right.as_bytes()])
}

/// [`node_hash`] for `rs_merkle`, whose default for a lone node is already the promotion that
/// RFC 9162 asks for. Leaves are passed in hashed.
///
/// Only trees of one tile are built with it: the library keeps a tree twice, and its own
/// verification accepts duplicate indices and trailing hashes, hence [`crate::verify_inclusion`].
#[derive(Clone, Debug)]
pub struct TileHasher;

impl Hasher for TileHasher {
    type Hash = [u8; 32];

    fn hash(data: &[u8]) -> [u8; 32] {
        Sha256::new().chain_update(NODE_PREFIX).chain_update(data).finalize().into()
    }
}
