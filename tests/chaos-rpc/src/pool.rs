//! A pool as real nodes have one. anvil takes a replacement for a single wei more.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use alloy::consensus::{SignableTransaction as _, Signed, TxEip1559};
use alloy::eips::eip2718::Decodable2718 as _;
use alloy::primitives::{Address, Bytes, keccak256};
use serde_json::{Value, json};

use crate::Dialect;
use crate::dialect::Refused;
use crate::upstream::{Unreachable, Upstream, quantity};

#[derive(Debug, Clone, PartialEq, Eq)]
struct Taken {
    hash: Value,
    max_fee: u128,
    priority_fee: u128,
}

/// What the node took, by sender and nonce, the newest last.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    taken: Mutex<HashMap<(Address, u64), Vec<Taken>>>,
}

/// What a pool does about a raw transaction.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) dialect: Dialect,
    pub(crate) percent: u64,
    pub(crate) refuses_gaps: bool,
    pub(crate) keeps: bool,
}

/// The answer of a node that took a raw transaction.
pub(crate) fn taken(request: &Value) -> Value {
    let raw: Option<Bytes> = serde_json::from_value(request["params"][0].clone()).ok();
    let hash = raw.map(|raw| keccak256(&raw));
    json!({ "jsonrpc": "2.0", "id": request["id"], "result": hash })
}

impl Pool {
    /// The answer to `eth_sendRawTransaction`, and why it is a refusal of the pool's, if it is.
    pub(crate) async fn take(
        &self,
        upstream: &Upstream,
        request: &Value,
        rules: &Rules,
    ) -> Result<(Value, Option<Refused>), Unreachable> {
        let raw: Option<Bytes> = serde_json::from_value(request["params"][0].clone()).ok();
        let signed = raw.and_then(|raw| Signed::<TxEip1559>::decode_2718_exact(&raw).ok());
        let Some((signed, sender)) = signed.and_then(|signed| {
            let hash = signed.tx().signature_hash();
            let sender = signed.signature().recover_address_from_prehash(&hash).ok()?;
            Some((signed, sender))
        }) else {
            return Ok((upstream.forward(request).await?, None));
        };
        let transaction = signed.tx();
        let offer = Taken {
            hash: json!(signed.hash()),
            max_fee: transaction.max_fee_per_gas,
            priority_fee: transaction.max_priority_fee_per_gas,
        };
        let refused = self.refuses(upstream, transaction, sender, &offer, rules).await?;
        if let Some(why) = refused {
            let (code, message) = rules.dialect.says(why);
            let error = json!({ "code": code, "message": message });
            return Ok((json!({ "jsonrpc": "2.0", "id": request["id"], "error": error }), refused));
        }
        let answer = if rules.keeps { taken(request) } else { upstream.forward(request).await? };
        if answer.get("error").is_none() {
            let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
            taken.entry((sender, transaction.nonce)).or_default().push(offer);
        }
        Ok((answer, None))
    }

    async fn refuses(
        &self,
        upstream: &Upstream,
        transaction: &TxEip1559,
        sender: Address,
        offer: &Taken,
        rules: &Rules,
    ) -> Result<Option<Refused>, Unreachable> {
        let nonce = transaction.nonce;
        let mined = upstream.number("eth_getTransactionCount", json!([sender, "latest"])).await?;
        if u128::from(nonce) < mined {
            return Ok(Some(Refused::NonceTooLow));
        }
        let waiting = self.waiting(upstream, sender, nonce, rules.keeps).await?;
        if waiting.contains(offer) {
            return Ok(Some(Refused::Known));
        }
        let enough = |new: u128, old: u128| {
            new.saturating_mul(100) >= old.saturating_mul(u128::from(100 + rules.percent))
        };
        let pays = |old: &Taken| {
            enough(offer.max_fee, old.max_fee) && enough(offer.priority_fee, old.priority_fee)
        };
        if !waiting.iter().all(pays) {
            return Ok(Some(Refused::Underpriced));
        }
        let cost = u128::from(transaction.gas_limit).saturating_mul(offer.max_fee);
        let balance = upstream.ask("eth_getBalance", json!([sender, "latest"])).await?;
        if quantity(&balance).is_some_and(|balance| balance < cost) {
            return Ok(Some(Refused::Funds));
        }
        if rules.refuses_gaps {
            let pending =
                upstream.number("eth_getTransactionCount", json!([sender, "pending"])).await?;
            if u128::from(nonce) > pending {
                return Ok(Some(Refused::NonceTooHigh));
            }
        }
        Ok(None)
    }

    /// What was taken at this nonce and is still there.
    async fn waiting(
        &self,
        upstream: &Upstream,
        sender: Address,
        nonce: u64,
        keeps: bool,
    ) -> Result<Vec<Taken>, Unreachable> {
        let taken = {
            let all = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
            all.get(&(sender, nonce)).cloned().unwrap_or_default()
        };
        if keeps {
            return Ok(taken);
        }
        let mut waiting = Vec::new();
        for one in taken {
            if !upstream.ask("eth_getTransactionByHash", json!([one.hash])).await?.is_null() {
                waiting.push(one);
            }
        }
        Ok(waiting)
    }
}
