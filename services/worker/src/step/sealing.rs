//! Cut, build, seal: three idempotent steps, for badges and for mint requests.

use domain::{Batch, Position, Seal};
use proof::{Address, Hash, Tile, TileBuilder, commitment, owners_hash, vacated_leaf};
use store::{MintEntry, RangeEntry};

use super::{Done, Sealer};
use crate::{SealingStep, StepError};

/// Positions read at a time; no long snapshot is held.
const PAGE: u64 = 10_000;
/// Tiles written in one transaction.
const TILES_AT_ONCE: usize = 256;

impl Sealer<'_> {
    pub(crate) async fn take(&self, step: SealingStep) -> Done {
        match step {
            SealingStep::Cut { stream, from, end, reason } => {
                self.failpoints.hit("before-cut")?;
                let batch = self.store.cut(stream, from, end, self.clock.now()).await?;
                // crash: the batch is cut, and the next round finds it among the unfinished
                self.failpoints.hit("after-cut")?;
                if let Some(batch) = &batch {
                    let size = batch.len();
                    tracing::info!(batch.id = %batch.id, size, ?reason, "batch cut");
                }
                Ok(batch.is_some())
            }
            SealingStep::Build { batch } => self.build(&batch).await.map(|()| true),
            SealingStep::BuildMint { batch } => self.build_mint(&batch).await.map(|()| true),
        }
    }

    async fn build(&self, batch: &Batch) -> Result<(), StepError> {
        let mut tree = TileBuilder::new();
        let mut tiles = Vec::new();
        let mut from = batch.first;
        while from < batch.end {
            if self.stop.is_cancelled() {
                // built anew, the same, by the next process
                return Ok(());
            }
            let end = batch.end.min(from.plus(PAGE));
            let occupied = self.store.entries(from, end, PAGE as u32).await?;
            for leaf in leaves(from, end, &occupied) {
                tiles.extend(tree.push(leaf));
            }
            self.put(batch, &mut tiles, TILES_AT_ONCE).await?;
            from = end;
        }
        let built = tree.finish()?;
        tiles.extend(built.tiles);
        // crash: the range is cut; a part of its tiles may be there
        self.failpoints.hit("before-tiles")?;
        self.put(batch, &mut tiles, 1).await?;
        // crash: the tiles are there; they are built again, the same, from the same range
        self.failpoints.hit("between-tiles-and-seal")?;
        let seal = Seal {
            size: built.size,
            root: built.root,
            blockcerts_root: Hash::ZERO,
            commitment: commitment(built.size, built.root, Hash::ZERO),
            owners_hash: None,
        };
        self.store.seal(batch.id, seal).await?;
        self.failpoints.hit("after-seal")?;
        tracing::info!(
            batch.id = %batch.id, size = seal.size, commitment = %seal.commitment, "batch sealed"
        );
        Ok(())
    }

    /// A mint batch is small enough to be built from one reading. Its leaves stand in the order of
    /// owners, as the contract wants them; withdrawn requests get none.
    async fn build_mint(&self, batch: &Batch) -> Result<(), StepError> {
        let mut entries = self.store.mint_entries(batch.first, batch.end).await?;
        if entries.is_empty() {
            self.store.vacate(batch.id).await?;
            tracing::info!(batch.id = %batch.id, "every request of the batch was withdrawn");
            return Ok(());
        }
        entries.sort_by_key(mint_order);
        let leaves: Vec<Hash> = entries.iter().map(|request| request.entry.leaf()).collect();
        let owners: Vec<Address> = entries.iter().map(|request| request.owner).collect();
        let mut built = proof::tiles_of_leaves(&leaves)?;
        self.failpoints.hit("before-tiles")?;
        self.put(batch, &mut built.tiles, 1).await?;
        // crash: the tiles are there; they are built again, the same, from the same range
        self.failpoints.hit("between-tiles-and-seal")?;
        let commitment = commitment(built.size, built.root, Hash::ZERO);
        let seal = Seal {
            size: built.size,
            root: built.root,
            blockcerts_root: Hash::ZERO,
            commitment,
            owners_hash: Some(owners_hash(commitment, &owners)),
        };
        let order: Vec<Position> = entries.iter().map(|request| request.position).collect();
        self.store.seal_mint(batch.id, seal, &order).await?;
        self.failpoints.hit("after-seal")?;
        tracing::info!(
            batch.id = %batch.id, size = seal.size, commitment = %seal.commitment,
            "mint batch sealed"
        );
        Ok(())
    }

    /// Writes collected tiles once there are at least `at_least`.
    async fn put(
        &self,
        batch: &Batch,
        tiles: &mut Vec<Tile>,
        at_least: usize,
    ) -> Result<(), StepError> {
        if tiles.len() >= at_least {
            for chunk in tiles.chunks(TILES_AT_ONCE) {
                self.store.put_tiles(batch.id, chunk).await?;
            }
            tiles.clear();
        }
        Ok(())
    }
}

/// The place of a request among the leaves of its batch.
const fn mint_order(request: &MintEntry) -> (Address, Position) {
    (request.owner, request.position)
}

/// The leaves of `from..end`: of an entry where there is one, else the leaf of a vacated position.
pub(crate) fn leaves(
    from: Position,
    end: Position,
    occupied: &[RangeEntry],
) -> impl Iterator<Item = Hash> {
    let mut occupied = occupied.iter().peekable();
    (0..end.distance_from(from)).map(move |offset| {
        let position = from.plus(offset);
        match occupied.next_if(|entry| entry.position == position) {
            Some(entry) => entry.entry.leaf(),
            None => vacated_leaf(position.as_u64()),
        }
    })
}
