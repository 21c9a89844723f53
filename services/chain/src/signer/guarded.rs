//! The one way to a signature: policy, digest, key, and a check of what came back.

use std::fmt;

use alloy::consensus::{SignableTransaction as _, TxEip1559};
use alloy::primitives::{B256, Signature};
use proof::{Address, Hash};

use super::{SignError, SignedTransaction, TransactionRequest, TransactionSigner};
use crate::transaction::{seal, unsigned};
use crate::{DecodedTransaction, SigningPolicy, decode};

/// A key, or the service that keeps one. It can be asked by [`Guarded`] alone: the trait has no name
/// outside of this module, and no key leaves the signer that was made of it.
#[async_trait::async_trait]
pub trait SigningKey: Send + Sync {
    /// The account.
    fn address(&self) -> Address;

    /// A signature for this transaction. It is not believed: neither parity, nor low s, nor key, nor
    /// what was signed. An error says what happened, without secrets.
    async fn sign(&self, transaction: &TxEip1559) -> Result<Signature, String>;
}

/// A key that signs what its [`SigningPolicy`] allows, wherever it is kept.
pub struct Guarded<K> {
    key: K,
    policy: SigningPolicy,
}

impl<K> Guarded<K> {
    pub(super) const fn new(key: K, policy: SigningPolicy) -> Self {
        Self { key, policy }
    }

    #[cfg(test)]
    pub(super) const fn key_mut(&mut self) -> &mut K {
        &mut self.key
    }
}

impl<K: SigningKey> fmt::Debug for Guarded<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guarded").field("address", &self.key.address()).finish_non_exhaustive()
    }
}

#[async_trait::async_trait]
impl<K: SigningKey> TransactionSigner for Guarded<K> {
    fn address(&self) -> Address {
        self.key.address()
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
        let digest = transaction.signature_hash();
        let claimed = self.key.sign(&transaction).await.map_err(SignError::Unavailable)?;
        let signature = ours(self.address(), &digest, claimed).ok_or_else(|| {
            let why = "the signature is of another key, or of something else than asked";
            SignError::Unavailable(format!("{}: {why}", self.address()))
        })?;
        let (hash, raw) = seal(transaction, signature);
        let expected = expected(self.address(), self.policy.chain_id, request, hash);
        match decode(&raw) {
            Ok(decoded) if decoded == expected => Ok(SignedTransaction { hash, raw }),
            Ok(_) => Err(SignError::Unavailable("signed something else than asked".to_owned())),
            Err(error) => Err(SignError::Unavailable(error.to_string())),
        }
    }
}

/// The signature in its one valid form (low s, EIP-2, and the parity that leads to the signer);
/// `None` where neither parity does. Key services tell no parity and half of the time high s.
fn ours(signer: Address, digest: &B256, claimed: Signature) -> Option<Signature> {
    let low = claimed.normalized_s();
    [false, true].map(|parity| low.with_parity(parity)).into_iter().find(|signature| {
        let recovered = signature.recover_address_from_prehash(digest);
        recovered.is_ok_and(|address| address.into_array() == signer.0)
    })
}

/// What the bytes of this request must decode to.
pub(super) fn expected(
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
