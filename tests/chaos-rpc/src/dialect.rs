//! How nodes say that their pool refuses a transaction: the texts of their sources, of 2026.

use serde::{Deserialize, Serialize};

/// Whose words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// go-ethereum and what is built on it.
    Geth,
    /// Erigon.
    Erigon,
    /// Nethermind.
    Nethermind,
    /// Hyperledger Besu.
    Besu,
    /// reth.
    Reth,
    /// anvil.
    Anvil,
}

/// Why a pool refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    Known,
    NonceTooLow,
    NonceTooHigh,
    Underpriced,
    Funds,
}

impl Refused {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Known => "pool: known",
            Self::NonceTooLow => "pool: nonce too low",
            Self::NonceTooHigh => "pool: nonce too high",
            Self::Underpriced => "pool: underpriced",
            Self::Funds => "pool: funds",
        }
    }
}

impl Dialect {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Geth, Self::Erigon, Self::Nethermind, Self::Besu, Self::Reth, Self::Anvil];

    /// Code and message.
    pub(crate) const fn says(self, why: Refused) -> (i64, &'static str) {
        use Refused::{Funds, Known, NonceTooHigh, NonceTooLow, Underpriced};
        match (self, why) {
            (Self::Geth | Self::Reth, Known) => (-32000, "already known"),
            (Self::Geth | Self::Reth, NonceTooLow) => {
                (-32000, "nonce too low: next nonce 6, tx nonce 5")
            }
            // they queue such a transaction; services before them say this
            (Self::Geth | Self::Reth | Self::Erigon, NonceTooHigh) => (-32000, "nonce too high"),
            (Self::Geth | Self::Reth, Underpriced) => {
                (-32000, "replacement transaction underpriced")
            }
            (Self::Geth | Self::Reth, Funds) => {
                (-32000, "insufficient funds for gas * price + value: balance 1, tx cost 2")
            }
            (Self::Erigon, Known) => (-32000, "ALREADY_EXISTS: already known"),
            (Self::Erigon, NonceTooLow) => (-32000, "INTERNAL_ERROR: nonce too low"),
            (Self::Erigon, Underpriced) => (-32000, "could not replace existing tx"),
            (Self::Erigon, Funds) => (-32000, "insufficient funds for gas * price + value"),
            (Self::Nethermind, Known) => (-32010, "AlreadyKnown"),
            (Self::Nethermind, NonceTooLow) => {
                (-32010, "OldNonce, Current nonce: 6, nonce of rejected tx: 5")
            }
            (Self::Nethermind, NonceTooHigh) => {
                (-32010, "NonceGap, Future nonce. Expected nonce: 6")
            }
            (Self::Nethermind, Underpriced) => (-32010, "ReplacementNotAllowed"),
            (Self::Nethermind, Funds) => (-32010, "InsufficientFunds, Account balance: 1"),
            (Self::Besu, Known) => (-32000, "Known transaction"),
            (Self::Besu, NonceTooLow) => (-32001, "Nonce too low"),
            (Self::Besu, NonceTooHigh) => (-32006, "Nonce too distant from current sender nonce"),
            (Self::Besu, Underpriced) => (-32000, "Replacement transaction underpriced"),
            (Self::Besu, Funds) => (-32004, "Upfront cost exceeds account balance"),
            (Self::Anvil, Known) => (-32003, "transaction already imported"),
            (Self::Anvil, NonceTooLow) => (-32003, "nonce too low"),
            (Self::Anvil, NonceTooHigh) => (-32003, "nonce too high"),
            (Self::Anvil, Underpriced) => (-32003, "replacement transaction underpriced"),
            (Self::Anvil, Funds) => (-32003, "Insufficient funds for gas * price + value"),
        }
    }
}
