//! What a call would do at the head, found out before a nonce is taken.

use alloy::primitives::{Bytes, U64};
use domain::BlockedReason;
use proof::Address;

use super::reads::CallObject;
use super::reverts::refused;
use super::{Node, NodeError, block_id};
use crate::{At, ChainError, ContractCall, Preflight, funds};

/// A call that one node is asked about.
pub(super) struct Trial<'a> {
    pub(super) node: &'a Node,
    pub(super) gas_cap: u64,
    pub(super) from: Address,
    pub(super) call: &'a ContractCall,
}

impl Trial<'_> {
    pub(super) async fn run(&self) -> Result<Preflight, ChainError> {
        let contract = self.call.contract();
        if self.node.code_hash(contract).await?.is_none() {
            return Err(ChainError::Contract(format!("no contract at {contract}")));
        }
        let object = CallObject::new(Some(self.from), Some(contract), self.call.to_input());
        let least = least_gas(object.input());
        let estimate = match self.node.ask::<U64>("eth_estimateGas", (object.clone(),)).await {
            Ok(gas) => gas.to::<u64>(),
            Err(error) => match self.explain(object, error).await? {
                Some(Preflight::TooMuchGas { .. }) => return self.too_much().await,
                Some(answer) => return Ok(answer),
                None => self.gas_cap, // it would succeed, and the node cannot say for how much
            },
        };
        if estimate < least {
            let node = self.node;
            let why =
                format!("{node}: estimates {estimate} gas, and the call's bytes cost {least}");
            return Err(ChainError::Retry(why));
        }
        if estimate > self.gas_cap {
            return Ok(Preflight::TooMuchGas { estimate: Some(estimate) });
        }
        let gas_limit = estimate.saturating_add(estimate / 4).min(self.gas_cap);
        self.if_paid(gas_limit, Preflight::Ready { gas_limit }).await
    }

    /// What is said instead of an estimate; `None` when the call itself succeeds.
    async fn explain(
        &self,
        object: CallObject,
        error: NodeError,
    ) -> Result<Option<Preflight>, ChainError> {
        let answer = refused(&error);
        if matches!(&error, NodeError::Answered { revert: Some(data), .. } if !data.is_empty()) {
            return Ok(answer);
        }
        // estimates often fail without saying why; the call itself tells more
        match self.node.ask::<Bytes>("eth_call", (object, block_id(At::Head))).await {
            Ok(_) => match (answer, error) {
                (_, error @ (NodeError::Unavailable(_) | NodeError::TooLong(_))) => {
                    Err(error.into())
                }
                // a call may use more gas than a transaction, and what it calls lacks gas first
                (Some(Preflight::Blocked(BlockedReason::Reverts)), _) => {
                    Ok(Some(Preflight::TooMuchGas { estimate: None }))
                }
                (answer, _) => Ok(answer),
            },
            Err(called) => refused(&called).map_or_else(|| Err(called.into()), |it| Ok(Some(it))),
        }
    }

    /// What to say where a node, which did not estimate, found no gas limit high enough. Some search
    /// only as far as the account can pay, so an account that cannot pay for the cap is told first:
    /// a batch must not be split for that. Nothing but a mint can be too large.
    async fn too_much(&self) -> Result<Preflight, ChainError> {
        let gas_limit = self.gas_cap;
        let answer = match self.call {
            ContractCall::Mint { .. } => Preflight::TooMuchGas { estimate: None },
            ContractCall::Anchor { .. } | ContractCall::Revoke { .. } => {
                Preflight::Ready { gas_limit }
            }
        };
        self.if_paid(gas_limit, answer).await
    }

    async fn if_paid(&self, gas_limit: u64, answer: Preflight) -> Result<Preflight, ChainError> {
        let needed = funds::needed(gas_limit, self.node.fee_quote().await?);
        let paid = self.node.balance(self.from).await? >= needed;
        Ok(if paid { answer } else { Preflight::Blocked(BlockedReason::Funds) })
    }
}

/// What any transaction with this input costs, whatever it does (EIP-2028): with a lower limit no node
/// takes it, and its nonce would never be used. EIP-7623 only asks for more.
fn least_gas(input: &[u8]) -> u64 {
    let bytes = input.iter().map(|byte| if *byte == 0 { 4 } else { 16 });
    21_000 + bytes.sum::<u64>()
}
