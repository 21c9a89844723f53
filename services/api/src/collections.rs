//! The collections that tokens are minted in.

use std::sync::Arc;

use domain::{Collection, IssuerId};
use proof::Address;

use crate::problem::{Answer, Problem, ProblemCode};
use crate::recent::Recent;
use crate::service::Service;

/// How old the remembered list may be, in milliseconds. Collections are added, never removed.
const COLLECTION_MEMORY_MS: i64 = 30_000;

pub(crate) struct CollectionDirectory(Recent<(), Arc<Vec<Collection>>>);

impl CollectionDirectory {
    pub(crate) fn new() -> Self {
        Self(Recent::new(COLLECTION_MEMORY_MS, 1))
    }

    /// The collection at a contract's address.
    pub(crate) async fn at(
        &self,
        service: &Service,
        chain_id: u64,
        contract: Address,
    ) -> Answer<Option<Collection>> {
        let is_it = |one: &&Collection| {
            one.stream.chain_id == chain_id && one.stream.kind.collection() == Some(contract)
        };
        self.find(service, |known| known.iter().find(is_it).cloned()).await
    }

    /// Refuses a recipient whose badge has no collection to be minted in.
    pub(crate) async fn require_for(&self, service: &Service, issuer: IssuerId) -> Answer<()> {
        let own = &service.state.stream;
        let serves = |one: &Collection| {
            one.stream.chain_id == own.chain_id
                && one.stream.registry == own.registry
                && one.issuer.is_none_or(|of| of == issuer)
        };
        let found = self.find(service, |known| known.iter().any(serves).then_some(())).await?;
        found.ok_or_else(no_collection)
    }

    /// What `look` finds, in what is remembered or else in what is stored: it may have been opened
    /// a moment ago.
    async fn find<T>(
        &self,
        service: &Service,
        look: impl Fn(&[Collection]) -> Option<T>,
    ) -> Answer<Option<T>> {
        let now = service.now();
        if let Some(known) = self.0.get(&(), now)
            && let Some(found) = look(&known)
        {
            return Ok(Some(found));
        }
        let read = Arc::new(service.store().collections().await?);
        self.0.put((), Arc::clone(&read), now);
        Ok(look(&read))
    }
}

pub(crate) fn no_collection() -> Problem {
    let detail = "no collection of tokens is open for this issuer; ask the operator";
    Problem::new(ProblemCode::NoCollection, detail).at("/recipient")
}
