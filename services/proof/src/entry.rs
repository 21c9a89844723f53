//! The 98 bytes that are hashed into a leaf.

use crate::{Hash, Rule};

/// First byte of every entry of this format.
pub const ENTRY_VERSION: u8 = 0x01;
/// Length of an entry in bytes.
pub const ENTRY_LEN: usize = 98;
/// RFC 9162 section 2.1.1: the prefix of a leaf's hash.
const LEAF_PREFIX: [u8; 1] = [0x00];

/// One badge as the tree sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// How `digest` was made.
    pub rule: Rule,
    /// SHA-256 of the issuer's identifier, see [`crate::IssuerIdentifier::hash`].
    pub issuer: Hash,
    /// The badge's digest by `rule`.
    pub digest: Hash,
    /// 32 random bytes drawn at intake. They keep a guessable badge from being found, make two
    /// leaves of one badge unlinkable, and their deletion is the erasure of the badge.
    pub salt: Hash,
}

impl Entry {
    /// `0x01 ‖ rule code ‖ issuer ‖ digest ‖ salt`.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; ENTRY_LEN] {
        let mut bytes = [0; ENTRY_LEN];
        bytes[0] = ENTRY_VERSION;
        bytes[1] = self.rule.code();
        bytes[2..34].copy_from_slice(&self.issuer.0);
        bytes[34..66].copy_from_slice(&self.digest.0);
        bytes[66..98].copy_from_slice(&self.salt.0);
        bytes
    }

    /// `SHA-256(0x00 ‖ entry)`.
    #[must_use]
    pub fn leaf(&self) -> Hash {
        Hash::of(&[&LEAF_PREFIX, &self.to_bytes()])
    }
}

/// The leaf of a position whose badge was erased before its batch was cut:
/// `SHA-256(0x00 ‖ 97 zero bytes ‖ position)`, the position as 8 bytes, big-endian. It keeps
/// leaves distinct, and no entry has it: an entry begins with [`ENTRY_VERSION`].
#[must_use]
pub fn vacated_leaf(position: u64) -> Hash {
    Hash::of(&[&LEAF_PREFIX, &[0; 97], &position.to_be_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entry_has_the_documented_layout() {
        let part = |byte| Hash([byte; 32]);
        let entry =
            Entry { rule: Rule::Opaque, issuer: part(0xaa), digest: part(0xbb), salt: part(0xcc) };
        let bytes = entry.to_bytes();
        assert_eq!(bytes[..2], [1, 3]);
        assert!(bytes[2..34].iter().all(|b| *b == 0xaa));
        assert!(bytes[34..66].iter().all(|b| *b == 0xbb));
        assert!(bytes[66..].iter().all(|b| *b == 0xcc));
        assert_eq!(entry.leaf(), Hash::of(&[&[0], &bytes]));
    }

    #[test]
    fn vacated_leaves_differ_by_position() {
        assert_ne!(vacated_leaf(0), vacated_leaf(1));
    }
}
