//! What the signer signs, and nothing else.

use domain::{Fees, MAX_MINT_BATCH, MAX_REVOKED_INDEXES};
use proof::Address;

use crate::contract::are_mintable;
use crate::{ContractCall, TransactionRequest};

/// The limits of the signing path, fixed when a signer is made. A caller that is taken over can
/// anchor, mint and revoke, it cannot spend or move anything else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningPolicy {
    /// The only chain (EIP-155), so that nothing can be replayed on another.
    pub chain_id: u64,
    /// Where it anchors and revokes.
    pub registries: Vec<Address>,
    /// Where it mints. With the registries, the only contracts called.
    pub collections: Vec<Address>,
    /// Largest gas limit, in gas.
    pub gas_cap: u64,
    /// Largest fee, in wei per gas: the safety net above the fee policy's budget.
    pub fee_cap: u128,
}

/// Why a request is not signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Another contract.
    #[error("{0} is not one of our registries")]
    Registry(Address),
    /// A mint elsewhere.
    #[error("{0} is not one of our collections")]
    Collection(Address),
    /// More gas than allowed.
    #[error("gas limit {asked} is above the cap {cap}")]
    Gas {
        /// In gas.
        asked: u64,
        /// In gas.
        cap: u64,
    },
    /// A higher fee than allowed.
    #[error("fee {asked} is above the cap {cap} (wei per gas)")]
    Fee {
        /// In wei per gas.
        asked: u128,
        /// In wei per gas.
        cap: u128,
    },
    /// EIP-1559 allows no priority fee above the fee.
    #[error("priority fee {priority} is above the fee {fee} (wei per gas)")]
    PriorityFee {
        /// In wei per gas.
        priority: u128,
        /// In wei per gas.
        fee: u128,
    },
    /// A revocation names 1 to [`MAX_REVOKED_INDEXES`] leaves, ascending.
    #[error("the leaf indexes are not 1 to {MAX_REVOKED_INDEXES}, ascending, each once")]
    Indexes,
    /// A mint names 1 to [`MAX_MINT_BATCH`] owners, one for each leaf.
    #[error(
        "the owners are not one for each of 1 to {MAX_MINT_BATCH} leaves, ascending, none zero"
    )]
    Owners,
}

impl SigningPolicy {
    /// Whether this may be signed.
    ///
    /// # Errors
    /// The first rule that the request breaks.
    pub fn check(&self, request: &TransactionRequest) -> Result<(), Refusal> {
        let TransactionRequest { call, gas_limit, fees, .. } = request;
        let Fees { max_fee, max_priority_fee } = *fees;
        match call {
            ContractCall::Anchor { registry, .. } | ContractCall::Revoke { registry, .. } => {
                if !self.registries.contains(registry) {
                    return Err(Refusal::Registry(*registry));
                }
            }
            ContractCall::Mint { collection, .. } => {
                if !self.collections.contains(collection) {
                    return Err(Refusal::Collection(*collection));
                }
            }
        }
        if *gas_limit > self.gas_cap {
            return Err(Refusal::Gas { asked: *gas_limit, cap: self.gas_cap });
        }
        if max_fee > self.fee_cap {
            return Err(Refusal::Fee { asked: max_fee, cap: self.fee_cap });
        }
        if max_priority_fee > max_fee {
            return Err(Refusal::PriorityFee { priority: max_priority_fee, fee: max_fee });
        }
        match call {
            ContractCall::Anchor { .. } => Ok(()),
            ContractCall::Mint { size, owners, .. } => {
                if are_mintable(*size, owners) {
                    Ok(())
                } else {
                    Err(Refusal::Owners)
                }
            }
            ContractCall::Revoke { indexes, .. } => {
                let count = (1..=MAX_REVOKED_INDEXES as usize).contains(&indexes.len());
                let ascending = indexes.is_sorted_by(|a, b| a < b);
                if count && ascending { Ok(()) } else { Err(Refusal::Indexes) }
            }
        }
    }
}
