//! A verified badge that was minted as well, and whose wallet still has its token.

use proof::{
    Address, Entry, Hash, ProofDocument, TokenId, TokenInclusion, TokenRef, TrustFile, commitment,
    path_of_leaves, root_of_leaves,
};

use super::verified_badge::{CHAIN, REGISTRY, Situation, reading};
use crate::{Read, TokenRead, TokenReading, readings_needed};

pub(super) const COLLECTION: Address = Address([12; 20]);
pub(super) const OWNER: Address = Address([13; 20]);

impl Situation {
    pub(super) fn minted() -> Self {
        let mut situation = Self::verified();
        let salt = Hash([14; 32]);
        let leaf = Entry { salt, ..situation.document.entry() }.leaf();
        let leaves = [Hash([6; 32]), leaf, Hash([8; 32])];
        let batch = commitment(3, root_of_leaves(&leaves).unwrap(), Hash::ZERO);
        let path = path_of_leaves(&leaves, 1).unwrap();
        situation.document.token = Some(TokenRef {
            chain_id: CHAIN,
            contract: COLLECTION,
            id: TokenId::of(batch, 1),
            salt,
            owner: Some(OWNER),
            inclusion: TokenInclusion { index: 1, tree_size: 3, path },
        });
        situation.trust.registries[0].token_contracts = vec![COLLECTION];
        situation.readings.token = honest(&situation.document, &situation.trust, batch);
        situation
    }

    pub(super) fn token(&mut self) -> &mut TokenRef {
        self.document.token.as_mut().unwrap()
    }

    pub(super) fn token_read(&mut self) -> &mut TokenRead {
        self.readings.token.as_mut().unwrap().outcome.as_mut().unwrap()
    }
}

/// What a chain answers that has minted this batch alone; `None` where nobody is asked.
pub(super) fn honest(
    document: &ProofDocument,
    trust: &TrustFile,
    batch: Hash,
) -> Option<TokenReading> {
    let needed = readings_needed(document, trust).token?;
    let minted = needed.registry.commitment == batch;
    let mut registry: Read = reading(CHAIN, REGISTRY).outcome.unwrap();
    registry.anchored = registry.anchored.filter(|_| minted).map(|mut anchored| {
        // who mints anchors
        anchored.operator = COLLECTION;
        anchored
    });
    let read = TokenRead { registry, minted, valid: minted, owner: minted.then_some(OWNER) };
    Some(TokenReading {
        chain_id: needed.registry.chain_id,
        contract: needed.contract,
        id: needed.id,
        outcome: Ok(read),
    })
}
