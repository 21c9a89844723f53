//! The token that was minted for a badge, as a proof document has it.

use serde::{Deserialize, Serialize};

use crate::document::Computed;
use crate::inclusion::{InclusionError, inclusion_root};
use crate::spelling::{at_most, lower_address, present_address, safe_integer};
use crate::{Address, Entry, Hash, MAX_PATH_LEN, TokenId, commitment};

/// A badge token (ERC-721) and its leaf's place in the mint batch. The leaf is the badge's with a
/// salt of its own, so that badge and token can be revoked apart. `chain_id` and `contract` select a collection of the trust file;
/// `id` follows from the place. Members that this version does not know are ignored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenRef {
    /// The chain (EIP-155), at most [`crate::MAX_SAFE_INTEGER`].
    #[serde(with = "safe_integer")]
    pub chain_id: u64,
    /// The collection.
    #[serde(deserialize_with = "lower_address")]
    pub contract: Address,
    /// The token's id.
    pub id: TokenId,
    /// In the place of the badge's salt in the token's entry.
    pub salt: Hash,
    /// To whom it was minted: a hint.
    #[serde(
        default,
        deserialize_with = "present_address",
        skip_serializing_if = "Option::is_none"
    )]
    pub owner: Option<Address>,
    /// The leaf's place in the mint batch.
    pub inclusion: TokenInclusion,
}

/// A leaf's place in the tree of a mint batch, which never has a Blockcerts tree beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TokenInclusion {
    /// The leaf's place, from 0.
    #[serde(with = "safe_integer")]
    pub index: u64,
    /// Leaves in the tree: tokens of the batch.
    #[serde(with = "safe_integer")]
    pub tree_size: u64,
    /// Siblings from the leaf's upwards.
    #[serde(deserialize_with = "at_most::<MAX_PATH_LEN, _, _>")]
    pub path: Vec<Hash>,
}

/// Why a token is not the badge's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The path does not fit its place.
    #[error("the token's place: {0}")]
    Inclusion(#[from] InclusionError),
    /// At this place of the batch to which the path leads stands another token.
    #[error("the token's id is {stated}, its badge and place make it {computed}")]
    Id {
        /// In the document.
        stated: TokenId,
        /// What follows from leaf and inclusion.
        computed: TokenId,
    },
}

impl TokenRef {
    /// Leaf of the token, root and commitment of the mint batch, by strict inclusion. `badge` is the
    /// badge's entry.
    ///
    /// # Errors
    /// Each [`TokenError`].
    pub fn computed(&self, badge: Entry) -> Result<Computed, TokenError> {
        let leaf = Entry { salt: self.salt, ..badge }.leaf();
        let TokenInclusion { index, tree_size, path } = &self.inclusion;
        let root = inclusion_root(leaf, *index, *tree_size, path)?;
        let commitment = commitment(*tree_size, root, Hash::ZERO);
        let outside = InclusionError::Index { index: *index, size: *tree_size };
        let computed = TokenId::of(commitment, u32::try_from(*index).map_err(|_| outside)?);
        if computed == self.id {
            Ok(Computed { leaf, root, commitment })
        } else {
            Err(TokenError::Id { stated: self.id, computed })
        }
    }
}
