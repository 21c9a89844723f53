//! What a contract says against its deployment, or against a call of its owner, in plain words.

use alloy::sol_types::SolInterface as _;
use proof::Address;

use crate::contract::AnchorRegistry::AnchorRegistryErrors as RegistryErrors;
use crate::contract::BadgeToken::BadgeTokenErrors as TokenErrors;

/// Why a contract reverts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ContractRefusal {
    /// `NotOwner`.
    #[error("{0} is not its owner")]
    NotOwner(Address),
    /// `NotGuardian`.
    #[error("{0} is neither its owner nor its guardian")]
    NotGuardian(Address),
    /// `CodeCannotCarryData`.
    #[error(
        "on this chain a contract's code is not kept as it was given, so owners of tokens cannot be \
         kept as code: deploy the collection that keeps them in storage (BadgeTokenStorage)"
    )]
    CodeCannotCarryData,
    /// `Sha256Unavailable`.
    #[error("this chain has no working SHA-256 precompile, so no proof could be checked on it")]
    Sha256Unavailable,
    /// `NoRegistry`.
    #[error("there is no contract at the registry's address {0}")]
    NoRegistry(Address),
    /// `UnprintableName`.
    #[error(
        "name and symbol must not have quotation marks, backslashes or control characters, for they \
         stand in JSON made on chain"
    )]
    UnprintableName,
    /// `ZeroAddress`.
    #[error("the zero address can hold no role")]
    ZeroAddress,
    /// `TooManyOperators`.
    #[error("the registry has 16 operators already; remove one first")]
    TooManyOperators,
    /// `BaseURIIsFrozen`.
    #[error("the base URI was made final")]
    BaseUriFrozen,
    /// Anything else.
    #[error("it reverts, and neither it nor the node says why: is this the right contract?")]
    Unexplained,
}

impl ContractRefusal {
    /// The error of either contract that this is.
    pub(super) fn read(data: &[u8]) -> Self {
        match RegistryErrors::abi_decode(data) {
            Ok(RegistryErrors::NotOwner(error)) => {
                return Self::NotOwner(Address(error.caller.into_array()));
            }
            Ok(RegistryErrors::NotGuardian(error)) => {
                return Self::NotGuardian(Address(error.caller.into_array()));
            }
            Ok(RegistryErrors::Sha256Unavailable(_)) => return Self::Sha256Unavailable,
            Ok(RegistryErrors::ZeroAddress(_)) => return Self::ZeroAddress,
            Ok(RegistryErrors::TooManyOperators(_)) => return Self::TooManyOperators,
            _ => {}
        }
        match TokenErrors::abi_decode(data) {
            Ok(TokenErrors::CodeCannotCarryData(_)) => Self::CodeCannotCarryData,
            Ok(TokenErrors::NoRegistry(error)) => {
                Self::NoRegistry(Address(error.registry.into_array()))
            }
            Ok(TokenErrors::UnprintableName(_)) => Self::UnprintableName,
            Ok(TokenErrors::BaseURIIsFrozen(_)) => Self::BaseUriFrozen,
            _ => Self::Unexplained,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{AnchorRegistry, BadgeToken};
    use alloy::sol_types::SolError as _;

    #[test]
    fn errors_of_both_contracts_are_known() {
        let (caller, registry) = ([7; 20].into(), [8; 20].into());
        for (data, refusal) in [
            (
                AnchorRegistry::NotOwner { caller }.abi_encode(),
                ContractRefusal::NotOwner(Address([7; 20])),
            ),
            (
                BadgeToken::NotOwner { caller }.abi_encode(),
                ContractRefusal::NotOwner(Address([7; 20])),
            ),
            (
                BadgeToken::NotGuardian { caller }.abi_encode(),
                ContractRefusal::NotGuardian(Address([7; 20])),
            ),
            (AnchorRegistry::Sha256Unavailable {}.abi_encode(), ContractRefusal::Sha256Unavailable),
            (BadgeToken::Sha256Unavailable {}.abi_encode(), ContractRefusal::Sha256Unavailable),
            (BadgeToken::ZeroAddress {}.abi_encode(), ContractRefusal::ZeroAddress),
            (AnchorRegistry::TooManyOperators {}.abi_encode(), ContractRefusal::TooManyOperators),
            (BadgeToken::CodeCannotCarryData {}.abi_encode(), ContractRefusal::CodeCannotCarryData),
            (
                BadgeToken::NoRegistry { registry }.abi_encode(),
                ContractRefusal::NoRegistry(Address([8; 20])),
            ),
            (BadgeToken::UnprintableName {}.abi_encode(), ContractRefusal::UnprintableName),
            (BadgeToken::BaseURIIsFrozen {}.abi_encode(), ContractRefusal::BaseUriFrozen),
            (BadgeToken::Soulbound {}.abi_encode(), ContractRefusal::Unexplained),
            (vec![], ContractRefusal::Unexplained),
        ] {
            assert_eq!(ContractRefusal::read(&data), refusal);
        }
    }
}
