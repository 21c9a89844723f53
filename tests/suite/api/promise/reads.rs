//! Reads stay up whatever the chain does.

use std::sync::Arc;

use axum::http::StatusCode;
use chain::simulated::ReadFault;
use chain::{
    AnchorFact, At, Chain, ChainError, ChainEvent, ContractCall, Header, InclusionHint, Preflight,
    SendError, Sent, TokenFact,
};
use domain::FeeQuote;
use proof::{Address, EvmHash, Hash, TokenId};
use serde_json::Value;
use store::Store;

use super::super::client::{Answer, Api};
use crate::support::{COLLECTIONS, HOUR_MS, over_both_databases, owner};

over_both_databases!(every_public_read_is_answered_whatever_the_chain_does);

/// A node that takes every question and never answers.
struct HangingChain(u64);

#[async_trait::async_trait]
impl Chain for HangingChain {
    fn chain_id(&self) -> u64 {
        self.0
    }

    async fn head(&self) -> Result<Header, ChainError> {
        std::future::pending().await
    }

    async fn finalized(&self) -> Result<Header, ChainError> {
        std::future::pending().await
    }

    async fn header(&self, _: u64) -> Result<Option<Header>, ChainError> {
        std::future::pending().await
    }

    async fn nonce(&self, _: Address, _: At) -> Result<u64, ChainError> {
        std::future::pending().await
    }

    async fn anchored(&self, _: Address, _: Hash, _: At) -> Result<Option<AnchorFact>, ChainError> {
        std::future::pending().await
    }

    async fn revoked(
        &self,
        _: Address,
        _: Hash,
        _: &[u32],
        _: At,
    ) -> Result<Vec<bool>, ChainError> {
        std::future::pending().await
    }

    async fn minted(&self, _: Address, _: Hash, _: At) -> Result<Option<EvmHash>, ChainError> {
        std::future::pending().await
    }

    async fn token(&self, _: Address, _: TokenId, _: At) -> Result<TokenFact, ChainError> {
        std::future::pending().await
    }

    async fn batch_count(&self, _: Address) -> Result<u64, ChainError> {
        std::future::pending().await
    }

    async fn events(&self, _: &[Address], _: u64, _: u64) -> Result<Vec<ChainEvent>, ChainError> {
        std::future::pending().await
    }

    async fn announced(&self, _: Address, _: u64, _: u64) -> Result<Vec<Hash>, ChainError> {
        std::future::pending().await
    }

    async fn inclusion_hint(&self, _: Hash) -> Result<Option<InclusionHint>, ChainError> {
        std::future::pending().await
    }

    async fn balance(&self, _: Address) -> Result<u128, ChainError> {
        std::future::pending().await
    }

    async fn fee_quote(&self) -> Result<FeeQuote, ChainError> {
        std::future::pending().await
    }

    async fn preflight(&self, _: Address, _: &ContractCall) -> Result<Preflight, ChainError> {
        std::future::pending().await
    }

    async fn send(&self, _: &[u8]) -> Result<Sent, SendError> {
        std::future::pending().await
    }

    async fn code_hash(&self, _: Address) -> Result<Option<Hash>, ChainError> {
        std::future::pending().await
    }
}

/// Every path of the public description that is read without a key, with what is on record here.
async fn reads(api: &Api) -> Vec<String> {
    let badge = api.service.accepted[0];
    let record = api.service.record(badge).await;
    let commitment = record.batch.unwrap().seal().unwrap().commitment;
    let token = &api.service.store.tokens(badge).await.unwrap()[0];
    let id = token.id().unwrap();
    let status = api.get(&format!("/v1/badges/{badge}")).await.json();
    let filled = [
        ("{proofToken}", status["proofToken"].as_str().unwrap().to_owned()),
        ("{commitment}", commitment.to_string()),
        ("{level}", "0".to_owned()),
        ("{index}", "0".to_owned()),
        ("{chainId}", api.service.stream.chain_id.to_string()),
        ("{contract}", COLLECTIONS[0].to_string()),
        ("{address}", owner(1).to_string()),
        ("{id}", id.to_string()),
        ("{code}", "promise_at_risk".to_owned()),
    ];
    let description = serde_json::to_value(api::openapi()).unwrap();
    let paths = description["paths"].as_object().unwrap();
    let open = paths
        .iter()
        .filter(|(_, item)| item.get("get").is_some_and(|read| read.get("security").is_none()));
    let mut paths: Vec<_> = open.map(|(path, _)| path.clone()).collect();
    for path in &mut paths {
        for (name, value) in &filled {
            *path = path.replace(name, value);
        }
        assert!(!path.contains('{'), "{path} has a parameter that is not filled here");
    }
    paths.extend(["/openapi.json".to_owned(), "/docs/".to_owned()]);
    paths
}

/// The part of an answer that depends on nothing but what is on record.
fn lasting(answer: &Answer, path: &str) -> Value {
    if path == "/v1/promise" {
        return Value::Null;
    }
    serde_json::from_slice(&answer.body).unwrap_or_else(|_| answer.body.to_vec().into())
}

async fn every_public_read_is_answered_whatever_the_chain_does(store: Arc<dyn Store>) {
    let mut api = Api::minting(store).await;
    api.minted(&[1, 2]).await;
    let paths = reads(&api).await;
    assert!(paths.len() >= 14, "{paths:?}");
    let mut healthy = Vec::new();
    for path in &paths {
        let answer = api.public("GET", path, "").await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        healthy.push(lasting(&answer, path));
    }
    let hanging: Arc<dyn Chain> = Arc::new(HangingChain(api.service.stream.chain_id));
    let hanging = api.routes_with(|state| state.chains = vec![hanging]);
    let none = api.routes_with(|state| state.chains = Vec::new());
    api.service.chain.fail_reads(ReadFault::Unavailable, u32::MAX);
    for (case, routes) in [("dead", api.routes()), ("hanging", &hanging), ("none", &none)] {
        for (path, healthy) in paths.iter().zip(&healthy) {
            let answer = api.get_at(routes, path).await;
            assert_eq!(answer.status, StatusCode::OK, "{case}: {path}");
            assert_eq!(lasting(&answer, path), *healthy, "{case}: {path}");
        }
    }
    api.service.chain.heal();
    // halted for two days
    api.service.clock.advance(48 * HOUR_MS);
    for (path, healthy) in paths.iter().zip(&healthy) {
        let answer = api.public("GET", path, "").await;
        assert_eq!(answer.status, StatusCode::OK, "halted: {path}");
        assert_eq!(lasting(&answer, path), *healthy, "halted: {path}");
    }
}
