//! A small tree with all its nodes in memory, so that a path is look-ups.

use crate::Hash;
use crate::inclusion::{InclusionError, path_len};
use crate::tree::{MAX_TREE_SIZE, node_hash};

/// The nodes of a tree by level, leaves first: 64 bytes a leaf.
#[derive(Debug, Clone)]
pub(crate) struct HeldTree {
    levels: Vec<Vec<Hash>>,
}

impl HeldTree {
    /// # Errors
    /// [`InclusionError::TreeSize`] for no leaves or too many.
    pub(crate) fn of(leaves: &[Hash]) -> Result<Self, InclusionError> {
        let size = leaves.len() as u64;
        if !(1..=MAX_TREE_SIZE).contains(&size) {
            return Err(InclusionError::TreeSize(size));
        }
        let mut levels = vec![leaves.to_vec()];
        let mut below = leaves;
        while below.len() > 1 {
            // a lone node is promoted (RFC 9162 section 2.1.1)
            let parent = |pair: &[Hash]| match pair {
                [left, right] => node_hash(left, right),
                lone => lone[0],
            };
            levels.push(below.chunks(2).map(parent).collect());
            below = &levels[levels.len() - 1];
        }
        Ok(Self { levels })
    }

    pub(crate) fn size(&self) -> u64 {
        self.levels[0].len() as u64
    }

    pub(crate) fn root(&self) -> Hash {
        self.levels[self.levels.len() - 1][0]
    }

    /// # Errors
    /// [`InclusionError::Index`].
    pub(crate) fn path(&self, index: u64) -> Result<Vec<Hash>, InclusionError> {
        let mut path = Vec::with_capacity(path_len(index, self.size())?);
        for (level, nodes) in self.levels.iter().enumerate() {
            let sibling = (index >> level) ^ 1;
            path.extend(nodes.get(sibling as usize));
        }
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{root_of_leaves, verify_inclusion};

    #[test]
    fn paths_and_roots_are_those_of_the_tiles() {
        let leaves: Vec<_> = (0..600_u64).map(|n| Hash::of(&[&n.to_be_bytes()])).collect();
        for size in (1..70).chain([255, 256, 257, 512, 600]) {
            let tree = HeldTree::of(&leaves[..size]).unwrap();
            assert_eq!(Some(tree.root()), root_of_leaves(&leaves[..size]));
            for (index, leaf) in leaves[..size].iter().enumerate() {
                let path = tree.path(index as u64).unwrap();
                let place = (index as u64, size as u64);
                verify_inclusion(*leaf, place.0, place.1, &path, tree.root()).unwrap();
            }
            assert!(tree.path(size as u64).is_err());
        }
        assert!(HeldTree::of(&[]).is_err());
    }
}
