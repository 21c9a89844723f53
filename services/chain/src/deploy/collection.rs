//! Deploying a collection of badge tokens.

use alloy::primitives::B256;
use alloy::sol_types::SolConstructor as _;
use domain::Block;
use proof::{Address, Hash};

use super::artifact::Artifact;
use super::{OwnerError, OwnerKey};
use crate::contract::{BadgeToken, IBadgeToken};
use crate::{Chain as _, EvmChain};

/// How a collection keeps the owners of its tokens. Calls, events and ids are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CollectionKind {
    /// `BadgeToken`: as code of contracts of their own, at a seventh of the usual gas.
    OwnersAsCode,
    /// `BadgeTokenStorage`: for chains where code cannot carry data.
    OwnersInStorage,
}

impl CollectionKind {
    fn artifact(self) -> Artifact {
        Artifact::read(match self {
            Self::OwnersAsCode => include_str!("../../../../contracts/abi/BadgeToken.json"),
            Self::OwnersInStorage => {
                include_str!("../../../../contracts/abi/BadgeTokenStorage.json")
            }
        })
    }
}

/// What a collection is deployed with. The deployer itself gets no role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectionSetup {
    /// Where its batches are anchored; it must be made an operator there
    /// ([`super::OwnerCall::AddOperator`]).
    pub registry: Address,
    /// Gives and takes the roles, sets the base URI; should be a multisig.
    pub owner: Address,
    /// May pause, and nothing else.
    pub guardian: Option<Address>,
    /// May mint.
    pub minters: Vec<Address>,
    /// Without quotation marks, backslashes and control characters.
    pub name: String,
    /// The same.
    pub symbol: String,
    /// Where metadata are read, ending with a slash; empty for metadata made on chain.
    pub base_uri: String,
    /// Whether a mint sends `Locked` for each token (ERC-5192), for about 1,020 gas each.
    pub locks_announced: bool,
}

/// A collection that was just deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeployedCollection {
    /// Where it is.
    pub address: Address,
    /// The block of its deployment, not final yet.
    pub block: Block,
    /// The transaction.
    pub transaction: Hash,
    /// Keccak-256 of its code; equal to [`collection_code_hash`].
    pub code_hash: Hash,
}

/// Keccak-256 of the code of a collection that was deployed from the committed bytecode. The two
/// immutable values stand in the code, so it is the same for all collections that share them.
#[must_use]
pub fn collection_code_hash(
    kind: CollectionKind,
    registry: Address,
    locks_announced: bool,
) -> Hash {
    let locks = B256::with_last_byte(u8::from(locks_announced));
    kind.artifact().code_hash(&[B256::left_padding_from(&registry.0), locks])
}

impl EvmChain {
    /// Deploys a collection from the committed bytecode, in one transaction, and waits until it is
    /// mined (not final). A trial run tells before anything is sent whether the chain suits it.
    ///
    /// # Errors
    /// See [`OwnerError`]; [`super::ContractRefusal::CodeCannotCarryData`] where only
    /// [`CollectionKind::OwnersInStorage`] will do.
    pub async fn deploy_collection(
        &self,
        key: &OwnerKey,
        kind: CollectionKind,
        setup: &CollectionSetup,
    ) -> Result<DeployedCollection, OwnerError> {
        let arguments = BadgeToken::constructorCall {
            setup: IBadgeToken::Setup {
                registry: setup.registry.0.into(),
                owner: setup.owner.0.into(),
                guardian: setup.guardian.unwrap_or_default().0.into(),
                minters: setup.minters.iter().map(|minter| minter.0.into()).collect(),
                name: setup.name.clone(),
                symbol: setup.symbol.clone(),
                baseURI: setup.base_uri.clone(),
                locksAnnounced: setup.locks_announced,
            },
        };
        let code = [&kind.artifact().bytecode[..], &arguments.abi_encode()].concat();
        let (nonce, transaction, block) = self.transact(key, None, code).await?;
        let address = Address(key.0.address().create(nonce).into_array());
        let code_hash = collection_code_hash(kind, setup.registry, setup.locks_announced);
        if self.code_hash(address).await? != Some(code_hash) {
            return Err(OwnerError::Code(address));
        }
        Ok(DeployedCollection { address, block, transaction, code_hash })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_depends_on_kind_registry_and_locks_alone() {
        let (one, other) = (Address([1; 20]), Address([2; 20]));
        let mut seen = Vec::new();
        for kind in [CollectionKind::OwnersAsCode, CollectionKind::OwnersInStorage] {
            for (registry, locks) in [(one, true), (one, false), (other, true), (other, false)] {
                let hash = collection_code_hash(kind, registry, locks);
                assert!(!seen.contains(&hash), "{kind:?} {registry} {locks}");
                seen.push(hash);
            }
        }
    }
}
