//! What is read from a chain.

use domain::{Block, BlockedReason, ContractEvent};
use proof::{Address, Hash, Timestamp};

/// A block header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Number and hash.
    pub block: Block,
    /// Its time, from whole seconds.
    pub time: Timestamp,
}

/// At which state to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// The node's newest.
    Head,
    /// This block, by hash (EIP-1898).
    Block(Hash),
}

/// The registry's record of a commitment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnchorFact {
    /// Who anchored it.
    pub operator: Address,
    /// Block time of the anchoring.
    pub time: Timestamp,
    /// `block.number` as the contract saw it: a hint (on Arbitrum it is the parent chain's).
    pub block_number: u64,
}

/// Where a node says a transaction was mined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InclusionHint {
    /// The block.
    pub block: Block,
    /// `false`: mined and reverted.
    pub succeeded: bool,
}

/// The outcome of a simulated call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preflight {
    /// It would succeed with this gas limit.
    Ready {
        /// Estimate plus a margin, in gas.
        gas_limit: u64,
    },
    /// It would fail.
    Blocked(BlockedReason),
    /// It needs more gas than the profile's cap, or than the node lets any transaction have (2^24
    /// since EIP-7825). A smaller batch may do.
    TooMuchGas {
        /// In gas; `None` where the node tells no more than that it is too much.
        estimate: Option<u64>,
    },
}

/// What a node said of sent bytes. A hint for pacing, never a change of state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// Taken into the pool.
    Accepted,
    /// It had them already.
    AlreadyKnown,
    /// The nonce is below the account's: this or another transaction was mined.
    NonceTooLow,
}

/// What a collection says of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenFact {
    /// `None`: never minted, or burned.
    pub owner: Option<Address>,
    /// Exists and is not revoked in the registry.
    pub valid: bool,
}

/// Something that a contract announced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainEvent {
    /// Who.
    pub contract: Address,
    /// In which block.
    pub block: Block,
    /// What.
    pub event: ContractEvent,
}
