//! Streams: sequences of positions that are sealed in ranges.

use proof::{Address, Timestamp};

use crate::{Batch, Position, StreamId};

/// What becomes of a stream's batches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamKind {
    /// The commitment is anchored in the registry.
    Anchor,
    /// Its tokens are minted in this collection, whose contract anchors the commitment too.
    Mint { collection: Address },
}

impl StreamKind {
    /// The name in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Anchor => "anchor",
            Self::Mint { .. } => "mint",
        }
    }

    /// Where its tokens are minted.
    #[must_use]
    pub const fn collection(self) -> Option<Address> {
        match self {
            Self::Anchor => None,
            Self::Mint { collection } => Some(collection),
        }
    }
}

/// The facts that every receipt of the stream states. A row never changes: another registry or
/// promise is another stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream {
    pub id: StreamId,
    pub chain_id: u64,
    pub registry: Address,
    /// The service's identifier in receipts and in the trust file.
    pub service: String,
    pub kind: StreamKind,
    pub shard: i16,
    /// Length of the promise in milliseconds.
    pub promise_ms: i64,
}

/// A stream as the sealing plan sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamView {
    pub stream: Stream,
    /// End of the last cut range: the first open position.
    pub open_from: Position,
    /// The next position to be given out. `next − open_from` badges are open.
    pub next: Position,
    /// When the oldest open badge was accepted; `None` when none is open.
    pub open_since: Option<Timestamp>,
    /// The earliest deadline among open badges; `None` when none is open.
    pub open_deadline_at: Option<Timestamp>,
    /// Batches that are cut and not yet sealed, oldest first.
    pub cut: Vec<Batch>,
}

impl StreamView {
    /// How many badges wait for a cut.
    #[must_use]
    pub const fn open(&self) -> u64 {
        self.next.distance_from(self.open_from)
    }
}
