//! What our operators anchored is published here: invariant 2 of the state machine, from the chain's
//! side. A commitment that no batch has is one whose leaves nobody can ask for.

use std::collections::HashSet;

use chain::{At, Chain};
use proof::Address;
use store::{RegistryRecord, Store};

use super::{Audit, Subject};
use crate::StepError;

/// Blocks asked for at a time; many nodes refuse more.
const BLOCKS: u64 = 2_000;

/// Each registry of this chain, from its deployment to the head.
pub(super) async fn check(
    store: &dyn Store,
    chain: &dyn Chain,
    audit: &mut Audit,
) -> Result<(), StepError> {
    let ours = operators(store, chain.chain_id()).await?;
    // what was done with nonces that were adopted is not in this database, as the operator knows
    let is_known = adopted(store, chain.chain_id()).await?;
    let head = chain.head().await?.block.number;
    let registries = store.registries().await?;
    for registry in registries.iter().filter(|it| it.chain_id == chain.chain_id()) {
        let mut from = registry.from_block;
        while from <= head {
            let to = head.min(from.saturating_add(BLOCKS - 1));
            for detail in look(store, chain, registry, (from, to), &ours).await? {
                if is_known {
                    audit.note(Subject::Database, detail);
                } else {
                    audit.find(Subject::Database, detail);
                }
            }
            from = to + 1;
        }
    }
    Ok(())
}

/// Who anchors for this service: its signers, and its collections when they mint.
async fn operators(store: &dyn Store, chain_id: u64) -> Result<HashSet<Address>, StepError> {
    let signers = store.signers().await?.into_iter();
    let mut ours: HashSet<Address> =
        signers.filter(|signer| signer.chain_id == chain_id).map(|signer| signer.address).collect();
    for collection in store.collections().await? {
        if collection.stream.chain_id == chain_id {
            ours.extend(collection.stream.kind.collection());
        }
    }
    Ok(ours)
}

/// Whether a signer's first nonces, or some in between, were taken for used elsewhere.
async fn adopted(store: &dyn Store, chain_id: u64) -> Result<bool, StepError> {
    for signer in store.signers().await?.iter().filter(|it| it.chain_id == chain_id) {
        if signer.base_nonce > 0 || !store.nonce_gaps(signer.id).await?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Announcements are hints: who anchored a commitment, and whether, its state says.
async fn look(
    store: &dyn Store,
    chain: &dyn Chain,
    registry: &RegistryRecord,
    (from, to): (u64, u64),
    ours: &HashSet<Address>,
) -> Result<Vec<String>, StepError> {
    let mut unknown = Vec::new();
    for commitment in chain.announced(registry.address, from, to).await? {
        if store.batch_by_commitment(commitment).await?.is_some() {
            continue;
        }
        let fact = chain.anchored(registry.address, commitment, At::Head).await?;
        if let Some(fact) = fact.filter(|fact| ours.contains(&fact.operator)) {
            unknown.push(format!(
                "{commitment} was anchored by {} of this service at {}, and no batch has it: its \
                 leaves are nowhere published, or the key was used elsewhere",
                fact.operator, fact.time
            ));
        }
    }
    Ok(unknown)
}
