//! Why a simulated call reverted.

use alloy::sol_types::SolInterface as _;
use domain::BlockedReason;

use super::NodeError;
use crate::contract::AnchorRegistry::AnchorRegistryErrors as Errors;

/// `None` where the error is none of the contract: the node failed.
pub(super) fn blocked_reason(error: &NodeError) -> Option<BlockedReason> {
    let NodeError::Answered { code, message, revert } = error else { return None };
    if let Some(data) = revert {
        return Some(match Errors::abi_decode(data) {
            Ok(Errors::WritingPaused(_)) => BlockedReason::Paused,
            Ok(Errors::NotOperator(_) | Errors::NotRevoker(_)) => BlockedReason::Role,
            _ => BlockedReason::Reverts,
        });
    }
    let message = message.to_lowercase();
    if message.contains("insufficient funds") || message.contains("upfront cost exceeds") {
        return Some(BlockedReason::Funds);
    }
    // 3 is what geth and its followers say for a revert
    (*code == 3 || message.contains("revert")).then_some(BlockedReason::Reverts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::AnchorRegistry;
    use alloy::sol_types::SolError as _;

    fn answered(code: i64, message: &str, revert: Option<Vec<u8>>) -> Option<BlockedReason> {
        blocked_reason(&NodeError::Answered { code, message: message.to_owned(), revert })
    }

    #[test]
    fn our_errors_are_told_apart() {
        let reverted = |data: Vec<u8>| answered(3, "execution reverted", Some(data));
        let caller = [7; 20].into();
        assert_eq!(
            reverted(AnchorRegistry::WritingPaused {}.abi_encode()),
            Some(BlockedReason::Paused)
        );
        for data in [
            AnchorRegistry::NotOperator { caller }.abi_encode(),
            AnchorRegistry::NotRevoker { caller }.abi_encode(),
        ] {
            assert_eq!(reverted(data), Some(BlockedReason::Role));
        }
        for data in [AnchorRegistry::ZeroCommitment {}.abi_encode(), vec![], vec![1, 2, 3, 4]] {
            assert_eq!(reverted(data), Some(BlockedReason::Reverts));
        }
    }

    #[test]
    fn a_failing_node_blocks_nothing() {
        assert_eq!(answered(-32005, "rate limit exceeded", None), None);
        assert_eq!(blocked_reason(&NodeError::Unavailable("time-out".to_owned())), None);
        assert_eq!(answered(-32000, "execution reverted", None), Some(BlockedReason::Reverts));
        let funds = "insufficient funds for gas * price + value: have 0 want 1";
        assert_eq!(answered(-32000, funds, None), Some(BlockedReason::Funds));
    }
}
