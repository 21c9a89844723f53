//! From open positions to sealed batches: cut, build, seal. Needs no lease; the schema's unique
//! ranges decide between two workers.

use domain::{Batch, BatchId, Position, Seal, StreamId, StreamView};
use proof::{Address, Entry, Tile, Timestamp};

use crate::StoreError;

/// One occupied position of a range. A position without one was vacated before the cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RangeEntry {
    /// Where.
    pub position: Position,
    /// What is hashed into the leaf.
    pub entry: Entry,
}

/// One request of a mint range that still stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MintEntry {
    /// Its place in the mint stream.
    pub position: Position,
    /// Who gets the token.
    pub owner: Address,
    /// The badge's, with the token's salt.
    pub entry: Entry,
}

/// The three steps of sealing; each is one transaction and may be repeated.
#[async_trait::async_trait]
pub trait Sealing: Send + Sync {
    /// All streams with their open badges and unfinished batches.
    async fn streams(&self) -> Result<Vec<StreamView>, StoreError>;

    /// Cuts `from..end` into a batch. `None` when another worker cut at `from` first. `from` MUST be
    /// the stream's first open position, and `end` at most its next one.
    ///
    /// # Errors
    /// `Conflict` when `from..end` is not such a range.
    async fn cut(
        &self,
        stream: StreamId,
        from: Position,
        end: Position,
        now: Timestamp,
    ) -> Result<Option<Batch>, StoreError>;

    /// Occupied positions of `from..end`, by position, at most `limit`. In a cut range the answer
    /// never changes until the batch is sealed.
    async fn entries(
        &self,
        from: Position,
        end: Position,
        limit: u32,
    ) -> Result<Vec<RangeEntry>, StoreError>;

    /// Stores tiles of a cut batch, at most 256; a tile that is there already is left alone.
    ///
    /// # Errors
    /// `NotFound` for a batch that was split meanwhile.
    async fn put_tiles(&self, batch: BatchId, tiles: &[Tile]) -> Result<(), StoreError>;

    /// The requests of `from..end` of a mint stream that still stand, by position; at most
    /// [`domain::MAX_MINT_BATCH`] positions may be asked for. In a cut range the answer never
    /// changes until the batch is sealed.
    async fn mint_entries(
        &self,
        from: Position,
        end: Position,
    ) -> Result<Vec<MintEntry>, StoreError>;

    /// cut → sealed for a mint batch; `order` has the positions in the order of their leaves.
    /// Repeating with the same seal is harmless.
    ///
    /// # Errors
    /// `Conflict` when the batch is sealed differently, or `order` has not each standing request
    /// once, by owner and position.
    async fn seal_mint(
        &self,
        batch: BatchId,
        seal: Seal,
        order: &[Position],
    ) -> Result<Batch, StoreError>;

    /// cut → vacated: every request of the range was withdrawn. A repeat is harmless.
    ///
    /// # Errors
    /// `Conflict` when a request stands, or the batch is in another state.
    async fn vacate(&self, batch: BatchId) -> Result<(), StoreError>;

    /// Owners of a sealed mint batch, in the order of its leaves.
    ///
    /// # Errors
    /// `NotFound` when there is no such batch; `Conflict` once it is final and an owner's badge was
    /// erased.
    async fn owners(&self, batch: BatchId) -> Result<Vec<Address>, StoreError>;

    /// cut → sealed. Repeating with the same seal is harmless.
    ///
    /// # Errors
    /// `Conflict` when the batch is sealed differently.
    async fn seal(&self, batch: BatchId, seal: Seal) -> Result<Batch, StoreError>;
}
