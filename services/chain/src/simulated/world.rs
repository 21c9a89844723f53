//! Blocks, their states, and how the next one comes about.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::{Block, Clock};
use proof::{Address, Hash, Timestamp};

use super::SimulatedConfig;
use super::pool::{self, Account, Pool};
use super::registry::{Registry, Roles};
use crate::{ContractCall, DecodedTransaction, Header};

/// What is true after a block.
#[derive(Debug, Default, Clone)]
pub(super) struct State {
    pub(super) registry: Registry,
    nonces: BTreeMap<Address, u64>,
    spent: BTreeMap<Address, u128>,
}

impl State {
    pub(super) fn nonce(&self, account: Address) -> u64 {
        self.nonces.get(&account).copied().unwrap_or(0)
    }

    fn spent(&self, account: Address) -> u128 {
        self.spent.get(&account).copied().unwrap_or(0)
    }
}

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
}

/// Everything but the faults.
pub(super) struct World {
    pub(super) config: SimulatedConfig,
    clock: Arc<dyn Clock>,
    /// By number; never empty.
    blocks: Vec<SimulatedBlock>,
    pub(super) pool: Pool,
    pub(super) roles: Roles,
    /// Where a balance was set: what the account would own had it spent nothing.
    funds: BTreeMap<Address, u128>,
    /// The finalized tag goes no further while finality stalls.
    pub(super) stalled_at: Option<u64>,
    pub(super) code_removed: bool,
    /// Makes each block's hash its own, also after a reorg.
    sealed: u64,
}

impl World {
    pub(super) fn new(config: SimulatedConfig, clock: Arc<dyn Clock>) -> Self {
        let block = Block { number: 0, hash: Hash::of(&[b"genesis"]) };
        let header = Header { block, time: whole_seconds(clock.now()) };
        let genesis =
            SimulatedBlock { header, state: Arc::new(State::default()), mined: Vec::new() };
        Self {
            config,
            clock,
            blocks: vec![genesis],
            pool: Pool::default(),
            roles: Roles::default(),
            funds: BTreeMap::new(),
            stalled_at: None,
            code_removed: false,
            sealed: 0,
        }
    }

    pub(super) fn head(&self) -> &SimulatedBlock {
        self.blocks.last().expect("genesis is never removed")
    }

    pub(super) fn height(&self) -> u64 {
        self.head().header.block.number
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

    /// The call, where it goes to the registry and the registry is there.
    pub(super) fn call_of(&self, transaction: &DecodedTransaction) -> Option<ContractCall> {
        let registry = transaction.to.filter(|to| *to == self.config.registry)?;
        ContractCall::from_input(registry, &transaction.input).ok().filter(|_| !self.code_removed)
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

    /// Puts these transactions, whose nonces must be the next ones, into a new block.
    pub(super) fn seal(&mut self, transactions: Vec<DecodedTransaction>) -> Header {
        self.sealed += 1;
        let parent = self.head().header;
        let number = parent.block.number + 1;
        let seed = [number.to_be_bytes(), self.sealed.to_be_bytes()].concat();
        let block = Block { number, hash: Hash::of(&[parent.block.hash.as_bytes(), &seed]) };
        let time = whole_seconds(self.clock.now()).max(parent.time.plus_millis(1000));
        let header = Header { block, time };

        let mut state = Arc::clone(&self.head().state);
        let mut mined = Vec::with_capacity(transactions.len());
        for transaction in transactions {
            mined.push(self.execute(Arc::make_mut(&mut state), header, transaction));
        }
        self.blocks.push(SimulatedBlock { header, state, mined });
        let state = Arc::clone(&self.head().state);
        self.pool.prune(|sender| state.nonce(sender));
        header
    }

    fn execute(&self, state: &mut State, at: Header, transaction: DecodedTransaction) -> Mined {
        let sender = transaction.signer;
        let call = self.call_of(&transaction);
        let outcome = match &call {
            Some(call) => state.registry.simulate(&self.roles, sender, call),
            None => Ok(pool::intrinsic_gas(&transaction.input)),
        };
        let succeeded = outcome.is_ok_and(|gas| gas <= transaction.gas_limit);
        if let (Some(call), true) = (&call, succeeded) {
            state.registry.apply(sender, call, at.block, at.time);
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
