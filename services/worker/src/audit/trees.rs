//! Tiles, root and commitment of one batch to mint, which is held as a whole: it is small.

use std::collections::HashSet;

use domain::Batch;
use proof::{Hash, Tile, TileBuilder, TileId, commitment};
use store::Store;

use super::{Audit, PAGE, Subject};
use crate::StepError;

/// The stored leaves of a batch, tile by tile, with what is wrong with their bytes.
pub(super) struct StoredTree {
    tiles: Vec<Tile>,
    ids: HashSet<TileId>,
}

impl StoredTree {
    /// The hashes of the lowest tiles.
    pub(super) fn leaves(&self) -> Vec<Hash> {
        let lowest = self.tiles.iter().filter(|tile| tile.id.level == 0);
        lowest.flat_map(|tile| tile.hashes.iter().copied()).collect()
    }
}

pub(super) async fn read_tiles(
    store: &dyn Store,
    batch: &Batch,
    audit: &mut Audit,
) -> Result<StoredTree, StepError> {
    let mut stored = StoredTree { tiles: Vec::new(), ids: HashSet::new() };
    let mut after = None;
    loop {
        let page = store.tiles(batch.id, after, PAGE).await?;
        let Some((last, _)) = page.last() else { return Ok(stored) };
        after = Some(*last);
        for (id, bytes) in page {
            audit.tiles += 1;
            stored.ids.insert(id);
            match Tile::from_bytes(id, &bytes) {
                Ok(tile) => stored.tiles.push(tile),
                Err(error) => audit.find(Subject::Tile(batch.id, id), error.to_string()),
            }
        }
    }
}

/// The tiles above the leaves, the root and the commitment are what the leaves give.
pub(super) fn check_tree(
    batch: &Batch,
    seal: &domain::Seal,
    leaves: &[Hash],
    stored: &StoredTree,
    audit: &mut Audit,
) -> Result<(), StepError> {
    let mut builder = TileBuilder::new();
    let mut expected: Vec<Tile> = Vec::new();
    for leaf in leaves {
        expected.extend(builder.push(*leaf));
    }
    let built = builder.finish()?;
    expected.extend(built.tiles);
    for tile in &expected {
        if !stored.ids.contains(&tile.id) {
            audit.find(Subject::Tile(batch.id, tile.id), "it is missing");
        }
    }
    for tile in stored.tiles.iter().filter(|tile| tile.id.level > 0) {
        if !expected.contains(tile) {
            let detail = "it is not what the leaves give";
            audit.find(Subject::Tile(batch.id, tile.id), detail);
        }
    }
    if built.root != seal.root {
        let detail = format!("the leaves give root {}, stored is {}", built.root, seal.root);
        audit.find(Subject::Batch(batch.id), detail);
    }
    let recomputed = commitment(seal.size, built.root, seal.blockcerts_root);
    if recomputed != seal.commitment {
        let detail = format!("the commitment is {recomputed}, stored is {}", seal.commitment);
        audit.find(Subject::Batch(batch.id), detail);
    }
    Ok(())
}
