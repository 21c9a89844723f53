//! Chain errors, by what the caller can do.

/// Why a read failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ChainError {
    /// No answer, or not one that makes sense (time-out, 429, 5xx, HTML, no such block): try again
    /// later. URLs are redacted.
    #[error("chain unavailable: {0}")]
    Retry(String),
    /// The node is of another chain. Nothing it says counts.
    #[error("wrong chain: expected id {expected}, the node has {found}")]
    WrongChain {
        /// As configured.
        expected: u64,
        /// As the node says.
        found: u64,
    },
    /// The contract is missing or is another one.
    #[error("contract: {0}")]
    Contract(String),
}

/// Why sending failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// A rule of the node's pool refuses it now: a replacement pays too little, or the fee is below
    /// the market. The next attempt pays more.
    #[error("underpriced: {0}")]
    Underpriced(String),
    /// The signer cannot pay for it now.
    #[error("insufficient funds: {0}")]
    Funds(String),
    /// A nonce before it is missing in the pool: send the lower ones first.
    #[error("nonce too high: {0}")]
    NonceGap(String),
    /// The node will never take these bytes as they are.
    #[error("rejected: {0}")]
    Rejected(String),
    /// It may have been taken; send the same bytes again.
    #[error("unknown: {0}")]
    Unknown(String),
}
