//! Calls that only a contract's owner may make.

use alloy::primitives::U256;
use alloy::sol_types::SolCall as _;
use proof::{Address, TokenId};

use crate::contract::{AnchorRegistry, BadgeToken};

/// A call that only the owner of a registry or a collection may make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnerCall {
    /// Of a registry: the account, a signer or a collection, may anchor.
    AddOperator(Address),
    /// Of a registry: the account may no longer anchor.
    RemoveOperator(Address),
    /// Of a registry: the account may revoke.
    AddRevoker(Address),
    /// Of a registry: the account may no longer revoke.
    RemoveRevoker(Address),
    /// Of a collection: the account may mint.
    AddMinter(Address),
    /// Of a collection: the account may no longer mint.
    RemoveMinter(Address),
    /// Of a collection: metadata are read here from now on; empty for those made on chain.
    SetBaseUri(String),
    /// Of a collection: the base URI never changes again.
    FreezeBaseUri,
    /// Of a collection, also by a minter: marketplaces are to read the metadata of these tokens anew.
    AnnounceMetadata(Vec<TokenId>),
    /// Of either: stops writing.
    Pause,
    /// Of either: lets it go on.
    Unpause,
}

impl OwnerCall {
    pub(super) fn to_input(&self) -> Vec<u8> {
        match self {
            Self::AddOperator(account) => {
                AnchorRegistry::addOperatorCall { operator: account.0.into() }.abi_encode()
            }
            Self::RemoveOperator(account) => {
                AnchorRegistry::removeOperatorCall { operator: account.0.into() }.abi_encode()
            }
            Self::AddRevoker(account) => {
                AnchorRegistry::addRevokerCall { revoker: account.0.into() }.abi_encode()
            }
            Self::RemoveRevoker(account) => {
                AnchorRegistry::removeRevokerCall { revoker: account.0.into() }.abi_encode()
            }
            Self::AddMinter(account) => {
                BadgeToken::addMinterCall { minter: account.0.into() }.abi_encode()
            }
            Self::RemoveMinter(account) => {
                BadgeToken::removeMinterCall { minter: account.0.into() }.abi_encode()
            }
            Self::SetBaseUri(uri) => {
                BadgeToken::setBaseURICall { newBaseURI: uri.clone() }.abi_encode()
            }
            Self::FreezeBaseUri => BadgeToken::freezeBaseURICall {}.abi_encode(),
            Self::AnnounceMetadata(ids) => {
                let ids = ids.iter().map(|id| U256::from_be_bytes(id.0)).collect();
                BadgeToken::announceMetadataCall { tokenIds: ids }.abi_encode()
            }
            Self::Pause => AnchorRegistry::pauseCall {}.abi_encode(),
            Self::Unpause => AnchorRegistry::unpauseCall {}.abi_encode(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_contracts_pause_by_the_same_selectors() {
        assert_eq!(AnchorRegistry::pauseCall::SELECTOR, BadgeToken::pauseCall::SELECTOR);
        assert_eq!(AnchorRegistry::unpauseCall::SELECTOR, BadgeToken::unpauseCall::SELECTOR);
    }
}
