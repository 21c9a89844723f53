//! What a test does to collections. All of it at once, and whatever is reorganised.

use proof::Address;

use super::SimulatedChain;
use super::collection::{Collection, CollectionRoles};
use crate::ChainEvent;

impl SimulatedChain {
    /// A collection at this address, in which `minter` may mint, and which is an operator of the
    /// registry ([`SimulatedChain::set_role`] takes that away).
    pub fn add_collection(&self, collection: Address, minter: Address) {
        let rules = &mut self.lock().world.rules;
        let roles = rules.collections.entry(collection).or_default();
        roles.minters.insert(minter);
        rules.registry_roles.writers.insert(collection);
    }

    /// Pauses the collection, or lets it go on.
    pub fn set_collection_paused(&self, collection: Address, paused: bool) {
        self.with_roles(collection, |roles| roles.paused = paused);
    }

    /// Makes the account a minter, or takes the role.
    pub fn set_minter(&self, collection: Address, account: Address, granted: bool) {
        self.with_roles(collection, |roles| {
            if granted {
                roles.minters.insert(account);
            } else {
                roles.minters.remove(&account);
            }
        });
    }

    /// Fills the collection up to `count` batches, counted at the head, with batches of others.
    pub fn set_batch_count(&self, collection: Address, count: u64) {
        let minted = {
            let world = &self.lock().world;
            let state = &world.head().state;
            state.collections.get(&collection).map_or(0, Collection::batches)
        };
        self.with_roles(collection, |roles| roles.fillers = count.saturating_sub(minted));
    }

    /// Takes the collection's code away.
    pub fn remove_collection(&self, collection: Address) {
        self.lock().world.rules.collections.remove(&collection);
    }

    /// What a mint costs for each token, in gas.
    pub fn set_gas_per_token(&self, gas: u64) {
        self.lock().world.rules.gas_per_token = gas;
    }

    /// From now on, until [`SimulatedChain::heal`], the node names this event too when it is asked
    /// about its block and contract. It omits events with [`super::ReadFault::Absent`].
    pub fn invent_event(&self, event: ChainEvent) {
        self.lock().faults.invented.push(event);
    }

    /// Nothing where there is no such collection.
    fn with_roles(&self, collection: Address, change: impl FnOnce(&mut CollectionRoles)) {
        if let Some(roles) = self.lock().world.rules.collections.get_mut(&collection) {
            change(roles);
        }
    }
}
