//! Keys, behind one trait, each with its [`SigningPolicy`].

use std::fmt;
use std::path::{Path, PathBuf};

use alloy::consensus::SignableTransaction as _;
use alloy::signers::SignerSync as _;
use alloy::signers::local::PrivateKeySigner;
use domain::Fees;
use proof::{Address, Hash};
use zeroize::Zeroizing;

use crate::transaction::{seal, unsigned};
use crate::{ContractCall, DecodedTransaction, Refusal, SigningPolicy, decode};

/// What to sign: an EIP-1559 transaction of value 0 to the call's contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionRequest {
    /// Whom to call, with what.
    pub call: ContractCall,
    /// Of the signer's sequence.
    pub nonce: u64,
    /// In gas.
    pub gas_limit: u64,
    /// In wei per gas.
    pub fees: Fees,
}

/// What was signed. Store it before it is sent; it is never signed again (a key service answers
/// with another signature each time, and a second transaction would take the nonce).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedTransaction {
    /// Keccak-256 of `raw`.
    pub hash: Hash,
    /// The EIP-2718 envelope.
    pub raw: Vec<u8>,
}

/// Why nothing was signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The policy forbids it, and will for ever.
    #[error("refused to sign: {0}")]
    Refused(#[from] Refusal),
    /// The key could not be used now, or what came back is not what was asked for. No nonce is
    /// consumed: nothing signed left the signer.
    #[error("signer unavailable: {0}")]
    Unavailable(String),
}

/// A key with one nonce sequence.
///
/// Implementations MUST refuse what their [`SigningPolicy`] refuses, and MUST return bytes that
/// decode to exactly the request, signed by [`TransactionSigner::address`].
#[async_trait::async_trait]
pub trait TransactionSigner: Send + Sync {
    /// The account.
    fn address(&self) -> Address;

    /// Signs.
    ///
    /// # Errors
    /// See [`SignError`].
    async fn sign(&self, request: &TransactionRequest) -> Result<SignedTransaction, SignError>;
}

/// Why a key could not be loaded. Never tells anything of the key or its password.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Not a keystore (Web3 Secret Storage, version 3), or another password.
    #[error("cannot open the keystore {path}: not a version 3 keystore, or a wrong password")]
    Keystore {
        /// Which file.
        path: PathBuf,
    },
    /// Not 32 bytes in hexadecimal, or not within the curve's order.
    #[error("not a secp256k1 private key of 64 hexadecimal digits")]
    Key,
}

/// A key in this process's memory.
pub struct LocalSigner {
    key: PrivateKeySigner,
    policy: SigningPolicy,
}

impl fmt::Debug for LocalSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalSigner").field("address", &self.address()).finish_non_exhaustive()
    }
}

impl LocalSigner {
    /// Opens an encrypted keystore file with the password in another file (its line end is cut
    /// off). Takes about a second, on purpose: call it where blocking is allowed.
    ///
    /// # Errors
    /// See [`KeyFileError`].
    pub fn from_keystore(
        keystore: &Path,
        password_file: &Path,
        policy: SigningPolicy,
    ) -> Result<Self, KeyFileError> {
        Ok(Self { key: open_keystore(keystore, password_file)?, policy })
    }

    /// Takes a raw private key, `0x` and 64 hexadecimal digits. For development only: the caller
    /// enforces that.
    ///
    /// # Errors
    /// [`KeyFileError::Key`].
    pub fn from_dev_key(key: &str, policy: SigningPolicy) -> Result<Self, KeyFileError> {
        Ok(Self { key: parse_key(key)?, policy })
    }
}

/// See [`LocalSigner::from_keystore`].
pub(crate) fn open_keystore(
    keystore: &Path,
    password_file: &Path,
) -> Result<PrivateKeySigner, KeyFileError> {
    let read = |path: &Path| {
        std::fs::read_to_string(path)
            .map(Zeroizing::new)
            .map_err(|source| KeyFileError::Read { path: path.to_owned(), source })
    };
    read(keystore)?;
    let password = read(password_file)?;
    PrivateKeySigner::decrypt_keystore(keystore, password.trim_end_matches(['\r', '\n']))
        .map_err(|_| KeyFileError::Keystore { path: keystore.to_owned() })
}

/// See [`LocalSigner::from_dev_key`].
pub(crate) fn parse_key(key: &str) -> Result<PrivateKeySigner, KeyFileError> {
    let mut bytes = Zeroizing::new([0; 32]);
    let digits = key.strip_prefix("0x").unwrap_or(key);
    hex::decode_to_slice(digits, bytes.as_mut_slice()).map_err(|_| KeyFileError::Key)?;
    PrivateKeySigner::from_slice(bytes.as_slice()).map_err(|_| KeyFileError::Key)
}

#[async_trait::async_trait]
impl TransactionSigner for LocalSigner {
    fn address(&self) -> Address {
        Address(self.key.address().into_array())
    }

    async fn sign(&self, request: &TransactionRequest) -> Result<SignedTransaction, SignError> {
        self.policy.check(request)?;
        let transaction = unsigned(
            self.policy.chain_id,
            request.nonce,
            Some(request.call.contract()),
            request.call.to_input(),
            request.gas_limit,
            request.fees,
        );
        let signature = self
            .key
            .sign_hash_sync(&transaction.signature_hash())
            .map_err(|error| SignError::Unavailable(error.to_string()))?;
        let (hash, raw) = seal(transaction, signature);
        let expected = expected(self.address(), self.policy.chain_id, request, hash);
        match decode(&raw) {
            Ok(decoded) if decoded == expected => Ok(SignedTransaction { hash, raw }),
            Ok(_) => Err(SignError::Unavailable("signed something else than asked".to_owned())),
            Err(error) => Err(SignError::Unavailable(error.to_string())),
        }
    }
}

/// What the bytes of this request must decode to.
fn expected(
    signer: Address,
    chain_id: u64,
    request: &TransactionRequest,
    hash: Hash,
) -> DecodedTransaction {
    DecodedTransaction {
        hash,
        signer,
        chain_id,
        nonce: request.nonce,
        to: Some(request.call.contract()),
        input: request.call.to_input(),
        value: 0,
        gas_limit: request.gas_limit,
        fees: request.fees,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
            include_str!("../tests/keystore/pbkdf2.json"),
            include_str!("../tests/keystore/scrypt.json"),
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
        let fee =
            || prop_oneof![6 => 0..=FEE_CAP, 1 => FEE_CAP - 1..FEE_CAP + 2, 1 => any::<u128>()];
        (call(), any::<u64>(), gas, fee(), fee(), any::<bool>()).prop_map(
            |(call, nonce, gas_limit, a, b, swap)| {
                let (max_fee, max_priority_fee) = if swap { (a, b) } else { (a.max(b), a.min(b)) };
                TransactionRequest {
                    call,
                    nonce,
                    gas_limit,
                    fees: Fees { max_fee, max_priority_fee },
                }
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
}
