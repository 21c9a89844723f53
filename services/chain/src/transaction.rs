//! Signed transactions as bytes: what exactly did a signer sign?

use alloy::consensus::{
    SignableTransaction as _, Signed, TxEip1559, transaction::Transaction as _,
};
use alloy::eips::eip2718::Decodable2718 as _;
use alloy::primitives::{Signature, TxKind};
use domain::Fees;
use proof::{Address, Hash};

/// What raw bytes say; the signer is recovered from the signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodedTransaction {
    /// Keccak-256 of the raw bytes.
    pub hash: Hash,
    /// Who signed.
    pub signer: Address,
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// Of the signer's sequence.
    pub nonce: u64,
    /// The contract called; `None` for a deployment.
    pub to: Option<Address>,
    /// Selector and arguments.
    pub input: Vec<u8>,
    /// In wei.
    pub value: u128,
    /// In gas.
    pub gas_limit: u64,
    /// In wei per gas.
    pub fees: Fees,
}

/// Why bytes are no transaction of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Not an EIP-2718 envelope of an EIP-1559 transaction, or bytes follow it.
    #[error("not an EIP-1559 transaction: {0}")]
    Envelope(String),
    /// The signature leads to no address, or is not in the low-s form of EIP-2.
    #[error("the signature is not valid")]
    Signature,
    /// More wei than 128 bits can say; there are not so many.
    #[error("the value is beyond 128 bits")]
    Value,
    /// It has an access list, which we never sign.
    #[error("the transaction has an access list")]
    AccessList,
}

/// Reads a raw transaction strictly: EIP-1559, no access list, nothing behind it, valid signature.
///
/// # Errors
/// See [`DecodeError`].
pub fn decode(raw: &[u8]) -> Result<DecodedTransaction, DecodeError> {
    let signed = Signed::<TxEip1559>::decode_2718_exact(raw)
        .map_err(|error| DecodeError::Envelope(error.to_string()))?;
    if signed.signature().normalize_s().is_some() {
        return Err(DecodeError::Signature); // EIP-2: each transaction has one form, so one hash
    }
    let signer = signed
        .signature()
        .recover_address_from_prehash(&signed.signature_hash())
        .map_err(|_| DecodeError::Signature)?;
    let transaction = signed.tx();
    if !transaction.access_list.is_empty() {
        return Err(DecodeError::AccessList);
    }
    Ok(DecodedTransaction {
        hash: Hash(signed.hash().0),
        signer: Address(signer.into_array()),
        chain_id: transaction.chain_id,
        nonce: transaction.nonce,
        to: transaction.to.to().map(|to| Address(to.into_array())),
        input: transaction.input.to_vec(),
        value: transaction.value().try_into().map_err(|_| DecodeError::Value)?,
        gas_limit: transaction.gas_limit,
        fees: Fees {
            max_fee: transaction.max_fee_per_gas,
            max_priority_fee: transaction.max_priority_fee_per_gas,
        },
    })
}

/// An EIP-1559 transaction without value or access list, still to be signed.
pub(crate) fn unsigned(
    chain_id: u64,
    nonce: u64,
    to: Option<Address>,
    input: Vec<u8>,
    gas_limit: u64,
    fees: Fees,
) -> TxEip1559 {
    TxEip1559 {
        chain_id,
        nonce,
        gas_limit,
        max_fee_per_gas: fees.max_fee,
        max_priority_fee_per_gas: fees.max_priority_fee,
        to: to.map_or(TxKind::Create, |to| TxKind::Call(to.0.into())),
        input: input.into(),
        ..TxEip1559::default()
    }
}

/// Hash and raw bytes (EIP-2718) of a transaction with its signature.
pub(crate) fn seal(transaction: TxEip1559, signature: Signature) -> (Hash, Vec<u8>) {
    let signed = transaction.into_signed(signature);
    let mut raw = Vec::with_capacity(signed.eip2718_encoded_length());
    signed.eip2718_encode(&mut raw);
    (Hash(signed.hash().0), raw)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy::primitives::{Address as EvmAddress, U256};
    use alloy::signers::SignerSync as _;
    use alloy::signers::local::PrivateKeySigner;

    const FEES: Fees = Fees { max_fee: 9, max_priority_fee: 1 };

    fn transaction() -> TxEip1559 {
        unsigned(31_337, 5, Some(Address([7; 20])), vec![1, 2, 3], 60_000, FEES)
    }

    fn sign(transaction: &TxEip1559) -> (EvmAddress, Signature) {
        let key = PrivateKeySigner::from_bytes(&[1; 32].into()).unwrap();
        (key.address(), key.sign_hash_sync(&transaction.signature_hash()).unwrap())
    }

    #[test]
    fn what_was_signed_is_read_back() {
        let (signer, signature) = sign(&transaction());
        let (hash, raw) = seal(transaction(), signature);
        let expected = DecodedTransaction {
            hash,
            signer: Address(signer.into_array()),
            chain_id: 31_337,
            nonce: 5,
            to: Some(Address([7; 20])),
            input: vec![1, 2, 3],
            value: 0,
            gas_limit: 60_000,
            fees: FEES,
        };
        assert_eq!(decode(&raw), Ok(expected));
    }

    #[test]
    fn rubbish_is_refused() {
        let (_, raw) = seal(transaction(), sign(&transaction()).1);
        let long = [&raw[..], &[0]].concat();
        let short = &raw[..raw.len() - 1];
        for rubbish in [&[][..], &[2], &[0x02, 0xc0], &[0xff; 100], &[0x01, 0xc0], &long, short] {
            assert!(matches!(decode(rubbish), Err(DecodeError::Envelope(_))), "{rubbish:?}");
        }
    }

    #[test]
    fn the_second_form_of_a_signature_is_refused() {
        let order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
        let order = U256::from_str_radix(order, 16).unwrap();
        let (_, signature) = sign(&transaction());
        let twin = Signature::new(signature.r(), order - signature.s(), !signature.v());
        assert_eq!(decode(&seal(transaction(), twin).1), Err(DecodeError::Signature));
    }

    #[test]
    fn what_we_never_sign_is_refused() {
        let rich = TxEip1559 { value: U256::MAX, ..transaction() };
        let (_, signature) = sign(&rich);
        assert_eq!(decode(&seal(rich, signature).1), Err(DecodeError::Value));

        let listed = TxEip1559 { access_list: vec![Default::default()].into(), ..transaction() };
        let (_, signature) = sign(&listed);
        assert_eq!(decode(&seal(listed, signature).1), Err(DecodeError::AccessList));
    }
}
