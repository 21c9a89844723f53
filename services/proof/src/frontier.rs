//! The right edge of a tree that grows: enough to add leaves and to give the root.

use std::ops::Range;

use crate::Hash;
use crate::inclusion::{InclusionError, path_len};
use crate::tree::{MAX_TREE_SIZE, node_hash};

/// A tree of RFC 9162 section 2.1 by the roots of its largest full subtrees: one for each bit that
/// is set in its size, at most 32 hashes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    /// From the left, so from the largest subtree.
    roots: Vec<Hash>,
}

impl Frontier {
    /// The tree of this size whose full subtrees have these roots, 32 bytes each, from the left;
    /// `None` where they are not as many as the size has.
    #[must_use]
    pub fn from_bytes(size: u64, bytes: &[u8]) -> Option<Self> {
        let (whole, rest) = bytes.as_chunks::<32>();
        let fits = rest.is_empty() && whole.len() as u32 == size.count_ones();
        let roots = || whole.iter().copied().map(Hash).collect();
        (fits && size <= MAX_TREE_SIZE).then(|| Self { size, roots: roots() })
    }

    /// The roots, one after the other, for [`Frontier::from_bytes`].
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.roots.iter().flat_map(|root| root.0).collect()
    }

    /// Leaves so far.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf at the right.
    ///
    /// # Errors
    /// [`InclusionError::TreeSize`] above [`MAX_TREE_SIZE`].
    pub fn push(&mut self, leaf: Hash) -> Result<(), InclusionError> {
        if self.size >= MAX_TREE_SIZE {
            return Err(InclusionError::TreeSize(self.size + 1));
        }
        self.size += 1;
        let mut root = leaf;
        // as many subtrees are full now as the size has zeros at its end
        for _ in 0..self.size.trailing_zeros() {
            root = self.roots.pop().map_or(root, |left| node_hash(&left, &root));
        }
        self.roots.push(root);
        Ok(())
    }

    /// The root; `None` without a leaf.
    #[must_use]
    pub fn root(&self) -> Option<Hash> {
        self.roots.iter().rev().copied().reduce(|right, left| node_hash(&left, &right))
    }
}

/// The leaves below each sibling on the path of leaf `index`, from the leaf upwards: hash `i` of the
/// path is the root of a tree over the leaves of range `i`. So a path can be computed of leaves
/// that are read one after the other.
///
/// # Errors
/// [`InclusionError::TreeSize`] or [`InclusionError::Index`].
pub fn path_ranges(index: u64, size: u64) -> Result<Vec<Range<u64>>, InclusionError> {
    let mut ranges = Vec::with_capacity(path_len(index, size)?);
    let mut tree = 0..size;
    while tree.end - tree.start > 1 {
        // RFC 9162 section 2.1.1: the left subtree has the largest power of two below the size
        let left = 1_u64 << (tree.end - tree.start - 1).ilog2();
        let middle = tree.start + left;
        let (inside, sibling) = if index < middle {
            (tree.start..middle, middle..tree.end)
        } else {
            (middle..tree.end, tree.start..middle)
        };
        ranges.push(sibling);
        tree = inside;
    }
    ranges.reverse();
    Ok(ranges)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{path_of_leaves, root_of_leaves};

    fn leaves(count: u64) -> Vec<Hash> {
        (0..count).map(|n| Hash::of(&[&n.to_be_bytes()])).collect()
    }

    #[test]
    fn it_has_the_root_of_the_whole_tree_at_each_size() {
        let leaves = leaves(600);
        let mut frontier = Frontier::default();
        assert_eq!(frontier.root(), None);
        for (size, leaf) in (1..).zip(&leaves) {
            frontier.push(*leaf).unwrap();
            assert_eq!(frontier.root(), root_of_leaves(&leaves[..size as usize]));
            let again = Frontier::from_bytes(size, &frontier.to_bytes());
            assert_eq!(again.as_ref(), Some(&frontier));
            assert_eq!(Frontier::from_bytes(size, &[0; 31]), None);
            assert_eq!(Frontier::from_bytes(size ^ 1, &frontier.to_bytes()), None);
        }
    }

    #[test]
    fn ranges_give_the_path() {
        for size in (1..40).chain([255, 256, 257, 300]) {
            let leaves = leaves(size);
            for index in 0..size {
                let ranges = path_ranges(index, size).unwrap();
                let root = |range: &Range<u64>| {
                    root_of_leaves(&leaves[range.start as usize..range.end as usize]).unwrap()
                };
                let path: Vec<_> = ranges.iter().map(root).collect();
                assert_eq!(path, path_of_leaves(&leaves, index).unwrap());
            }
        }
        assert!(path_ranges(5, 5).is_err() && path_ranges(0, 0).is_err());
        let large = path_ranges(MAX_TREE_SIZE - 1, MAX_TREE_SIZE).unwrap();
        assert_eq!(large.len(), path_len(MAX_TREE_SIZE - 1, MAX_TREE_SIZE).unwrap());
    }

    #[test]
    fn it_does_not_outgrow_a_tree() {
        let size = MAX_TREE_SIZE;
        let full = Frontier::from_bytes(size, &vec![7; 32 * size.count_ones() as usize]);
        assert_eq!(full.unwrap().push(Hash::ZERO), Err(InclusionError::TreeSize(size + 1)));
        assert_eq!(Frontier::from_bytes(size + 1, &[7; 32]), None);
    }
}
