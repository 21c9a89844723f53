//! `AnchorRegistry` and `BadgeToken` as bytes: the bindings made from the committed ABIs, and calls to
//! and from input data.

use alloy::sol_types::SolCall as _;
use domain::{MAX_MINT_BATCH, RevocationReason};
use proof::{Address, Hash};

use crate::ContractCall;

/// Made from `contracts/abi/`, so that building needs no Solidity tools. `BadgeTokenStorage` has the
/// ABI of `BadgeToken`.
pub(crate) mod bindings {
    alloy::sol!(AnchorRegistry, "../../contracts/abi/AnchorRegistry.json");
    alloy::sol!(BadgeToken, "../../contracts/abi/BadgeToken.json");
}

pub(crate) use bindings::{AnchorRegistry, BadgeToken};

/// Why bytes are not the input of a call that this service makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// Another selector than `anchor`, `mint` and `revoke`.
    #[error("the input calls neither anchor nor mint nor revoke")]
    Selector,
    /// Not the ABI encoding of the function's arguments (strict: one encoding per value).
    #[error("the input is not the ABI encoding of the arguments")]
    Encoding,
    /// No leaf has this index.
    #[error("leaf index {0} is beyond every tree")]
    Index(u64),
    /// Not one of ours.
    #[error("unknown revocation reason {0}")]
    Reason(u8),
    /// What every collection refuses.
    #[error(
        "the owners are not 20 bytes for each of 1 to {MAX_MINT_BATCH} leaves, ascending, none zero"
    )]
    Owners,
}

impl ContractCall {
    /// The transaction's input: selector and ABI-encoded arguments.
    #[must_use]
    pub fn to_input(&self) -> Vec<u8> {
        match self {
            Self::Anchor { commitment, .. } => {
                AnchorRegistry::anchorCall { commitment: commitment.0.into() }.abi_encode()
            }
            Self::Mint { size, root, owners, .. } => BadgeToken::mintCall {
                treeSize: *size,
                root: root.0.into(),
                owners: owners.iter().flat_map(|owner| owner.0).collect::<Vec<u8>>().into(),
            }
            .abi_encode(),
            Self::Revoke { commitment, indexes, reason, .. } => AnchorRegistry::revokeCall {
                commitment: commitment.0.into(),
                indexes: indexes.iter().map(|index| u64::from(*index)).collect(),
                reason: reason.code(),
            }
            .abi_encode(),
        }
    }

    /// The call of `contract` whose input this is; the inverse of [`Self::to_input`]. Whether the
    /// contract is a registry or a collection is not known here: the selector tells which it should
    /// be.
    ///
    /// # Errors
    /// Input that [`Self::to_input`] never makes, and owners that every collection refuses.
    pub fn from_input(contract: Address, input: &[u8]) -> Result<Self, InputError> {
        let call = match input.first_chunk() {
            Some(&AnchorRegistry::anchorCall::SELECTOR) => {
                let call = AnchorRegistry::anchorCall::abi_decode_validate(input)
                    .map_err(|_| InputError::Encoding)?;
                Self::Anchor { registry: contract, commitment: Hash(call.commitment.0) }
            }
            Some(&BadgeToken::mintCall::SELECTOR) => {
                let call = BadgeToken::mintCall::abi_decode_validate(input)
                    .map_err(|_| InputError::Encoding)?;
                let (owners, rest) = call.owners.as_chunks::<20>();
                let owners: Vec<Address> = owners.iter().copied().map(Address).collect();
                if !rest.is_empty() || !are_mintable(call.treeSize, &owners) {
                    return Err(InputError::Owners);
                }
                Self::Mint {
                    collection: contract,
                    size: call.treeSize,
                    root: Hash(call.root.0),
                    owners,
                }
            }
            Some(&AnchorRegistry::revokeCall::SELECTOR) => {
                let call = AnchorRegistry::revokeCall::abi_decode_validate(input)
                    .map_err(|_| InputError::Encoding)?;
                let index = |index: u64| u32::try_from(index).map_err(|_| InputError::Index(index));
                Self::Revoke {
                    registry: contract,
                    commitment: Hash(call.commitment.0),
                    indexes: call.indexes.into_iter().map(index).collect::<Result<_, _>>()?,
                    reason: RevocationReason::from_code(call.reason)
                        .ok_or(InputError::Reason(call.reason))?,
                }
            }
            _ => return Err(InputError::Selector),
        };
        if call.to_input() == input { Ok(call) } else { Err(InputError::Encoding) }
    }
}

/// Whether a collection takes these owners for a batch of this size: one for each leaf, at most
/// [`MAX_MINT_BATCH`], ascending (equal ones may follow each other), none of them zero.
pub(crate) fn are_mintable(size: u64, owners: &[Address]) -> bool {
    (1..=MAX_MINT_BATCH).contains(&size)
        && owners.len() as u64 == size
        && owners.first().is_some_and(|first| *first != Address::default())
        && owners.is_sorted()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const REGISTRY: Address = Address([7; 20]);

    #[test]
    fn an_anchor_is_its_selector_and_the_commitment() {
        let call = ContractCall::Anchor { registry: REGISTRY, commitment: Hash([9; 32]) };
        // keccak256("anchor(bytes32)") begins with these four bytes
        assert_eq!(hex::encode(call.to_input()), "eecdf927".to_owned() + &"09".repeat(32));
    }

    #[test]
    fn other_input_is_refused() {
        let from_input = |input: &[u8]| ContractCall::from_input(REGISTRY, input);
        assert_eq!(from_input(&[]), Err(InputError::Selector));
        assert_eq!(from_input(&[9; 32]), Err(InputError::Selector));
        let mut input =
            ContractCall::Anchor { registry: REGISTRY, commitment: Hash::ZERO }.to_input();
        input.push(0);
        assert_eq!(from_input(&input), Err(InputError::Encoding));
        assert_eq!(from_input(&input[..35]), Err(InputError::Encoding));
        let revoke = |index: u64, reason: u8| {
            AnchorRegistry::revokeCall { commitment: [1; 32].into(), indexes: vec![index], reason }
                .abi_encode()
        };
        assert_eq!(from_input(&revoke(1 << 32, 0)), Err(InputError::Index(1 << 32)));
        assert_eq!(from_input(&revoke(1, 77)), Err(InputError::Reason(77)));
    }

    proptest! {
        #[test]
        fn revocations_survive_the_round_trip(
            commitment: [u8; 32],
            indexes in prop::collection::vec(any::<u32>(), 0..40),
            reason in prop::sample::select(RevocationReason::ALL.to_vec()),
        ) {
            let commitment = Hash(commitment);
            let call = ContractCall::Revoke { registry: REGISTRY, commitment, indexes, reason };
            prop_assert_eq!(ContractCall::from_input(REGISTRY, &call.to_input()), Ok(call));
        }

        #[test]
        fn whatever_decodes_encodes_to_the_same_bytes(
            selector in prop::sample::select(vec![
                AnchorRegistry::anchorCall::SELECTOR, AnchorRegistry::revokeCall::SELECTOR,
            ]),
            arguments in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let input = [&selector[..], &arguments].concat();
            if let Ok(call) = ContractCall::from_input(REGISTRY, &input) {
                prop_assert_eq!(call.to_input(), input);
            }
        }
    }
}
