//! Strict verification of inclusion paths (RFC 9162 section 2.1.3.2).

use crate::Hash;
use crate::tree::{MAX_TREE_SIZE, node_hash};

/// Why a path proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InclusionError {
    /// An empty tree has no leaves, a larger one is not of this format.
    #[error("a tree has 1 to {MAX_TREE_SIZE} leaves, not {0}")]
    TreeSize(u64),
    /// No such leaf.
    #[error("leaf {index} is outside a tree of {size} leaves")]
    Index {
        /// The leaf's place, from 0.
        index: u64,
        /// Leaves in the tree.
        size: u64,
    },
    /// The number of hashes follows from index and size; any other is refused unread.
    #[error("the path has {found} hashes, this place needs {expected}")]
    PathLength {
        /// What [`path_len`] says.
        expected: usize,
        /// What was given.
        found: usize,
    },
    /// The path leads to another root.
    #[error("the path leads to root {computed}")]
    Root {
        /// Where it leads.
        computed: Hash,
    },
}

/// One step from a leaf to the root.
enum Step {
    /// The node is a right child.
    SiblingLeft,
    /// The node is a left child with a sibling.
    SiblingRight,
    /// The last node of an odd level moves up unchanged.
    Promoted,
}

fn steps(index: u64, size: u64) -> Result<impl Iterator<Item = Step>, InclusionError> {
    if size == 0 || size > MAX_TREE_SIZE {
        return Err(InclusionError::TreeSize(size));
    }
    if index >= size {
        return Err(InclusionError::Index { index, size });
    }
    let (mut node, mut last) = (index, size - 1);
    Ok(std::iter::from_fn(move || {
        if last == 0 {
            return None;
        }
        let step = match (node & 1 == 1, node < last) {
            (true, _) => Step::SiblingLeft,
            (false, true) => Step::SiblingRight,
            (false, false) => Step::Promoted,
        };
        (node, last) = (node >> 1, last >> 1);
        Some(step)
    }))
}

/// How many hashes the path of leaf `index` has in a tree of `size` leaves.
///
/// # Errors
/// [`InclusionError::TreeSize`] or [`InclusionError::Index`].
pub fn path_len(index: u64, size: u64) -> Result<usize, InclusionError> {
    Ok(steps(index, size)?.filter(|step| !matches!(step, Step::Promoted)).count())
}

/// The root to which `path` leads from `leaf`; siblings from the leaf's upwards. Everything but
/// the hashes is checked before the first hash is computed.
///
/// # Errors
/// Each [`InclusionError`] but [`InclusionError::Root`].
pub fn inclusion_root(
    leaf: Hash,
    index: u64,
    size: u64,
    path: &[Hash],
) -> Result<Hash, InclusionError> {
    let expected = path_len(index, size)?;
    if path.len() != expected {
        return Err(InclusionError::PathLength { expected, found: path.len() });
    }
    let mut siblings = path.iter();
    let mut node = leaf;
    for step in steps(index, size)? {
        // the length was checked, so no step but a promotion goes without its sibling
        node = match step {
            Step::Promoted => node,
            Step::SiblingLeft => siblings.next().map_or(node, |left| node_hash(left, &node)),
            Step::SiblingRight => siblings.next().map_or(node, |right| node_hash(&node, right)),
        };
    }
    Ok(node)
}

/// Checks that `leaf` is at `index` of the tree of `size` leaves with this `root`.
///
/// # Errors
/// Each [`InclusionError`].
pub fn verify_inclusion(
    leaf: Hash,
    index: u64,
    size: u64,
    path: &[Hash],
    root: Hash,
) -> Result<(), InclusionError> {
    let computed = inclusion_root(leaf, index, size, path)?;
    if computed == root { Ok(()) } else { Err(InclusionError::Root { computed }) }
}
