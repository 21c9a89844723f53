//! Blocks, their states, and how the next one comes about.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::{Block, BlockedReason, Clock};
use proof::{Address, Hash, Timestamp};

use super::SimulatedConfig;
use super::others::Deed;
use super::pool::{self, Account, Pool};
use super::registry::Roles;
use super::state::{Rules, State};
use crate::{ChainEvent, ContractCall, DecodedTransaction, Header};

/// A transaction in a block.
#[derive(Debug, Clone)]
pub(super) struct Mined {
    pub(super) transaction: DecodedTransaction,
    pub(super) call: Option<ContractCall>,
    pub(super) succeeded: bool,
}

/// A canonical block.
#[derive(Debug, Clone)]
pub(super) struct SimulatedBlock {
    pub(super) header: Header,
    pub(super) state: Arc<State>,
    pub(super) mined: Vec<Mined>,
    /// What others did here.
    pub(super) deeds: Vec<Deed>,
    pub(super) events: Vec<ChainEvent>,
}

/// Everything but the faults.
pub(super) struct World {
    pub(super) config: SimulatedConfig,
    clock: Arc<dyn Clock>,
    /// By number; never empty.
    blocks: Vec<SimulatedBlock>,
    pub(super) pool: Pool,
    /// What others did in blocks that were removed, and will do again.
    pub(super) waiting_deeds: Vec<Deed>,
    pub(super) rules: Rules,
    /// Where a balance was set: what the account would own had it spent nothing.
    funds: BTreeMap<Address, u128>,
    /// The finalized tag goes no further while finality stalls.
    pub(super) stalled_at: Option<u64>,
    /// Makes each block's hash its own, also after a reorg.
    sealed: u64,
}

impl World {
    pub(super) fn new(config: SimulatedConfig, clock: Arc<dyn Clock>) -> Self {
        let block = Block { number: 0, hash: Hash::of(&[b"genesis"]) };
        let header = Header { block, time: whole_seconds(clock.now()) };
        let genesis = SimulatedBlock {
            header,
            state: Arc::new(State::default()),
            mined: Vec::new(),
            deeds: Vec::new(),
            events: Vec::new(),
        };
        let rules = Rules {
            registry: config.registry,
            registry_roles: Roles::default(),
            collections: BTreeMap::new(),
            gas_per_token: config.gas_per_token,
        };
        Self {
            config,
            clock,
            blocks: vec![genesis],
            pool: Pool::default(),
            waiting_deeds: Vec::new(),
            rules,
            funds: BTreeMap::new(),
            stalled_at: None,
            sealed: 0,
        }
    }

    pub(super) fn head(&self) -> &SimulatedBlock {
        self.blocks.last().expect("genesis is never removed")
    }

    pub(super) fn height(&self) -> u64 {
        self.head().header.block.number
    }

    /// The number of the newest final block, where `height` is that of the head.
    pub(super) fn final_height(&self, height: u64) -> u64 {
        let tag = height.saturating_sub(self.config.finality_lag);
        let tag = tag.min(self.stalled_at.unwrap_or(u64::MAX));
        tag.min(height.saturating_sub(self.config.min_depth))
    }

    pub(super) fn block(&self, number: u64) -> Option<&SimulatedBlock> {
        self.blocks.get(usize::try_from(number).ok()?)
    }

    pub(super) fn blocks(&self) -> &[SimulatedBlock] {
        &self.blocks
    }

    pub(super) fn balance(&self, account: Address) -> u128 {
        let funds = self.funds.get(&account).copied().unwrap_or(self.config.balance);
        funds.saturating_sub(self.head().state.spent(account))
    }

    pub(super) fn set_balance(&mut self, account: Address, wei: u128) {
        let spent = self.head().state.spent(account);
        self.funds.insert(account, wei.saturating_add(spent));
    }

    pub(super) fn account(&self, account: Address) -> Account {
        Account { nonce: self.head().state.nonce(account), balance: self.balance(account) }
    }

    /// The call, where it goes to a contract that is there.
    pub(super) fn call_of(&self, transaction: &DecodedTransaction) -> Option<ContractCall> {
        let contract = transaction.to.filter(|to| self.rules.is_contract(*to))?;
        ContractCall::from_input(contract, &transaction.input).ok()
    }

    /// What a block builder takes from the pool now: of each sender the next nonces that pay.
    pub(super) fn executable(&self) -> Vec<DecodedTransaction> {
        let mut chosen: Vec<DecodedTransaction> = Vec::new();
        let mut senders: Vec<Address> = self.pool.0.keys().map(|(sender, _)| *sender).collect();
        senders.dedup();
        for sender in senders {
            let Account { mut nonce, mut balance } = self.account(sender);
            for transaction in self.pool.of(sender) {
                let pays = transaction.fees.max_fee >= self.config.base_fee;
                if transaction.nonce != nonce || !pays || pool::cost(transaction) > balance {
                    break;
                }
                nonce += 1;
                balance -= pool::cost(transaction);
                chosen.push(transaction.clone());
            }
        }
        chosen
    }

    /// Puts these transactions, whose nonces must be the next ones, into a new block, and then what
    /// others do.
    pub(super) fn seal(
        &mut self,
        transactions: Vec<DecodedTransaction>,
        deeds: Vec<Deed>,
    ) -> Header {
        self.sealed += 1;
        let parent = self.head().header;
        let number = parent.block.number + 1;
        let seed = [number.to_be_bytes(), self.sealed.to_be_bytes()].concat();
        let block = Block { number, hash: Hash::of(&[parent.block.hash.as_bytes(), &seed]) };
        let time = whole_seconds(self.clock.now()).max(parent.time.plus_millis(1000));
        let header = Header { block, time };

        let mut state = Arc::clone(&self.head().state);
        let mut mined = Vec::with_capacity(transactions.len());
        let mut events = Vec::new();
        for transaction in transactions {
            mined.push(self.execute(Arc::make_mut(&mut state), header, transaction, &mut events));
        }
        for deed in &deeds {
            let contract = deed.contract(self.rules.registry);
            let event = Arc::make_mut(&mut state).apply_deed(deed);
            events.extend(event.map(|event| ChainEvent { contract, block, event }));
        }
        self.blocks.push(SimulatedBlock { header, state, mined, deeds, events });
        let state = Arc::clone(&self.head().state);
        self.pool.prune(|sender| state.nonce(sender));
        header
    }

    fn execute(
        &self,
        state: &mut State,
        at: Header,
        transaction: DecodedTransaction,
        events: &mut Vec<ChainEvent>,
    ) -> Mined {
        let sender = transaction.signer;
        let call = self.call_of(&transaction);
        let outcome = match &call {
            Some(call) => state.simulate(&self.rules, sender, call),
            // none that the contract knows
            None if transaction.to.is_some_and(|to| self.rules.is_contract(to)) => {
                Err(BlockedReason::Reverts)
            }
            None => Ok(pool::intrinsic_gas(&transaction.input)),
        };
        let succeeded = outcome.is_ok_and(|gas| gas <= transaction.gas_limit);
        if let (Some(call), true) = (&call, succeeded) {
            let event = state.apply(sender, call, at);
            let (contract, block) = (call.contract(), at.block);
            events.extend(event.map(|event| ChainEvent { contract, block, event }));
        }
        let gas = outcome.unwrap_or(26_000).min(transaction.gas_limit);
        let tip = transaction.fees.max_fee.saturating_sub(self.config.base_fee);
        let price = self.config.base_fee + tip.min(transaction.fees.max_priority_fee);
        *state.spent.entry(sender).or_default() += u128::from(gas) * price;
        *state.nonces.entry(sender).or_default() += 1;
        Mined { transaction, call, succeeded }
    }

    /// Takes the newest `depth` blocks off, never the first one.
    pub(super) fn unseal(&mut self, depth: u64) -> Vec<SimulatedBlock> {
        let kept = self.height().saturating_sub(depth) + 1;
        self.blocks.split_off(usize::try_from(kept).expect("blocks are held in memory"))
    }
}

fn whole_seconds(time: Timestamp) -> Timestamp {
    time.plus_millis(-(time.millis() % 1000))
}
