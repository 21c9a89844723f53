//! What a node is asked about a collection.

use alloy::eips::BlockId;
use alloy::primitives::{B256, U256};
use alloy::sol_types::SolError as _;
use proof::{Address, EvmHash, Hash, TokenId};

use super::Node;
use crate::contract::BadgeToken;
use crate::{ChainError, TokenFact};

impl Node {
    pub(crate) async fn minted(
        &self,
        collection: Address,
        commitment: Hash,
        at: BlockId,
    ) -> Result<Option<EvmHash>, ChainError> {
        let call = BadgeToken::ownersHashCall { commitment: commitment.0.into() };
        let hash: B256 = self.view(collection, call, at).await?;
        Ok((!hash.is_zero()).then_some(EvmHash(hash.0)))
    }

    pub(crate) async fn batch_count(
        &self,
        collection: Address,
        at: BlockId,
    ) -> Result<u64, ChainError> {
        let count: U256 = self.view(collection, BadgeToken::batchCountCall {}, at).await?;
        count.try_into().map_err(|_| {
            ChainError::Contract(format!("{collection} claims {count} batches: no collection"))
        })
    }

    /// At a moving head the two calls may see different blocks; a token that is burned in between is
    /// not valid either.
    pub(crate) async fn token(
        &self,
        collection: Address,
        id: TokenId,
        at: BlockId,
    ) -> Result<TokenFact, ChainError> {
        let id = U256::from_be_bytes(id.0);
        let valid = self.view(collection, BadgeToken::isValidCall { tokenId: id }, at).await?;
        let call = BadgeToken::ownerOfCall { tokenId: id };
        let owner = match self.try_view(collection, call, at).await? {
            Ok(owner) => Some(Address(owner.into_array())),
            Err(data) if data == BadgeToken::UnknownToken { tokenId: id }.abi_encode() => None,
            // some nodes keep to themselves what a call reverted with; this function reverts for one
            // reason only, and a token that is valid exists
            Err(data) if data.is_empty() && !valid => None,
            Err(_) => {
                return Err(ChainError::Contract(format!("{collection}: ownerOf reverts oddly")));
            }
        };
        Ok(TokenFact { owner, valid: valid && owner.is_some() })
    }
}
