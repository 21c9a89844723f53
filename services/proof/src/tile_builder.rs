//! Leaves in, tiles out.

use crate::Hash;
use crate::inclusion::InclusionError;
use crate::tiles::{TILE_WIDTH, Tile, TileError, TileId, path_from_tiles};
use crate::tree::MAX_TREE_SIZE;

/// Builds the tiles of one tree from its leaves in order. It holds at most one tile of each
/// level: 32 KiB for any size.
#[derive(Debug, Clone, Default)]
pub struct TileBuilder {
    size: u64,
    /// The tile under construction of each level.
    open: Vec<Vec<Hash>>,
    /// Tiles already given out, by level.
    done: Vec<u64>,
}

/// What is known once the last leaf is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// The tree's root.
    pub root: Hash,
    /// Its leaves.
    pub size: u64,
    /// The tiles that [`TileBuilder::push`] has not given out.
    pub tiles: Vec<Tile>,
}

impl TileBuilder {
    /// An empty tree.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Leaves so far.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf. Returns the tiles that it fills, lower levels first; mostly none.
    pub fn push(&mut self, leaf: Hash) -> Vec<Tile> {
        self.size = self.size.saturating_add(1);
        let mut full = Vec::new();
        self.add(0, leaf, &mut full);
        full
    }

    fn add(&mut self, level: usize, hash: Hash, full: &mut Vec<Tile>) {
        if self.open.len() == level {
            self.open.push(Vec::with_capacity(TILE_WIDTH));
            self.done.push(0);
        }
        self.open[level].push(hash);
        if self.open[level].len() == TILE_WIDTH
            && let Some(root) = self.close(level, full)
        {
            self.add(level + 1, root, full);
        }
    }

    /// Gives out the open tile of a level; its root belongs into the level above.
    fn close(&mut self, level: usize, out: &mut Vec<Tile>) -> Option<Hash> {
        let hashes = std::mem::take(&mut self.open[level]);
        let index = self.done[level];
        self.done[level] += 1;
        // a saturated u64 of leaves fills eight levels
        let tile = Tile { id: TileId { level: level as u8, index }, hashes };
        let root = tile.root();
        out.push(tile);
        root
    }

    /// Closes the tiles at the right edge.
    ///
    /// # Errors
    /// [`InclusionError::TreeSize`] for no leaves or more than [`MAX_TREE_SIZE`].
    pub fn finish(mut self) -> Result<Built, InclusionError> {
        let size = self.size;
        if size == 0 || size > MAX_TREE_SIZE {
            return Err(InclusionError::TreeSize(size));
        }
        let mut tiles = Vec::new();
        let mut level = 0;
        loop {
            let topmost = level + 1 >= self.open.len();
            let alone = self.done[level] == 0;
            if topmost && level > 0 && alone && self.open[level].len() == 1 {
                // the level below was one tile: its root is the tree's, and no tile is kept for it
                return Ok(Built { root: self.open[level][0], size, tiles });
            }
            if !self.open[level].is_empty()
                && let Some(root) = self.close(level, &mut tiles)
            {
                self.add(level + 1, root, &mut tiles);
            }
            level += 1;
        }
    }
}

/// The root of a tree of these leaves; `None` for none, or more than [`MAX_TREE_SIZE`].
#[must_use]
pub fn root_of_leaves(leaves: &[Hash]) -> Option<Hash> {
    let mut builder = TileBuilder::new();
    for leaf in leaves {
        builder.push(*leaf);
    }
    builder.finish().ok().map(|built| built.root)
}

/// All tiles of a tree of these leaves, by level and index, and its root.
///
/// # Errors
/// [`InclusionError::TreeSize`].
pub fn tiles_of_leaves(leaves: &[Hash]) -> Result<Built, InclusionError> {
    let mut builder = TileBuilder::new();
    let mut tiles = Vec::new();
    for leaf in leaves {
        tiles.append(&mut builder.push(*leaf));
    }
    let mut built = builder.finish()?;
    tiles.append(&mut built.tiles);
    tiles.sort_by_key(|tile| tile.id);
    Ok(Built { tiles, ..built })
}

/// The inclusion path of one of these leaves.
///
/// # Errors
/// [`TileError::Place`]: no such leaf.
pub fn path_of_leaves(leaves: &[Hash], index: u64) -> Result<Vec<Hash>, TileError> {
    let built = tiles_of_leaves(leaves)?;
    path_from_tiles(index, built.size, |id| built.tile(id).cloned())
}

impl Built {
    /// One of [`Built::tiles`].
    #[must_use]
    pub fn tile(&self, id: TileId) -> Option<&Tile> {
        self.tiles.iter().find(|tile| tile.id == id)
    }
}
