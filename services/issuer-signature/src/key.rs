//! Public keys, and whether a signature is theirs.

use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use proof::Hash;
use rsa::signature::Verifier as _;

use crate::Code;

/// RSA moduli that are checked, in bits: shorter ones are forged, longer ones only cost time.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;

/// A key that a badge carries or names in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PublicKey {
    Ed25519(ed25519_dalek::VerifyingKey),
    P256(p256::ecdsa::VerifyingKey),
    Rsa(rsa::PublicKey),
}

/// How a signature is made (RFC 7518, RFC 8037; the cryptosuites use the first two).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    EdDsa,
    Es256,
    Rs256,
}

impl PublicKey {
    pub(crate) fn ed25519(bytes: &[u8]) -> Result<Self, Code> {
        let bytes: &[u8; 32] = bytes.try_into().map_err(|_| Code::MalformedKey)?;
        ed25519_dalek::VerifyingKey::from_bytes(bytes)
            .map(Self::Ed25519)
            .map_err(|_| Code::MalformedKey)
    }

    /// A point of P-256 in SEC1 form, compressed or not.
    pub(crate) fn p256(bytes: &[u8]) -> Result<Self, Code> {
        p256::ecdsa::VerifyingKey::from_sec1_bytes(bytes)
            .map(Self::P256)
            .map_err(|_| Code::MalformedKey)
    }

    /// Modulus and exponent, big-endian.
    pub(crate) fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<Self, Code> {
        let modulus = &modulus[modulus.iter().take_while(|byte| **byte == 0).count()..];
        if !RSA_BITS.contains(&(modulus.len() * 8)) {
            return Err(Code::UnsupportedKey);
        }
        // the exponents in use are 3 and 65537; the library itself refuses those beyond 33 bits
        if exponent.len() > 5 {
            return Err(Code::UnsupportedKey);
        }
        let number = |bytes| rsa::BoxedUint::from_be_slice_vartime(bytes);
        rsa::PublicKey::new(number(modulus), number(exponent))
            .map(Self::Rsa)
            .map_err(|_| Code::MalformedKey)
    }

    /// Whether `signature` is this key's over `message`.
    ///
    /// # Errors
    /// `unsupported_algorithm` for an algorithm of another kind of key, `malformed_signature`,
    /// `wrong_signature`.
    pub(crate) fn verify(
        &self,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), Code> {
        match (self, algorithm) {
            (Self::Ed25519(key), Algorithm::EdDsa) => {
                let signature = ed25519_dalek::Signature::from_slice(signature)
                    .map_err(|_| Code::MalformedSignature)?;
                key.verify_strict(message, &signature).map_err(|_| Code::WrongSignature)
            }
            (Self::P256(key), Algorithm::Es256) => {
                let signature = p256::ecdsa::Signature::from_slice(signature)
                    .map_err(|_| Code::MalformedSignature)?;
                key.verify_prehash(&Hash::of(&[message]).0, &signature)
                    .map_err(|_| Code::WrongSignature)
            }
            (Self::Rsa(key), Algorithm::Rs256) => {
                let signature = rsa::pkcs1v15::Signature::try_from(signature)
                    .map_err(|_| Code::MalformedSignature)?;
                rsa::pkcs1v15::VerifyingKey::<sha2::Sha256>::new(key.clone())
                    .verify(message, &signature)
                    .map_err(|_| Code::WrongSignature)
            }
            _ => Err(Code::UnsupportedAlgorithm),
        }
    }
}
