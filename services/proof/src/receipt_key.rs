//! Making receipts: the service's side.

use std::fmt;

use ed25519_dalek::{Signer as _, SigningKey};

use crate::breach::{Breach, BreachProof, BreachStatement};
use crate::held_tree::HeldTree;
use crate::inclusion::InclusionError;
use crate::promise::Promise;
use crate::receipt::{Receipt, ReceiptProof, signed_text};
use crate::{Hash, PublicKey, Signature};

/// The service's signing key for receipts; wiped from memory when dropped.
pub struct ReceiptKey {
    signing: SigningKey,
    public: PublicKey,
    id: Hash,
}

/// One signature over many promises.
#[derive(Debug, Clone)]
pub struct SignedChunk {
    /// The signing key's id.
    pub key_id: Hash,
    /// Root of the tree over the promises' [`Promise::receipt_leaf`]s.
    pub root: Hash,
    /// How many they are.
    pub size: u64,
    /// Over [`signed_text`] of `size` and `root`.
    pub signature: Signature,
    tree: HeldTree,
}

/// Why no receipt was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChunkError {
    /// No promises, too many, or no such place among them.
    #[error(transparent)]
    Place(#[from] InclusionError),
    /// The chunk has another promise there.
    #[error("the chunk has another promise at index {0}")]
    OtherPromise(u64),
}

impl ReceiptKey {
    /// From the 32 secret bytes of RFC 8032 section 5.1.5.
    #[must_use]
    pub fn from_seed(seed: [u8; 32]) -> Self {
        let signing = SigningKey::from_bytes(&seed);
        let public = PublicKey(signing.verifying_key().to_bytes());
        Self { signing, public, id: public.id() }
    }

    /// [`PublicKey::id`] of [`ReceiptKey::public`].
    #[must_use]
    pub const fn key_id(&self) -> Hash {
        self.id
    }

    /// What the trust file publishes.
    #[must_use]
    pub const fn public(&self) -> PublicKey {
        self.public
    }

    /// Signs promises by their [`Promise::receipt_leaf`]s, in this order. Only for promises that
    /// are durable.
    ///
    /// # Errors
    /// [`ChunkError::Place`] for no promises, or too many.
    pub fn sign_chunk(&self, receipt_leaves: &[Hash]) -> Result<SignedChunk, ChunkError> {
        let tree = HeldTree::of(receipt_leaves)?;
        let (root, size) = (tree.root(), tree.size());
        let signature = self.sign(size, root);
        Ok(SignedChunk { key_id: self.id, root, size, signature, tree })
    }

    /// The receipt of a single submission: a tree of one promise, so an empty path. Only for a
    /// promise that is durable.
    #[must_use]
    pub fn issue(&self, promise: Promise) -> Receipt {
        let signature = self.sign(1, promise.receipt_leaf());
        let proof =
            ReceiptProof { key_id: self.id, index: 0, size: 1, path: Vec::new(), signature };
        Receipt { promise, proof }
    }

    /// States a breach. Only for one that is on record; the same statement gets the same signature.
    #[must_use]
    pub fn state_breach(&self, statement: BreachStatement) -> Breach {
        let signature = Signature(self.signing.sign(&statement.signed_text()).to_bytes());
        Breach { statement, proof: BreachProof { key_id: self.id, signature } }
    }

    fn sign(&self, size: u64, root: Hash) -> Signature {
        Signature(self.signing.sign(&signed_text(size, root)).to_bytes())
    }
}

impl fmt::Debug for ReceiptKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReceiptKey({})", self.id)
    }
}

impl SignedChunk {
    /// What the reader of a bulk answer has: all promises' leaves and the signature from the
    /// footer, from which each receipt follows. Nothing is verified here; see
    /// [`crate::verify_receipt`].
    ///
    /// # Errors
    /// [`ChunkError::Place`] for no promises, or too many.
    pub fn of_answer(
        receipt_leaves: &[Hash],
        key_id: Hash,
        signature: Signature,
    ) -> Result<Self, ChunkError> {
        let tree = HeldTree::of(receipt_leaves)?;
        Ok(Self { key_id, root: tree.root(), size: tree.size(), signature, tree })
    }

    /// The receipt of the promise at `index`.
    ///
    /// # Errors
    /// [`ChunkError::Place`] or [`ChunkError::OtherPromise`].
    pub fn receipt(&self, promise: Promise, index: u64) -> Result<Receipt, ChunkError> {
        let path = self.tree.path(index)?;
        let leaf = promise.receipt_leaf();
        if crate::inclusion_root(leaf, index, self.size, &path)? != self.root {
            return Err(ChunkError::OtherPromise(index));
        }
        let Self { key_id, size, signature, .. } = *self;
        Ok(Receipt { promise, proof: ReceiptProof { key_id, index, size, path, signature } })
    }
}
