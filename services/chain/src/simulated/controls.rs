//! What a test does to the chain, and what it may see of it that no node would tell.

use domain::Block;
use proof::{Address, Hash};

use super::faults::Faults;
use super::{Read, ReadFault, SendFault, SimulatedChain};
use crate::{ContractCall, DecodeError, DecodedTransaction, Header, decode};

/// What takes the place of the blocks that a reorg removes, and of their transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reorg {
    /// As many empty blocks; the transactions are lost.
    Lost,
    /// As many empty blocks; the transactions wait in the pool again, unless others took their
    /// place.
    Returned,
    /// Nothing: the head goes backwards, the transactions are lost.
    Shorter,
}

/// A transaction on the canonical chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MinedTransaction {
    /// Keccak-256 of the raw bytes.
    pub hash: Hash,
    /// Who signed.
    pub signer: Address,
    /// Of the signer's sequence.
    pub nonce: u64,
    /// Where it is.
    pub block: Block,
    /// `false`: reverted.
    pub succeeded: bool,
    /// What it called, unless it was a foreign one.
    pub call: Option<ContractCall>,
}

impl SimulatedChain {
    /// Mines a block with what the pool has to offer.
    pub fn mine(&self) -> Header {
        let world = &mut self.lock().world;
        let transactions = world.executable();
        let deeds = std::mem::take(&mut world.waiting_deeds);
        world.seal(transactions, deeds)
    }

    /// Mines `count` blocks.
    pub fn mine_n(&self, count: u64) {
        for _ in 0..count {
            self.mine();
        }
    }

    /// Mines a block and leaves the pool alone.
    pub fn mine_empty(&self) -> Header {
        self.lock().world.seal(Vec::new(), Vec::new())
    }

    /// Mines a block with just this transaction, whether the pool knows it or not: somebody else
    /// sent stored bytes. `None` where no block could hold it (its nonce is not the next one, or it
    /// pays less than the base fee).
    ///
    /// # Errors
    /// The bytes are no transaction.
    pub fn mine_raw(&self, raw: &[u8]) -> Result<Option<Header>, DecodeError> {
        let transaction = decode(raw)?;
        let world = &mut self.lock().world;
        let next = world.account(transaction.signer).nonce == transaction.nonce;
        let pays = transaction.fees.max_fee >= world.config.base_fee;
        Ok((next && pays).then(|| world.seal(vec![transaction], Vec::new())))
    }

    /// Mines a block in which somebody else used this account's key for something else: the next
    /// nonce is gone.
    pub fn foreign_transaction(&self, account: Address) -> Header {
        let world = &mut self.lock().world;
        let nonce = world.account(account).nonce;
        let base_fee = world.config.base_fee;
        let height = world.height().to_be_bytes();
        let transaction = DecodedTransaction {
            hash: Hash::of(&[b"foreign", &account.0, &nonce.to_be_bytes(), &height]),
            signer: account,
            chain_id: self.chain_id,
            nonce,
            to: Some(account),
            input: Vec::new(),
            value: 0,
            gas_limit: 21_000,
            fees: domain::Fees { max_fee: base_fee, max_priority_fee: 0 },
        };
        world.seal(vec![transaction], Vec::new())
    }

    /// Removes the newest `depth` blocks, finalized or not, but for the first block.
    pub fn reorg(&self, depth: u64, kind: Reorg) {
        let world = &mut self.lock().world;
        let removed = world.unseal(depth);
        if kind == Reorg::Returned {
            for mined in removed.iter().flat_map(|block| &block.mined) {
                let key = (mined.transaction.signer, mined.transaction.nonce);
                world.pool.0.entry(key).or_insert_with(|| mined.transaction.clone());
            }
            let deeds = removed.iter().flat_map(|block| block.deeds.clone());
            world.waiting_deeds.extend(deeds);
        }
        if kind != Reorg::Shorter {
            for _ in &removed {
                world.seal(Vec::new(), Vec::new());
            }
        }
    }

    /// Forgets all that waits.
    pub fn drop_pool(&self) {
        let world = &mut self.lock().world;
        world.pool.0.clear();
        world.waiting_deeds.clear();
    }

    /// From the next block on, in wei per gas.
    pub fn set_base_fee(&self, wei: u128) {
        self.lock().world.config.base_fee = wei;
    }

    /// The node's suggestion, in wei per gas.
    pub fn set_priority_fee(&self, wei: u128) {
        self.lock().world.config.priority_fee = wei;
    }

    /// Pauses the registry, or lets it go on. At once, and whatever is reorganised.
    pub fn set_paused(&self, paused: bool) {
        self.lock().world.rules.registry_roles.paused = paused;
    }

    /// Makes the account operator and revoker of the registry, or takes both roles. At once, and whatever is
    /// reorganised.
    pub fn set_role(&self, account: Address, granted: bool) {
        let writers = &mut self.lock().world.rules.registry_roles.writers;
        if granted {
            writers.insert(account);
        } else {
            writers.remove(&account);
        }
    }

    /// What the account owns at the head, in wei.
    pub fn set_balance(&self, account: Address, wei: u128) {
        self.lock().world.set_balance(account, wei);
    }

    /// Blocks between the head and the finalized tag.
    pub fn set_finality_lag(&self, blocks: u64) {
        self.lock().world.config.finality_lag = blocks;
    }

    /// Least depth below the head of what is called final.
    pub fn set_min_depth(&self, blocks: u64) {
        self.lock().world.config.min_depth = blocks;
    }

    /// Holds the finalized tag where it is, or lets it go on.
    pub fn stall_finality(&self, stalled: bool) {
        let world = &mut self.lock().world;
        let number = world.height().saturating_sub(world.config.finality_lag);
        world.stalled_at = stalled.then_some(number);
    }

    /// Takes the registry's code away, or puts it back.
    pub fn remove_code(&self, removed: bool) {
        self.lock().world.rules.registry_roles.code_removed = removed;
    }

    /// The next `times` calls of this method go wrong like this, after the faults that were set
    /// before; `u32::MAX` for "until healed".
    pub fn fail_read(&self, read: Read, fault: ReadFault, times: u32) {
        self.lock().faults.add_read(read, fault, times);
    }

    /// The same for all reading methods.
    pub fn fail_reads(&self, fault: ReadFault, times: u32) {
        for read in Read::ALL {
            self.fail_read(read, fault, times);
        }
    }

    /// The next `times` sends go wrong like this, after the faults that were set before.
    pub fn fail_send(&self, fault: SendFault, times: u32) {
        self.lock().faults.add_send(fault, times);
    }

    /// No more faults.
    pub fn heal(&self) {
        self.lock().faults = Faults::default();
    }

    /// Hashes of all that waits.
    #[must_use]
    pub fn pool(&self) -> Vec<Hash> {
        self.lock().world.pool.hashes()
    }

    /// Hashes of all bytes ever handed to `send`, in order, faults or not.
    #[must_use]
    pub fn wire(&self) -> Vec<Hash> {
        self.lock().wire.clone()
    }

    /// The canonical header of this number.
    #[must_use]
    pub fn canonical(&self, number: u64) -> Option<Header> {
        self.lock().world.block(number).map(|block| block.header)
    }

    /// The number of the newest block.
    #[must_use]
    pub fn height(&self) -> u64 {
        self.lock().world.height()
    }

    /// The number of the newest final block.
    #[must_use]
    pub fn final_height(&self) -> u64 {
        let world = &self.lock().world;
        world.final_height(world.height())
    }

    /// How many transactions of the account are mined at the head.
    #[must_use]
    pub fn next_nonce(&self, account: Address) -> u64 {
        self.lock().world.account(account).nonce
    }

    /// The newest block in which a contract announced anything; 0 for none.
    #[must_use]
    pub fn last_event(&self) -> u64 {
        let inner = self.lock();
        let mut told = inner.world.blocks().iter().rev().filter(|block| !block.events.is_empty());
        told.next().map_or(0, |block| block.header.block.number)
    }

    /// Whether the leaf's revocation bit is set at the head.
    #[must_use]
    pub fn is_revoked(&self, commitment: Hash, index: u32) -> bool {
        self.lock().world.head().state.registry.is_revoked(commitment, index)
    }

    /// Every transaction of the canonical chain, in order.
    #[must_use]
    pub fn transactions(&self) -> Vec<MinedTransaction> {
        let inner = self.lock();
        let blocks = inner.world.blocks().iter();
        let mined = blocks.flat_map(|block| block.mined.iter().map(move |mined| (block, mined)));
        mined
            .map(|(block, mined)| MinedTransaction {
                hash: mined.transaction.hash,
                signer: mined.transaction.signer,
                nonce: mined.transaction.nonce,
                block: block.header.block,
                succeeded: mined.succeeded,
                call: mined.call.clone(),
            })
            .collect()
    }

    /// What the account owns at the head, in wei.
    #[must_use]
    pub fn balance(&self, account: Address) -> u128 {
        self.lock().world.balance(account)
    }
}
