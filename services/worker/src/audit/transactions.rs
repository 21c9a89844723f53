//! Nonces, attempts and their bytes.

use std::collections::{HashMap, HashSet};

use chain::{At, Chain, ContractCall, DecodedTransaction};
use domain::{BatchId, BurnReason, Purpose, Signer, Stream, StreamId, TransactionState};
use proof::{Hash, commitment};
use store::{Store, TransactionRecord};

use super::{Audit, PAGE, Subject};
use crate::StepError;

pub(super) async fn check(
    store: &dyn Store,
    chain: Option<&dyn Chain>,
    streams: &HashMap<StreamId, Stream>,
    audit: &mut Audit,
) -> Result<(), StepError> {
    for signer in store.signers().await? {
        let next_nonce = check_nonces(store, &signer, streams, audit).await?;
        if let Some(chain) = chain.filter(|chain| chain.chain_id() == signer.chain_id) {
            let used = chain.nonce(signer.address, At::Head).await?;
            if used > next_nonce {
                let detail = format!(
                    "nonces up to {} are used on chain, the last one stored is below {next_nonce}: \
                     the key was used elsewhere",
                    used - 1
                );
                audit.find(Subject::Signer(signer.id), detail);
            }
        }
    }
    Ok(())
}

/// Walks a signer's transactions; returns the nonce after the last.
async fn check_nonces(
    store: &dyn Store,
    signer: &Signer,
    streams: &HashMap<StreamId, Stream>,
    audit: &mut Audit,
) -> Result<u64, StepError> {
    let mut next = signer.base_nonce;
    let mut live: HashSet<(BatchId, &'static str)> = HashSet::new();
    let lowest = store.transactions(signer.id, 0, 1).await?;
    if let Some(lowest) = lowest.first().filter(|lowest| lowest.nonce < next) {
        let detail =
            format!("its nonce {} is below the first one that is ours, {next}", lowest.nonce);
        audit.find(Subject::Transaction(lowest.id), detail);
    }
    let gaps = store.nonce_gaps(signer.id).await?;
    let after_gap = |next| gaps.iter().find(|gap| gap.start == next).map_or(next, |gap| gap.end);
    loop {
        let page = store.transactions(signer.id, next, PAGE).await?;
        if page.is_empty() {
            return Ok(after_gap(next));
        }
        for record in page {
            audit.transactions += 1;
            next = after_gap(next);
            if record.nonce != next {
                let detail = format!("nonce {next} is missing before nonce {}", record.nonce);
                audit.find(Subject::Transaction(record.id), detail);
            }
            next = record.nonce + 1;
            let purpose = (record.purpose.batch(), record.purpose.name());
            match record.state {
                TransactionState::Live if !live.insert(purpose) => {
                    let detail = format!("another {} of batch {} is live", purpose.1, purpose.0);
                    audit.find(Subject::Transaction(record.id), detail);
                }
                TransactionState::Burned(BurnReason::Foreign) => {
                    let detail = format!(
                        "nonce {} was used by a transaction that is not in this database",
                        record.nonce
                    );
                    audit.note(Subject::Signer(signer.id), detail);
                }
                _ => {}
            }
            check_attempts(signer, streams, &record, audit);
        }
    }
}

/// Each attempt's bytes are what its row says: hash, signer, chain, nonce and call; fees rise.
fn check_attempts(
    signer: &Signer,
    streams: &HashMap<StreamId, Stream>,
    record: &TransactionRecord,
    audit: &mut Audit,
) {
    let mut last = None;
    if record.attempts.is_empty() {
        audit.find(Subject::Transaction(record.id), "it has no attempt");
    }
    for row in &record.attempts {
        audit.attempts += 1;
        let subject = Subject::Attempt(row.id);
        let attempt = &row.attempt;
        let decoded = match chain::decode(&attempt.raw) {
            Ok(decoded) => decoded,
            Err(error) => {
                audit.find(subject, format!("its bytes are no transaction: {error}"));
                continue;
            }
        };
        if decoded.hash != attempt.hash {
            audit
                .find(subject, format!("its bytes hash to {}, not {}", decoded.hash, attempt.hash));
        }
        if decoded.signer != signer.address || decoded.chain_id != signer.chain_id {
            audit.find(subject, "it is not signed by its signer for its chain");
        }
        if decoded.nonce != record.nonce {
            audit.find(subject, format!("it has nonce {}, not {}", decoded.nonce, record.nonce));
        }
        let fits = called(&decoded).is_some_and(|call| {
            is_ours(&call, signer, streams)
                && match (&call, record.purpose) {
                    (ContractCall::Anchor { commitment, .. }, Purpose::Anchor { .. })
                    | (ContractCall::Revoke { commitment, .. }, Purpose::Revoke { .. }) => {
                        record.commitment == *commitment
                    }
                    (ContractCall::Mint { size, root, .. }, Purpose::Mint { .. }) => {
                        record.commitment == commitment(*size, *root, Hash::ZERO)
                    }
                    _ => false,
                }
        });
        if !fits {
            audit.find(subject, "it does not call for its batch");
        }
        let rises = last.is_none_or(|last: domain::Fees| {
            attempt.fees.max_fee > last.max_fee
                && attempt.fees.max_priority_fee > last.max_priority_fee
        });
        if !rises {
            audit.find(subject, "its fees are not above the attempt before it");
        }
        last = Some(attempt.fees);
    }
}

fn called(decoded: &DecodedTransaction) -> Option<ContractCall> {
    ContractCall::from_input(decoded.to?, &decoded.input).ok()
}

/// Whether the contract called is one that the service writes to.
fn is_ours(call: &ContractCall, signer: &Signer, streams: &HashMap<StreamId, Stream>) -> bool {
    streams.values().filter(|stream| stream.chain_id == signer.chain_id).any(|stream| match call {
        ContractCall::Mint { collection, .. } => stream.kind.collection() == Some(*collection),
        ContractCall::Anchor { registry, .. } | ContractCall::Revoke { registry, .. } => {
            stream.registry == *registry
        }
    })
}
