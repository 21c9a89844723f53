//! What a plan is made from.

use std::collections::HashMap;

use chain::Header;
use domain::{
    BatchId, Block, Due, FeeOutlook, FeePolicy, FeeQuote, Purpose, SealPolicy, SendTiming,
    StreamKind, TransactionId,
};
use proof::{Hash, Timestamp};
use store::SignerView;

/// The rules in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Of badges that are anchored.
    pub seal: SealPolicy,
    /// Of mint requests; a batch is at most [`domain::MAX_MINT_BATCH`], whatever it says.
    pub mint_seal: SealPolicy,
    pub fees: FeePolicy,
    /// When anchors are first sent.
    pub anchor_timing: SendTiming,
    /// The same for mints.
    pub mint_timing: SendTiming,
    /// Transactions of the signer that may be live at once; a mint leaves one of them free.
    pub max_live: usize,
}

impl Policy {
    /// When transactions for such a stream's batches are first sent.
    #[must_use]
    pub const fn timing(&self, kind: StreamKind) -> SendTiming {
        match kind {
            StreamKind::Anchor => self.anchor_timing,
            StreamKind::Mint { .. } => self.mint_timing,
        }
    }

    /// What the cap on a transaction's fee depends on.
    #[must_use]
    pub fn due(&self, purpose: Purpose, deadline_at: Timestamp) -> Due {
        let timing = match purpose {
            Purpose::Anchor { .. } => self.anchor_timing,
            Purpose::Mint { .. } => self.mint_timing,
            Purpose::Revoke { .. } => SendTiming::at_once(self.fees.escalate_before_ms),
        };
        timing.due(deadline_at)
    }
}

/// What is known of fees beyond this moment, and of the last first sends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FeeView {
    pub outlook: FeeOutlook,
    /// The cap on fees while it does not rise, in wei per gas.
    pub usual_cap: u128,
    /// Looked up only where badges gather for an interval.
    pub last_anchor: Option<Timestamp>,
    /// The same for mints.
    pub last_mint: Option<Timestamp>,
}

/// The chain, as a node told it in this round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainView {
    pub head: Header,
    pub finalized: Header,
    pub fees: FeeQuote,
}

/// What became of the last sending of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery {
    /// Head of the chain at that time.
    pub head: Block,
    pub at: Timestamp,
    /// What a node said.
    pub answer: Answer,
}

/// What a node said of sent bytes, as far as it matters for sending them again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It has them.
    Taken,
    /// The pool wants a higher fee.
    Underpriced,
    /// No clear word: send again soon, for the chain may make no block without them.
    Unclear,
}

/// What was already done at which head, so that it is done once a block. Kept in memory only:
/// after a restart everything is done once more, which is harmless.
#[derive(Debug, Clone, Default)]
pub struct Pacing {
    /// By attempt hash.
    pub delivered: HashMap<Hash, Delivery>,
    /// At which head a transaction was last observed.
    pub observed: HashMap<TransactionId, Block>,
    /// When a batch was last found to be blocked.
    pub blocked: HashMap<BatchId, Look>,
    /// When the key could not be used, until it can be again.
    pub key_failed: Option<Timestamp>,
}

/// When something was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Head of the chain at that time.
    pub head: Block,
    pub at: Timestamp,
}

/// Everything that a round of anchoring depends on.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    pub now: Timestamp,
    pub signer: &'a SignerView,
    pub chain: &'a ChainView,
    pub pacing: &'a Pacing,
    pub fees: &'a FeeView,
}
