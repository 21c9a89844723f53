//! Trees cut into tiles of up to 256 hashes, in the shape of C2SP tlog-tiles.
//!
//! Level 0 holds the leaves; hash `i` of level `k + 1` is the root of tile `i` of level `k`. A
//! sealed tree never grows, so the root of the partial tile at the right edge stands there too.
//! The topmost level is the first that fits one tile, and that tile's root is the tree's.

use rs_merkle::MerkleTree;

use crate::Hash;
use crate::inclusion::{InclusionError, path_len};
use crate::tree::{MAX_TREE_SIZE, TileHasher};

/// Hashes of a full tile.
pub const TILE_WIDTH: usize = 256;
/// Levels of the tree below a tile's hashes.
const TILE_BITS: u32 = 8;
/// Levels of tiles in a tree of [`MAX_TREE_SIZE`] leaves.
pub const MAX_TILE_LEVELS: u8 = 4;

/// A tile's place in its tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileId {
    /// 0 for leaves; below [`MAX_TILE_LEVELS`].
    pub level: u8,
    /// From the left, from 0.
    pub index: u64,
}

/// Neighbouring hashes of one level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// Where.
    pub id: TileId,
    /// 1 to [`TILE_WIDTH`] hashes, from the left.
    pub hashes: Vec<Hash>,
}

/// Why tiles give no path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    /// No such leaf, or no such tree.
    #[error(transparent)]
    Place(#[from] InclusionError),
    /// The lookup does not have it.
    #[error("tile {}/{} is missing", .0.level, .0.index)]
    Missing(TileId),
    /// Not a whole number of hashes from 1 to [`TILE_WIDTH`], not as many as a tile at this place
    /// has, or another tile than was asked for.
    #[error("tile {}/{} has the wrong length or place", .0.level, .0.index)]
    Shape(TileId),
    /// A tile's root is not the hash that stands for it one level above.
    #[error("tile {}/{} does not match the tile above it", .0.level, .0.index)]
    Altered(TileId),
}

impl Tile {
    /// The hashes, one after the other.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.hashes.iter().flat_map(|hash| hash.0).collect()
    }

    /// The inverse of [`Tile::to_bytes`].
    ///
    /// # Errors
    /// [`TileError::Shape`].
    pub fn from_bytes(id: TileId, bytes: &[u8]) -> Result<Self, TileError> {
        let (whole, rest) = bytes.as_chunks::<32>();
        if !rest.is_empty() || whole.is_empty() || whole.len() > TILE_WIDTH {
            return Err(TileError::Shape(id));
        }
        Ok(Self { id, hashes: whole.iter().copied().map(Hash).collect() })
    }

    /// The root of the tile's hashes; `None` for a tile without any.
    #[must_use]
    pub fn root(&self) -> Option<Hash> {
        tree_of(&self.hashes).root().map(Hash)
    }
}

fn tree_of(hashes: &[Hash]) -> MerkleTree<TileHasher> {
    let hashes: Vec<[u8; 32]> = hashes.iter().map(|hash| hash.0).collect();
    MerkleTree::from_leaves(&hashes)
}

/// Hashes in `level` of a tree of `size` ≥ 1 leaves.
fn level_len(level: u8, size: u64) -> u64 {
    ((size - 1) >> (TILE_BITS * u32::from(level))) + 1
}

/// The topmost level of tiles of a tree of `size` leaves.
///
/// # Errors
/// [`InclusionError::TreeSize`].
pub fn top_level(size: u64) -> Result<u8, InclusionError> {
    if size == 0 || size > MAX_TREE_SIZE {
        return Err(InclusionError::TreeSize(size));
    }
    let fits = |level: &u8| level_len(*level, size) <= TILE_WIDTH as u64;
    Ok((0..MAX_TILE_LEVELS).find(fits).unwrap_or(MAX_TILE_LEVELS - 1))
}

/// How many hashes this tile has in a tree of `size` leaves; `None` where the tree has no such
/// tile.
#[must_use]
pub fn tile_width(id: TileId, size: u64) -> Option<usize> {
    if id.level > top_level(size).ok()? {
        return None;
    }
    let first = id.index.checked_mul(TILE_WIDTH as u64)?;
    let left = level_len(id.level, size).checked_sub(first)?;
    usize::try_from(left).ok().map(|left| left.min(TILE_WIDTH)).filter(|width| *width > 0)
}

/// The tiles that hold the path of leaf `index`, from level 0 upwards.
///
/// # Errors
/// [`InclusionError::TreeSize`] or [`InclusionError::Index`].
pub fn tiles_for_path(index: u64, size: u64) -> Result<Vec<TileId>, InclusionError> {
    path_len(index, size)?;
    let tile = |level: u8| TileId { level, index: index >> (TILE_BITS * (u32::from(level) + 1)) };
    Ok((0..=top_level(size)?).map(tile).collect())
}

/// The inclusion path of leaf `index`, from the tiles that [`tiles_for_path`] names. Each tile's
/// root is compared with the hash in the tile above, so that an altered tile is found here and
/// not by the reader of the path; the top tile's root is the caller's to compare.
///
/// # Errors
/// Each [`TileError`].
pub fn path_from_tiles(
    index: u64,
    size: u64,
    mut tiles: impl FnMut(TileId) -> Option<Tile>,
) -> Result<Vec<Hash>, TileError> {
    let mut path = Vec::with_capacity(path_len(index, size)?);
    let mut below: Option<(TileId, Option<Hash>)> = None;
    for id in tiles_for_path(index, size)? {
        let tile = tiles(id).ok_or(TileError::Missing(id))?;
        if tile.id != id || Some(tile.hashes.len()) != tile_width(id, size) {
            return Err(TileError::Shape(id));
        }
        let slot = (index >> (TILE_BITS * u32::from(id.level))) as usize % TILE_WIDTH;
        if let Some((lower, root)) = below
            && tile.hashes.get(slot).copied() != root
        {
            return Err(TileError::Altered(lower));
        }
        let tree = tree_of(&tile.hashes);
        path.extend(tree.proof(&[slot]).proof_hashes().iter().copied().map(Hash));
        below = Some((id, tree.root().map(Hash)));
    }
    Ok(path)
}
