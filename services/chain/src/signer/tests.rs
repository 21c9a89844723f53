mod failing;
mod service;
mod stub;

use std::path::Path;

use super::guarded::expected;
use super::*;
use crate::{SigningPolicy, decode};
use domain::RevocationReason;
use futures::executor::block_on;
use proptest::prelude::*;

const REGISTRY: Address = Address([7; 20]);
const COLLECTION: Address = Address([8; 20]);
const GAS_CAP: u64 = 1_000_000;
const FEE_CAP: u128 = 500_000_000_000;
/// A key that everybody knows: the first account of every development chain.
const DEV_KEY: &str = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

fn policy() -> SigningPolicy {
    SigningPolicy {
        chain_id: 31_337,
        registries: vec![Address([1; 20]), REGISTRY],
        collections: vec![COLLECTION],
        gas_cap: GAS_CAP,
        fee_cap: FEE_CAP,
    }
}

fn signer() -> LocalSigner {
    LocalSigner::from_dev_key(DEV_KEY, policy()).unwrap()
}

#[test]
fn the_address_is_the_published_one_and_the_key_is_not_printed() {
    let printed = format!("{:?}", signer());
    assert!(printed.contains("0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"), "{printed}");
    assert!(!printed.contains("ac0974"), "{printed}");
}

#[test]
fn bad_keys_are_refused_without_being_told() {
    for key in ["", "0x12", &"00".repeat(32), &"ff".repeat(32), &"zz".repeat(32)] {
        let error = LocalSigner::from_dev_key(key, policy()).unwrap_err();
        assert!(matches!(error, KeyFileError::Key));
    }
}

/// One key in both key derivations; see tests/keystore/SOURCE.md.
#[test]
fn keystores_open_with_their_password_only() {
    let directory = tempfile::tempdir().unwrap();
    let password = directory.path().join("password");
    let keystore = directory.path().join("keystore.json");
    for vector in [
        include_str!("../../tests/keystore/pbkdf2.json"),
        include_str!("../../tests/keystore/scrypt.json"),
    ] {
        std::fs::write(&keystore, vector).unwrap();
        std::fs::write(&password, "testpassword\n").unwrap();
        let signer = LocalSigner::from_keystore(&keystore, &password, policy()).unwrap();
        let address = "0x008aeeda4d805471df9b2a5b0f38a0c3bcba786b";
        assert_eq!(signer.address().to_string(), address);
    }
    std::fs::write(&password, "testpasswort\n").unwrap();
    let wrong = LocalSigner::from_keystore(&keystore, &password, policy()).unwrap_err();
    assert!(matches!(wrong, KeyFileError::Keystore { .. }), "{wrong}");
    let absent = LocalSigner::from_keystore(Path::new("/nonexistent"), &password, policy());
    assert!(matches!(absent, Err(KeyFileError::Read { .. })));
}

fn contract(usual: Address) -> impl Strategy<Value = Address> {
    prop_oneof![
        8 => Just(usual),
        1 => prop::sample::select(vec![REGISTRY, COLLECTION]),
        1 => any::<[u8; 20]>().prop_map(Address),
    ]
}

/// Owners as a collection wants them, and others.
fn owners() -> impl Strategy<Value = Vec<Address>> {
    let owner = || {
        (0_u8..4, any::<u8>()).prop_map(|(high, low)| {
            let mut owner = Address::default();
            (owner.0[0], owner.0[19]) = (high, low);
            owner
        })
    };
    let ascending = |size| {
        prop::collection::vec(owner(), size).prop_map(|mut owners| {
            owners.sort();
            owners
        })
    };
    prop_oneof![
        6 => ascending(1..9_usize),
        1 => ascending(1_022..1_027_usize),
        2 => prop::collection::vec(owner(), 0..4),
    ]
}

fn mint() -> impl Strategy<Value = ContractCall> {
    let difference = prop_oneof![8 => Just(0_u64), 1 => 1_u64..3, 1 => Just(u64::MAX)];
    (contract(COLLECTION), any::<[u8; 32]>(), owners(), difference).prop_map(
        |(collection, root, owners, difference)| ContractCall::Mint {
            collection,
            size: (owners.len() as u64).wrapping_add(difference),
            root: Hash(root),
            owners,
        },
    )
}

fn call() -> impl Strategy<Value = ContractCall> {
    prop_oneof![2 => registry_call(), 1 => mint()]
}

fn registry_call() -> impl Strategy<Value = ContractCall> {
    let registry = contract(REGISTRY);
    let indexes = prop_oneof![
        4 => prop::collection::btree_set(any::<u32>(), 1..9).prop_map(Vec::from_iter),
        1 => prop::collection::btree_set(any::<u32>(), 62..67).prop_map(Vec::from_iter),
        1 => prop::collection::vec(any::<u32>(), 0..300),
    ];
    let reason = prop::sample::select(RevocationReason::ALL.to_vec());
    (registry, any::<[u8; 32]>(), any::<bool>(), indexes, reason).prop_map(
        |(registry, commitment, anchor, indexes, reason)| {
            let commitment = Hash(commitment);
            if anchor {
                ContractCall::Anchor { registry, commitment }
            } else {
                ContractCall::Revoke { registry, commitment, indexes, reason }
            }
        },
    )
}

fn request() -> impl Strategy<Value = TransactionRequest> {
    let gas = prop_oneof![4 => 0..=GAS_CAP, 1 => GAS_CAP - 1..GAS_CAP + 2, 1 => any::<u64>()];
    let fee = || prop_oneof![6 => 0..=FEE_CAP, 1 => FEE_CAP - 1..FEE_CAP + 2, 1 => any::<u128>()];
    (call(), any::<u64>(), gas, fee(), fee(), any::<bool>()).prop_map(
        |(call, nonce, gas_limit, a, b, swap)| {
            let (max_fee, max_priority_fee) = if swap { (a, b) } else { (a.max(b), a.min(b)) };
            TransactionRequest { call, nonce, gas_limit, fees: Fees { max_fee, max_priority_fee } }
        },
    )
}

/// The rules of chain.md, spelled out a second time.
fn allowed(request: &TransactionRequest) -> bool {
    let TransactionRequest { call, gas_limit, fees, .. } = request;
    let is_registry = |address| [Address([1; 20]), REGISTRY].contains(address);
    *gas_limit <= GAS_CAP
        && fees.max_fee <= FEE_CAP
        && fees.max_priority_fee <= fees.max_fee
        && match call {
            ContractCall::Anchor { registry, .. } => is_registry(registry),
            ContractCall::Mint { collection, size, owners, .. } => {
                *collection == COLLECTION
                    && !owners.is_empty()
                    && owners.len() <= 1_024
                    && owners.len() as u64 == *size
                    && owners.iter().all(|owner| owner.0 != [0; 20])
                    && owners.windows(2).all(|pair| pair[0].0 <= pair[1].0)
            }
            ContractCall::Revoke { registry, indexes, .. } => {
                is_registry(registry)
                    && !indexes.is_empty()
                    && indexes.len() <= 64
                    && indexes.windows(2).all(|pair| pair[0] < pair[1])
            }
        }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn only_what_the_policy_allows_is_signed_and_exactly_as_asked(request in request()) {
        let signer = signer();
        match block_on(signer.sign(&request)) {
            Ok(signed) => {
                prop_assert!(allowed(&request));
                let decoded = decode(&signed.raw).unwrap();
                prop_assert_eq!(&decoded, &expected(signer.address(), 31_337, &request, signed.hash));
                let contract = request.call.contract();
                prop_assert_eq!(
                    ContractCall::from_input(contract, &decoded.input), Ok(request.call.clone())
                );
            }
            Err(SignError::Refused(_)) => prop_assert!(!allowed(&request)),
            Err(error) => prop_assert!(false, "{}", error),
        }
    }

    /// The registry's fallback takes exactly 32 bytes. The service never calls it, so no request can say
    /// it, and bytes that would be such a call are none of ours, whatever they begin with.
    #[test]
    fn thirty_two_bytes_are_no_call(bytes: [u8; 32], selector in prop::option::of(0_usize..3)) {
        let mut input = bytes;
        if let Some(selector) = selector {
            let indexes = vec![1];
            let commitment = Hash(bytes);
            let reason = RevocationReason::Unspecified;
            let owners = vec![Address([1; 20])];
            let input_of = [
                ContractCall::Anchor { registry: REGISTRY, commitment },
                ContractCall::Revoke { registry: REGISTRY, commitment, indexes, reason },
                ContractCall::Mint { collection: COLLECTION, size: 1, root: commitment, owners },
            ];
            input[..4].copy_from_slice(&input_of[selector].to_input()[..4]);
        }
        prop_assert!(ContractCall::from_input(REGISTRY, &input).is_err());
    }

    #[test]
    fn no_changed_byte_goes_unnoticed(at: prop::sample::Index, bit in 0_u8..8) {
        let call = ContractCall::Anchor { registry: REGISTRY, commitment: Hash([9; 32]) };
        let fees = Fees { max_fee: 9, max_priority_fee: 1 };
        let request = TransactionRequest { call, nonce: 3, gas_limit: 60_000, fees };
        let signed = block_on(signer().sign(&request)).unwrap();
        let mut raw = signed.raw;
        let at = at.index(raw.len());
        raw[at] ^= 1 << bit;
        let expected = expected(signer().address(), 31_337, &request, signed.hash);
        prop_assert_ne!(decode(&raw), Ok(expected));
    }
}
