//! The collections that tokens are minted in.

use std::sync::Arc;

use domain::{Collection, IssuerId};
use proof::Address;

use crate::problem::{Answer, Problem, ProblemCode};
use crate::recent::Recent;
use crate::service::Service;

/// How old the remembered list may be, in milliseconds. Collections are added, never removed.
const COLLECTION_MEMORY_MS: i64 = 30_000;
/// How old it may be for the answer that there is none, in milliseconds: one may just have been
/// opened, but ten thousand lines of a bulk request, or anybody's invented addresses, must not read
/// the database as often.
const ABSENCE_MEMORY_MS: i64 = 1_000;

pub(crate) struct CollectionDirectory {
    known: Recent<(), Arc<Vec<Collection>>>,
    /// Whether that list was read a moment ago.
    just_read: Recent<(), ()>,
}

impl CollectionDirectory {
    pub(crate) fn new() -> Self {
        Self {
            known: Recent::new(COLLECTION_MEMORY_MS, 1),
            just_read: Recent::new(ABSENCE_MEMORY_MS, 1),
        }
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

    /// Whether a token of this issuer's badges could be minted in any.
    pub(crate) async fn serve(&self, service: &Service, issuer: IssuerId) -> Answer<bool> {
        let own = &service.state.stream;
        let serves = |one: &Collection| {
            one.stream.chain_id == own.chain_id
                && one.stream.registry == own.registry
                && one.issuer.is_none_or(|of| of == issuer)
        };
        let found = self.find(service, |known| known.iter().any(serves).then_some(())).await?;
        Ok(found.is_some())
    }

    /// What `look` finds in what is remembered, or else in what is stored.
    async fn find<T>(
        &self,
        service: &Service,
        look: impl Fn(&[Collection]) -> Option<T>,
    ) -> Answer<Option<T>> {
        let now = service.now();
        if let Some(known) = self.known.get(&(), now) {
            let found = look(&known);
            if found.is_some() || self.just_read.get(&(), now).is_some() {
                return Ok(found);
            }
        }
        let read = Arc::new(service.store().collections().await?);
        self.known.put((), Arc::clone(&read), now);
        self.just_read.put((), (), now);
        Ok(look(&read))
    }
}

pub(crate) fn no_collection() -> Problem {
    let detail = "no collection of tokens is open for this issuer; ask the operator";
    Problem::new(ProblemCode::NoCollection, detail).at("/recipient")
}
