//! Why a simulated call came to nothing: the one place that reads the contracts' errors, and nodes'
//! texts about a call.

use alloy::sol_types::SolInterface as _;
use domain::BlockedReason;

use super::NodeError;
use crate::Preflight;
use crate::contract::AnchorRegistry::AnchorRegistryErrors as RegistryErrors;
use crate::contract::BadgeToken::BadgeTokenErrors as TokenErrors;

/// Parts of messages, in lower case, of nodes that searched up to their own limit or the
/// transaction's (EIP-7825) and found it too low.
const TOO_MUCH_GAS: &[&str] = &[
    "gas required exceeds", // geth and its followers, reth, anvil
    "out of gas",
    "gas spent exceeded",      // nethermind
    "transaction gas limit",   // of EIP-7825's cap
    "gas limit cap",           // the same
    "gas limit too high",      // the same
    "exceeds block gas limit", // of the estimate
];

/// `None` where the error is none of the contract: the node failed.
pub(super) fn refused(error: &NodeError) -> Option<Preflight> {
    let NodeError::Answered { message, revert, .. } = error else { return None };
    if let Some(data) = revert {
        return Some(by_error(data));
    }
    let message = message.to_lowercase();
    if message.contains("insufficient funds") || message.contains("upfront cost exceeds") {
        return Some(Preflight::Blocked(BlockedReason::Funds));
    }
    if TOO_MUCH_GAS.iter().any(|part| message.contains(part)) {
        return Some(Preflight::TooMuchGas { estimate: None });
    }
    is_revert(error).then_some(Preflight::Blocked(BlockedReason::Reverts))
}

/// Whether the call was executed and reverted.
fn is_revert(error: &NodeError) -> bool {
    let NodeError::Answered { code, message, revert } = error else { return false };
    // 3 is what geth and its followers say for a revert
    revert.is_some() || *code == 3 || message.to_lowercase().contains("revert")
}

/// What the call reverted with; empty where the node does not tell.
///
/// # Errors
/// The error itself where it is none of the contract: the node failed.
pub(super) fn revert_data(error: NodeError) -> Result<Vec<u8>, NodeError> {
    match error {
        NodeError::Answered { revert, .. } if is_revert(&error) => Ok(revert.unwrap_or_default()),
        _ => Err(error),
    }
}

/// A mint passes on what the registry reverts with when it anchors.
fn by_error(data: &[u8]) -> Preflight {
    let reason = match (RegistryErrors::abi_decode(data), TokenErrors::abi_decode(data)) {
        (Ok(RegistryErrors::WritingPaused(_)), _) | (_, Ok(TokenErrors::WritingPaused(_))) => {
            BlockedReason::Paused
        }
        (Ok(RegistryErrors::NotOperator(_) | RegistryErrors::NotRevoker(_)), _)
        | (_, Ok(TokenErrors::NotMinter(_))) => BlockedReason::Role,
        (_, Ok(TokenErrors::CollectionFull(_))) => BlockedReason::Full,
        // the constructor saw code carry data here, so what was short is the gas to keep it
        (_, Ok(TokenErrors::CodeCannotCarryData(_))) => {
            return Preflight::TooMuchGas { estimate: None };
        }
        _ => BlockedReason::Reverts,
    };
    Preflight::Blocked(reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{AnchorRegistry, BadgeToken};
    use alloy::primitives::U256;
    use alloy::sol_types::SolError as _;

    fn answered(code: i64, message: &str, revert: Option<Vec<u8>>) -> Option<Preflight> {
        refused(&NodeError::Answered { code, message: message.to_owned(), revert })
    }

    #[test]
    fn our_errors_are_told_apart() {
        let reverted = |data: Vec<u8>| answered(3, "execution reverted", Some(data));
        let blocked = |reason| Some(Preflight::Blocked(reason));
        let caller = [7; 20].into();
        for (data, reason) in [
            (AnchorRegistry::WritingPaused {}.abi_encode(), BlockedReason::Paused),
            (AnchorRegistry::NotOperator { caller }.abi_encode(), BlockedReason::Role),
            (AnchorRegistry::NotRevoker { caller }.abi_encode(), BlockedReason::Role),
            (AnchorRegistry::ZeroCommitment {}.abi_encode(), BlockedReason::Reverts),
            (BadgeToken::WritingPaused {}.abi_encode(), BlockedReason::Paused),
            (BadgeToken::NotMinter { caller }.abi_encode(), BlockedReason::Role),
            (BadgeToken::CollectionFull {}.abi_encode(), BlockedReason::Full),
            (
                BadgeToken::OwnersDiffer { commitment: [1; 32].into() }.abi_encode(),
                BlockedReason::Reverts,
            ),
            (
                BadgeToken::WrongBatchSize { leaves: 2, ownersLength: U256::from(20) }.abi_encode(),
                BlockedReason::Reverts,
            ),
            (vec![], BlockedReason::Reverts),
            (vec![1, 2, 3, 4], BlockedReason::Reverts),
        ] {
            assert_eq!(reverted(data.clone()), blocked(reason), "{data:?}");
        }
        let unkept = BadgeToken::CodeCannotCarryData {}.abi_encode();
        assert_eq!(reverted(unkept), Some(Preflight::TooMuchGas { estimate: None }));
    }

    #[test]
    fn a_failing_node_blocks_nothing() {
        assert_eq!(answered(-32005, "rate limit exceeded", None), None);
        assert_eq!(refused(&NodeError::Unavailable("time-out".to_owned())), None);
        let reverts = Some(Preflight::Blocked(BlockedReason::Reverts));
        assert_eq!(answered(-32000, "execution reverted", None), reverts);
        let funds = "insufficient funds for gas * price + value: have 0 want 1";
        assert_eq!(answered(-32000, funds, None), Some(Preflight::Blocked(BlockedReason::Funds)));
    }

    #[test]
    fn texts_of_nodes_that_have_not_enough_gas() {
        for message in [
            "gas required exceeds allowance (16777216)",
            "out of gas: gas required exceeds: 16777216",
            "Out of gas: gas required exceeds allowance: 16777216",
            "Cannot estimate gas, gas spent exceeded transaction and block gas limit",
            "transaction gas limit too high (cap: 16777216, tx: 20000000)",
        ] {
            let expected = Some(Preflight::TooMuchGas { estimate: None });
            assert_eq!(answered(-32000, message, None), expected, "{message}");
        }
    }
}
