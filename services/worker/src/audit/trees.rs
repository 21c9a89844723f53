//! Leaves, tiles, root and commitment of one batch, from the badge rows up.

use std::collections::HashSet;

use domain::{Batch, Position};
use proof::{Hash, Tile, TileBuilder, TileId, commitment, vacated_leaf};
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

pub(super) async fn check(
    store: &dyn Store,
    batch: &Batch,
    audit: &mut Audit,
) -> Result<(), StepError> {
    let Some(seal) = batch.seal().copied() else { return Ok(()) };
    if seal.size != batch.len() {
        let detail = format!("its range has {} positions, its seal {}", batch.len(), seal.size);
        audit.find(Subject::Batch(batch.id), detail);
    }
    let stored = read_tiles(store, batch, audit).await?;
    let leaves = stored.leaves();
    if leaves.len() as u64 != batch.len() {
        let detail = format!("{} leaves are stored for {} positions", leaves.len(), batch.len());
        audit.find(Subject::Batch(batch.id), detail);
        return Ok(());
    }
    check_tree(batch, &seal, &leaves, &stored, audit)?;
    // where row and tile differ, the root tells which of them is as it was sealed
    let tiles_are_sound = proof::root_of_leaves(&leaves) == Some(seal.root);
    check_leaves(store, batch, &leaves, tiles_are_sound, audit).await
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

/// Each stored leaf is the one of its badge row; where there is none, the position was vacated
/// before the cut or erased after it.
async fn check_leaves(
    store: &dyn Store,
    batch: &Batch,
    leaves: &[Hash],
    tiles_are_sound: bool,
    audit: &mut Audit,
) -> Result<(), StepError> {
    let mut from = batch.first;
    while from < batch.end {
        let end = batch.end.min(from.plus(u64::from(PAGE)));
        let entries = store.entries(from, end, PAGE).await?;
        let erased: HashSet<Position> = store.erased(from, end).await?.into_iter().collect();
        let mut entries = entries.iter().peekable();
        for offset in 0..end.distance_from(from) {
            let position = from.plus(offset);
            let index = position.distance_from(batch.first) as usize;
            let entry = entries.next_if(|entry| entry.position == position);
            audit.leaves += 1;
            match entry {
                Some(entry) if entry.entry.leaf() != leaves[index] => {
                    let (row, tile) = (entry.entry.leaf(), leaves[index]);
                    let detail = format!(
                        "leaf {index}: the row of badge {position} gives {row}, the tile has {tile}"
                    );
                    let subject = if tiles_are_sound {
                        Subject::Badge(position)
                    } else {
                        let index = index as u64 / proof::TILE_WIDTH as u64;
                        Subject::Tile(batch.id, TileId { level: 0, index })
                    };
                    audit.find(subject, detail);
                }
                Some(_) => {}
                None if erased.contains(&position) => {}
                None if leaves[index] == vacated_leaf(position.as_u64()) => {
                    audit.find(Subject::Badge(position), "vacated, but not in the erasure list");
                }
                None => audit.find(Subject::Badge(position), "its row is missing"),
            }
        }
        from = end;
    }
    Ok(())
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
