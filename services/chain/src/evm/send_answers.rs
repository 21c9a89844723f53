//! What nodes mean when they refuse a transaction: the one place that reads their texts.
//!
//! What is not recognised is [`SendError::Unknown`]: it never proves that nothing was accepted.

use super::NodeError;
use crate::{SendError, Sent};

enum Meaning {
    Known,
    NonceTooLow,
    Underpriced,
    Funds,
    NonceGap,
    Rejected,
}
use Meaning::{Funds, Known, NonceGap, NonceTooLow, Rejected, Underpriced};

/// Parts of messages, in lower case; the first that is found decides.
const MEANINGS: &[(&str, Meaning)] = &[
    ("already known", Known),
    ("alreadyknown", Known),
    ("already imported", Known),
    ("already in mempool", Known),
    ("known transaction", Known),
    ("existing tx with same hash", Known),
    ("nonce too low", NonceTooLow),
    ("nonce is too low", NonceTooLow),
    ("oldnonce", NonceTooLow),
    ("nonce too high", NonceGap),
    ("nonce too distant", NonceGap),
    ("noncegap", NonceGap),
    ("nonce gap", NonceGap),
    ("future transaction tries to replace pending", NonceGap),
    ("priority fee per gas higher than max fee", Rejected),
    ("tip above fee cap", Rejected),
    ("insufficient funds", Funds),
    ("insufficientfunds", Funds),
    ("insufficient balance", Funds),
    ("not enough funds", Funds),
    ("upfront cost exceeds account balance", Funds),
    ("would cause overdraft", Funds),
    ("underpriced", Underpriced),
    ("replacementnotallowed", Underpriced),
    ("could not replace existing", Underpriced),
    ("feetoolow", Underpriced),
    ("fee too low", Underpriced),
    ("gas price too low", Underpriced),
    ("less than block base fee", Underpriced),
    ("below current base fee", Underpriced),
    ("below configured minimum", Underpriced),
    ("below minimum", Underpriced),
    ("txpool is full", Underpriced),
    ("transaction pool is full", Underpriced),
    ("intrinsic gas", Rejected),
    ("exceeds block gas limit", Rejected),
    ("gas limit too high", Rejected),
    ("exceeds transaction gas limit", Rejected),
    ("gaslimitexceeded", Rejected),
    ("invalid chain id", Rejected),
    ("invalid sender", Rejected),
    ("invalid signature", Rejected),
    ("failedtoresolvesender", Rejected),
    ("oversized data", Rejected),
    ("transaction type not supported", Rejected),
    ("exceeds the configured cap", Rejected),
    ("fee cap exceeded", Rejected),
    ("rlp:", Rejected),
    ("failed to decode", Rejected),
];

/// What a refusal to take a transaction means.
pub(super) fn classify(error: NodeError) -> Result<Sent, SendError> {
    let message = match error {
        NodeError::Unavailable(why) | NodeError::TooLong(why) => {
            return Err(SendError::Unknown(why));
        }
        NodeError::Answered { message, .. } => message,
    };
    let lower = message.to_lowercase();
    match MEANINGS.iter().find(|(part, _)| lower.contains(part)).map(|(_, meaning)| meaning) {
        Some(Known) => Ok(Sent::AlreadyKnown),
        Some(NonceTooLow) => Ok(Sent::NonceTooLow),
        Some(Underpriced) => Err(SendError::Underpriced(message)),
        Some(Funds) => Err(SendError::Funds(message)),
        Some(NonceGap) => Err(SendError::NonceGap(message)),
        Some(Rejected) => Err(SendError::Rejected(message)),
        None => Err(SendError::Unknown(message)),
    }
}

/// What several nodes' answers say together: the best one, for one node that took it is enough, and
/// "may have been taken" before "will never be".
pub(super) fn together(
    answers: impl IntoIterator<Item = Result<Sent, SendError>>,
) -> Result<Sent, SendError> {
    let rank = |answer: &Result<Sent, SendError>| match answer {
        Ok(Sent::Accepted) => 0,
        Ok(Sent::AlreadyKnown) => 1,
        Ok(Sent::NonceTooLow) => 2,
        Err(SendError::Underpriced(_)) => 3,
        Err(SendError::Funds(_)) => 4,
        Err(SendError::NonceGap(_)) => 5,
        Err(SendError::Unknown(_)) => 6,
        Err(SendError::Rejected(_)) => 7,
    };
    let nobody = || Err(SendError::Unknown("no node answered in time".to_owned()));
    answers.into_iter().min_by_key(rank).unwrap_or_else(nobody)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meaning(message: &str) -> &'static str {
        match classify(NodeError::Answered {
            code: -32000,
            message: message.to_owned(),
            revert: None,
        }) {
            Ok(Sent::Accepted) => "accepted",
            Ok(Sent::AlreadyKnown) => "known",
            Ok(Sent::NonceTooLow) => "nonce too low",
            Err(SendError::Underpriced(_)) => "underpriced",
            Err(SendError::Funds(_)) => "funds",
            Err(SendError::NonceGap(_)) => "gap",
            Err(SendError::Rejected(_)) => "rejected",
            Err(SendError::Unknown(_)) => "unknown",
        }
    }

    #[test]
    fn texts_of_real_nodes() {
        for (node, message, expected) in [
            ("geth", "already known", "known"),
            ("geth", "known transaction: 0x1234", "known"),
            ("geth", "nonce too low: next nonce 6, tx nonce 5", "nonce too low"),
            ("geth", "replacement transaction underpriced", "underpriced"),
            (
                "geth",
                "replacement transaction underpriced: new tx gas fee cap 1 < 2",
                "underpriced",
            ),
            ("geth", "transaction underpriced: gas tip cap 0, minimum needed 1", "underpriced"),
            ("geth", "txpool is full", "underpriced"),
            ("geth", "insufficient funds for gas * price + value: balance 0, tx cost 1", "funds"),
            ("geth", "future transaction tries to replace pending", "gap"),
            ("geth", "intrinsic gas too low: gas 20000, minimum needed 21000", "rejected"),
            ("geth", "exceeds block gas limit", "rejected"),
            ("geth", "transaction gas limit too high (cap: 16777216, tx: 20000000)", "rejected"),
            ("geth", "tx fee (1.20 ether) exceeds the configured cap (1.00 ether)", "rejected"),
            ("geth", "invalid sender", "rejected"),
            ("geth", "max priority fee per gas higher than max fee per gas", "rejected"),
            ("geth", "rlp: value size exceeds available input length", "rejected"),
            ("anvil", "transaction already imported", "known"),
            ("anvil", "nonce too low", "nonce too low"),
            ("anvil", "nonce too high", "gap"),
            ("anvil", "replacement transaction underpriced", "underpriced"),
            ("anvil", "max fee per gas less than block base fee", "underpriced"),
            ("anvil", "Insufficient funds for gas * price + value", "funds"),
            ("anvil", "intrinsic gas too high", "rejected"),
            ("nethermind", "AlreadyKnown", "known"),
            ("nethermind", "OldNonce, Current nonce: 6, nonce of rejected tx: 5", "nonce too low"),
            ("nethermind", "NonceGap, Future nonce. Expected nonce: 6", "gap"),
            ("nethermind", "ReplacementNotAllowed", "underpriced"),
            ("nethermind", "FeeTooLow, MaxFeePerGas too low. MaxFeePerGas: 1", "underpriced"),
            ("nethermind", "FeeTooLowToCompete", "underpriced"),
            ("nethermind", "InsufficientFunds, Account balance: 0, cumulative cost: 1", "funds"),
            (
                "nethermind",
                "GasLimitExceeded, Gas limit: 1, gas limit of rejected tx: 2",
                "rejected",
            ),
            ("nethermind", "FailedToResolveSender", "rejected"),
            ("erigon", "ALREADY_EXISTS: already known", "known"),
            ("erigon", "INTERNAL_ERROR: existing tx with same hash", "known"),
            ("erigon", "INTERNAL_ERROR: nonce too low", "nonce too low"),
            ("erigon", "could not replace existing tx", "underpriced"),
            ("erigon", "underpriced", "underpriced"),
            ("erigon", "insufficient funds for transfer", "funds"),
            ("besu", "Known transaction", "known"),
            ("besu", "Nonce too low", "nonce too low"),
            ("besu", "Nonce too distant from current sender nonce", "gap"),
            ("besu", "Replacement transaction underpriced", "underpriced"),
            ("besu", "Gas price below configured minimum gas price", "underpriced"),
            ("besu", "Gas price below current base fee", "underpriced"),
            ("besu", "Upfront cost exceeds account balance", "funds"),
            ("besu", "Intrinsic gas exceeds gas limit", "rejected"),
            ("besu", "Transaction fee cap exceeded", "rejected"),
            ("reth", "already known", "known"),
            ("reth", "nonce too low: next nonce 6, tx nonce 5", "nonce too low"),
            ("reth", "replacement transaction underpriced", "underpriced"),
            ("reth", "txpool is full", "underpriced"),
            ("reth", "insufficient funds for gas * price + value: have 0 want 1", "funds"),
            ("openethereum", "Transaction with the same hash was already imported.", "known"),
            (
                "openethereum",
                "Transaction nonce is too low. Try incrementing the nonce.",
                "nonce too low",
            ),
            ("arbitrum", "max fee per gas less than block base fee: address 0x12", "underpriced"),
            ("a provider", "daily request count exceeded, request rate limited", "unknown"),
            ("a provider", "Internal error", "unknown"),
            ("a provider", "", "unknown"),
        ] {
            assert_eq!(meaning(message), expected, "{node}: {message}");
        }
    }

    #[test]
    fn one_node_that_took_it_is_enough() {
        let unknown = || Err(SendError::Unknown(String::new()));
        let rejected = || Err(SendError::Rejected(String::new()));
        assert_eq!(together([unknown(), Ok(Sent::Accepted), rejected()]), Ok(Sent::Accepted));
        assert_eq!(together([unknown(), Ok(Sent::AlreadyKnown)]), Ok(Sent::AlreadyKnown));
        assert_eq!(together([rejected(), unknown()]), unknown());
        assert!(matches!(together([]), Err(SendError::Unknown(_))));
    }
}
