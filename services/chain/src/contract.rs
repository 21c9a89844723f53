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

pub(crate) use bindings::{AnchorRegistry, BadgeToken, IBadgeToken};

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
    const COLLECTION: Address = Address([8; 20]);

    /// To owners whose addresses end with these numbers.
    fn mint(root: [u8; 32], owners: &[u64]) -> ContractCall {
        let owner = |number: &u64| {
            let mut owner = Address::default();
            owner.0[12..].copy_from_slice(&number.to_be_bytes());
            owner
        };
        ContractCall::Mint {
            collection: COLLECTION,
            size: owners.len() as u64,
            root: Hash(root),
            owners: owners.iter().map(owner).collect(),
        }
    }

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

    #[test]
    fn a_mint_packs_its_owners() {
        // keccak256("mint(uint64,bytes32,bytes)") begins with these four bytes; then the words of
        // size, root, place and length of the owners; then those, filled up to whole words
        let word = |number: u64| format!("{number:064x}");
        let owners = format!("{:040x}{:040x}{:040x}", 1, 1, 0xab);
        let expected = [
            "2d64b183".to_owned(),
            word(3),
            "05".repeat(32),
            word(96),
            word(60),
            format!("{owners:0<128}"),
        ];
        let input = mint([5; 32], &[1, 1, 0xab]).to_input();
        assert_eq!(hex::encode(input), expected.concat());
    }

    #[test]
    fn owners_that_a_collection_refuses_are_no_mint() {
        let read = |call: &ContractCall| ContractCall::from_input(COLLECTION, &call.to_input());
        let most: Vec<u64> = (1..=MAX_MINT_BATCH).collect();
        let more: Vec<u64> = (1..=MAX_MINT_BATCH + 1).collect();
        for owners in [&[1][..], &[1, 1], &most] {
            assert!(read(&mint([5; 32], owners)).is_ok());
        }
        for owners in [&[][..], &[0], &[0, 1], &[2, 1], &more] {
            assert_eq!(read(&mint([5; 32], owners)), Err(InputError::Owners), "{}", owners.len());
        }
        let encoded = |size, length: usize| {
            let owners = vec![1; length].into();
            let call = BadgeToken::mintCall { treeSize: size, root: [5; 32].into(), owners };
            ContractCall::from_input(COLLECTION, &call.abi_encode())
        };
        assert!(encoded(2, 40).is_ok());
        for (size, length) in [(1, 40), (3, 40), (2, 39), (2, 41), (u64::MAX, 20), (0, 0)] {
            assert_eq!(encoded(size, length), Err(InputError::Owners), "{size} {length}");
        }
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
        fn mints_survive_the_round_trip(
            root: [u8; 32],
            mut owners in prop::collection::vec(1_u64.., 1..40),
        ) {
            owners.sort_unstable();
            let call = mint(root, &owners);
            prop_assert_eq!(ContractCall::from_input(COLLECTION, &call.to_input()), Ok(call));
        }

        #[test]
        fn a_mint_with_a_changed_byte_is_another_one_or_none(
            owners in prop::collection::btree_set(any::<u64>(), 1..9),
            at: prop::sample::Index,
            bit in 0_u8..8,
        ) {
            let call = mint([5; 32], &Vec::from_iter(owners));
            let mut input = call.to_input();
            let at = at.index(input.len());
            input[at] ^= 1 << bit;
            if let Ok(other) = ContractCall::from_input(COLLECTION, &input) {
                prop_assert_ne!(&other, &call);
                prop_assert_eq!(other.to_input(), input);
            }
        }

        #[test]
        fn whatever_decodes_encodes_to_the_same_bytes(
            selector in prop::sample::select(vec![
                AnchorRegistry::anchorCall::SELECTOR,
                AnchorRegistry::revokeCall::SELECTOR,
                BadgeToken::mintCall::SELECTOR,
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
