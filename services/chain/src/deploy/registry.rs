//! Deploying a registry.

use alloy::primitives::keccak256;
use alloy::sol_types::SolConstructor as _;
use domain::Block;
use proof::{Address, Hash};

use super::{OwnerError, OwnerKey};
use crate::contract::AnchorRegistry;
use crate::{Chain as _, EvmChain};

/// Keccak-256 of the code of every `AnchorRegistry` that was deployed from the committed bytecode
/// (it has no immutable values, so all are the same).
#[must_use]
pub fn registry_code_hash() -> Hash {
    Hash(keccak256(&AnchorRegistry::DEPLOYED_BYTECODE).0)
}

/// The roles that a registry begins with. The deployer itself gets none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryRoles {
    /// Gives and takes the roles; should be a multisig.
    pub owner: Address,
    /// May pause, and nothing else.
    pub guardian: Option<Address>,
    /// May anchor; at most 16.
    pub operators: Vec<Address>,
    /// May revoke single badges.
    pub revokers: Vec<Address>,
}

/// A registry that was just deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeployedRegistry {
    /// Where it is.
    pub address: Address,
    /// The block of its deployment, not final yet.
    pub block: Block,
    /// The transaction.
    pub transaction: Hash,
    /// Keccak-256 of its code; equal to [`registry_code_hash`].
    pub code_hash: Hash,
}

impl EvmChain {
    /// Deploys a registry from the committed bytecode, in one transaction, and waits until it is
    /// mined (not final).
    ///
    /// # Errors
    /// See [`OwnerError`].
    pub async fn deploy_registry(
        &self,
        key: &OwnerKey,
        roles: &RegistryRoles,
    ) -> Result<DeployedRegistry, OwnerError> {
        let accounts = |list: &[Address]| list.iter().map(|one| one.0.into()).collect();
        let arguments = AnchorRegistry::constructorCall {
            firstOwner: roles.owner.0.into(),
            firstGuardian: roles.guardian.unwrap_or_default().0.into(),
            firstOperators: accounts(&roles.operators),
            firstRevokers: accounts(&roles.revokers),
        };
        let code = [&AnchorRegistry::BYTECODE[..], &arguments.abi_encode()].concat();
        let (nonce, transaction, block) = self.transact(key, None, code).await?;
        let address = Address(key.0.address().create(nonce).into_array());
        let code_hash = self.code_hash(address).await?;
        if code_hash != Some(registry_code_hash()) {
            return Err(OwnerError::Code(address));
        }
        Ok(DeployedRegistry { address, block, transaction, code_hash: registry_code_hash() })
    }
}
