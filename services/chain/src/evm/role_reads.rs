//! What an account may do on our contracts.

use alloy::eips::BlockId;
use proof::Address;

use super::{Node, block_id};
use crate::contract::{AnchorRegistry, BadgeToken};
use crate::{At, ChainError, EvmChain};

/// An account's roles on a registry, as one node told them of its head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountRoles {
    /// May anchor.
    pub operator: bool,
    /// May revoke.
    pub revoker: bool,
    /// The registry is paused: nobody may anchor or revoke.
    pub paused: bool,
}

/// `operatorState` of an account that is no operator; others are active or paused.
const NO_OPERATOR: u8 = 0;

impl Node {
    async fn roles(
        &self,
        registry: Address,
        account: Address,
        at: BlockId,
    ) -> Result<AccountRoles, ChainError> {
        let account = account.0.into();
        let state = self.view(registry, AnchorRegistry::operatorStateCall { account }, at).await?;
        Ok(AccountRoles {
            operator: state != NO_OPERATOR,
            revoker: self.view(registry, AnchorRegistry::isRevokerCall { account }, at).await?,
            paused: self.view(registry, AnchorRegistry::pausedCall {}, at).await?,
        })
    }
}

impl EvmChain {
    /// What the account may do on the registry now.
    ///
    /// # Errors
    /// [`ChainError::Contract`] where there is no registry.
    pub async fn roles(
        &self,
        registry: Address,
        account: Address,
    ) -> Result<AccountRoles, ChainError> {
        self.nodes.read(|node| node.roles(registry, account, block_id(At::Head))).await
    }

    /// Whether the account may mint in the collection now.
    ///
    /// # Errors
    /// [`ChainError::Contract`] where there is no collection.
    pub async fn is_minter(
        &self,
        collection: Address,
        account: Address,
    ) -> Result<bool, ChainError> {
        let asked = async |node: &Node| {
            let call = BadgeToken::isMinterCall { account: account.0.into() };
            node.view(collection, call, block_id(At::Head)).await
        };
        self.nodes.read(asked).await
    }
}
