//! Transactions that wait, by the rules of real nodes.

use std::collections::BTreeMap;

use proof::{Address, Hash};

use crate::{DecodedTransaction, SendError, Sent};

/// Gas that one transaction may use at most (EIP-7825).
pub(super) const TRANSACTION_GAS_CAP: u64 = 16_777_216;

/// What the head says of a sender.
#[derive(Debug, Clone, Copy)]
pub(super) struct Account {
    pub(super) nonce: u64,
    pub(super) balance: u128,
}

/// By sender and nonce.
#[derive(Debug, Default)]
pub(super) struct Pool(pub(super) BTreeMap<(Address, u64), DecodedTransaction>);

impl Pool {
    pub(super) fn send(
        &mut self,
        transaction: DecodedTransaction,
        account: Account,
    ) -> Result<Sent, SendError> {
        let key = (transaction.signer, transaction.nonce);
        let waiting = self.0.get(&key);
        if waiting.is_some_and(|waiting| waiting.hash == transaction.hash) {
            return Ok(Sent::AlreadyKnown);
        }
        if transaction.nonce < account.nonce {
            return Ok(Sent::NonceTooLow);
        }
        if transaction.gas_limit < intrinsic_gas(&transaction.input) {
            return Err(SendError::Rejected("intrinsic gas too low".to_owned()));
        }
        if transaction.gas_limit > TRANSACTION_GAS_CAP {
            return Err(SendError::Rejected("transaction gas limit too high".to_owned()));
        }
        if cost(&transaction) > account.balance {
            return Err(SendError::Funds("insufficient funds for gas * price + value".to_owned()));
        }
        if waiting.is_some_and(|waiting| !replaces(&transaction, waiting)) {
            return Err(SendError::Underpriced("replacement transaction underpriced".to_owned()));
        }
        self.0.insert(key, transaction);
        Ok(Sent::Accepted)
    }

    /// What waits of one sender, by nonce.
    pub(super) fn of(&self, sender: Address) -> impl Iterator<Item = &DecodedTransaction> {
        self.0.range((sender, 0)..=(sender, u64::MAX)).map(|(_, transaction)| transaction)
    }

    /// Forgets what can no longer be mined.
    pub(super) fn prune(&mut self, nonce_of: impl Fn(Address) -> u64) {
        self.0.retain(|(sender, nonce), _| *nonce >= nonce_of(*sender));
    }

    pub(super) fn hashes(&self) -> Vec<Hash> {
        self.0.values().map(|transaction| transaction.hash).collect()
    }
}

/// What the sender must own for it.
pub(super) fn cost(transaction: &DecodedTransaction) -> u128 {
    u128::from(transaction.gas_limit)
        .saturating_mul(transaction.fees.max_fee)
        .saturating_add(transaction.value)
}

/// Gas of the bytes alone: 21,000, and 4 or 16 for each zero or other byte of input.
pub(super) fn intrinsic_gas(input: &[u8]) -> u64 {
    input.iter().fold(21_000, |gas, byte| gas + if *byte == 0 { 4 } else { 16 })
}

/// Both fees at least 10 % higher, as geth wants it.
fn replaces(new: &DecodedTransaction, old: &DecodedTransaction) -> bool {
    let enough = |new: u128, old: u128| new.saturating_mul(10) >= old.saturating_mul(11);
    enough(new.fees.max_fee, old.fees.max_fee)
        && enough(new.fees.max_priority_fee, old.fees.max_priority_fee)
}
