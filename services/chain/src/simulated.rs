//! A small chain in memory: blocks, a pool, one registry, collections, nonces, fees, reorgs, and switches for
//! everything that nodes are known to do wrong. It is deterministic, and time is passed in.
//!
//! Raw transactions are real ones: what the signer made is decoded, and its sender recovered.

mod collection;
mod collection_controls;
mod controls;
mod faults;
mod holding;
mod node;
mod others;
mod pool;
mod registry;
mod state;
mod world;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::Clock;
use proof::{Address, Hash};

pub use controls::{MinedTransaction, Reorg};
pub use faults::{Read, ReadFault, SendFault};

use faults::Faults;
use holding::Hold;
use world::World;

/// How a [`SimulatedChain`] begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimulatedConfig {
    /// EIP-155 chain id.
    pub chain_id: u64,
    /// Where the one registry is.
    pub registry: Address,
    /// Blocks between the head and the finalized tag.
    pub finality_lag: u64,
    /// Least depth below the head of what is called final.
    pub min_depth: u64,
    /// Blocks whose state can still be read, as full nodes keep it.
    pub state_blocks: u64,
    /// Largest gas limit that `preflight` gives.
    pub gas_cap: u64,
    /// What a mint costs for each token, in gas; it stays until it is set.
    pub gas_per_token: u64,
    /// What every account has until it spends it, in wei.
    pub balance: u128,
    /// In wei per gas; it stays until it is set.
    pub base_fee: u128,
    /// The node's suggestion, in wei per gas.
    pub priority_fee: u128,
}

impl Default for SimulatedConfig {
    fn default() -> Self {
        Self {
            chain_id: 31_337,
            registry: Address([0xa1; 20]),
            finality_lag: 2,
            min_depth: 1,
            state_blocks: 128,
            gas_cap: 10_000_000,
            gas_per_token: 7_350,
            balance: 10_000_000_000_000_000_000,
            base_fee: 1_000_000_000,
            priority_fee: 1_000_000_000,
        }
    }
}

/// The chain of the service's tests. It implements [`crate::Chain`] as the most honest and the most
/// dishonest node would, as it is told.
pub struct SimulatedChain {
    chain_id: u64,
    inner: Mutex<Inner>,
}

struct Inner {
    world: World,
    faults: Faults,
    wire: Vec<Hash>,
    hold: Hold,
}

impl SimulatedChain {
    /// A chain with one block, at the clock's time. Nobody has a role in the registry yet.
    #[must_use]
    pub fn new(config: SimulatedConfig, clock: Arc<dyn Clock>) -> Self {
        let chain_id = config.chain_id;
        let world = World::new(config, clock);
        let inner =
            Inner { world, faults: Faults::default(), wire: Vec::new(), hold: Hold::default() };
        Self { chain_id, inner: Mutex::new(inner) }
    }

    /// A test that panicked elsewhere must not hide its message behind a poisoned lock.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
