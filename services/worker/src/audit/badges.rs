//! Leaves, tiles, root and commitment of one batch to anchor, from the badge rows up, page by page:
//! what is held at a time is a page of leaves, and the tiles above them.

use std::collections::HashSet;

use domain::{Batch, Position};
use proof::{Hash, TILE_WIDTH, Tile, TileBuilder, TileId, commitment, vacated_leaf};
use store::Store;

use super::{Audit, PAGE, Subject};
use crate::StepError;

/// Tiles read at a time: 16,384 leaves.
const TILES: u32 = 64;
/// Leaves that differ from their rows and are told of one by one.
const MAX_DIFFERING: usize = 1_000;

/// A leaf that is not that of its row.
struct Differing {
    position: Position,
    index: u64,
    row: Hash,
    tile: Hash,
}

/// What was found on the way.
#[derive(Default)]
struct Walk {
    builder: TileBuilder,
    /// As the leaves give them, above the lowest level.
    expected: Vec<Tile>,
    /// As stored, above the lowest level.
    upper: Vec<Tile>,
    leaves: u64,
    differing: Vec<Differing>,
}

pub(super) async fn check(
    store: &dyn Store,
    batch: &Batch,
    audit: &mut Audit,
) -> Result<(), StepError> {
    let Some(seal) = batch.seal().copied() else { return Ok(()) };
    let subject = Subject::Batch(batch.id);
    if seal.size != batch.len() {
        let detail = format!("its range has {} positions, its seal {}", batch.len(), seal.size);
        audit.find(subject, detail);
    }
    let mut walk = Walk::default();
    walk.read(store, batch, audit).await?;
    if walk.leaves != batch.len() {
        let detail = format!("{} leaves are stored for {} positions", walk.leaves, batch.len());
        audit.find(subject, detail);
        return Ok(());
    }
    let Walk { builder, mut expected, upper, differing, .. } = walk;
    let built = builder.finish()?;
    expected.extend(built.tiles.into_iter().filter(|tile| tile.id.level > 0));
    check_upper(batch, &expected, &upper, audit);
    if built.root != seal.root {
        let detail = format!("the leaves give root {}, stored is {}", built.root, seal.root);
        audit.find(subject, detail);
    }
    let recomputed = commitment(seal.size, built.root, seal.blockcerts_root);
    if recomputed != seal.commitment {
        let detail = format!("the commitment is {recomputed}, stored is {}", seal.commitment);
        audit.find(subject, detail);
    }
    // where row and tile differ, the root tells which of them is as it was sealed
    let tiles_are_sound = built.root == seal.root;
    for Differing { position, index, row, tile } in differing {
        let detail =
            format!("leaf {index}: the row of badge {position} gives {row}, the tile has {tile}");
        let tile = TileId { level: 0, index: index / TILE_WIDTH as u64 };
        let at =
            if tiles_are_sound { Subject::Badge(position) } else { Subject::Tile(batch.id, tile) };
        audit.find(at, detail);
    }
    Ok(())
}

/// The tiles above the leaves are what the leaves give.
fn check_upper(batch: &Batch, expected: &[Tile], stored: &[Tile], audit: &mut Audit) {
    let ids: HashSet<TileId> = stored.iter().map(|tile| tile.id).collect();
    for tile in expected.iter().filter(|tile| !ids.contains(&tile.id)) {
        audit.find(Subject::Tile(batch.id, tile.id), "it is missing");
    }
    for tile in stored {
        if expected.iter().find(|it| it.id == tile.id) != Some(tile) {
            let detail = "it is not what the leaves give";
            audit.find(Subject::Tile(batch.id, tile.id), detail);
        }
    }
}

impl Walk {
    /// All stored tiles; those of leaves come first, from the left.
    async fn read(
        &mut self,
        store: &dyn Store,
        batch: &Batch,
        audit: &mut Audit,
    ) -> Result<(), StepError> {
        let mut after = None;
        loop {
            let page = store.tiles(batch.id, after, TILES).await?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            after = Some(*last);
            let mut lowest: Vec<Tile> = Vec::with_capacity(page.len());
            for (id, bytes) in page {
                audit.tiles += 1;
                match Tile::from_bytes(id, &bytes) {
                    Ok(tile) if id.level == 0 => lowest.push(tile),
                    Ok(tile) => self.upper.push(tile),
                    Err(error) => audit.find(Subject::Tile(batch.id, id), error.to_string()),
                }
            }
            for tile in lowest {
                self.take(store, batch, &tile, audit).await?;
            }
        }
    }

    /// A tile of leaves, each held to its row.
    async fn take(
        &mut self,
        store: &dyn Store,
        batch: &Batch,
        tile: &Tile,
        audit: &mut Audit,
    ) -> Result<(), StepError> {
        for leaf in &tile.hashes {
            let above = self.builder.push(*leaf).into_iter().filter(|tile| tile.id.level > 0);
            self.expected.extend(above);
        }
        self.leaves += tile.hashes.len() as u64;
        let start = tile.id.index.saturating_mul(TILE_WIDTH as u64);
        if start.saturating_add(tile.hashes.len() as u64) > batch.len() {
            // more leaves than positions: the count tells
            return Ok(());
        }
        let from = batch.first.plus(start);
        let end = from.plus(tile.hashes.len() as u64);
        let entries = store.entries(from, end, PAGE).await?;
        let erased: HashSet<Position> = store.erased(from, end).await?.into_iter().collect();
        let mut entries = entries.iter().peekable();
        for (index, leaf) in (start..).zip(&tile.hashes) {
            let position = batch.first.plus(index);
            audit.leaves += 1;
            match entries.next_if(|entry| entry.position == position) {
                Some(entry) if entry.entry.leaf() == *leaf => {}
                Some(entry) if self.differing.len() < MAX_DIFFERING => {
                    let row = entry.entry.leaf();
                    self.differing.push(Differing { position, index, row, tile: *leaf });
                }
                Some(_) => audit.find(Subject::Badge(position), "its leaf is another"),
                None if erased.contains(&position) => {}
                None if *leaf == vacated_leaf(position.as_u64()) => {
                    audit.find(Subject::Badge(position), "vacated, but not in the erasure list");
                }
                None => audit.find(Subject::Badge(position), "its row is missing"),
            }
        }
        Ok(())
    }
}
