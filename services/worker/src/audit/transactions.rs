//! Nonces, attempts and their bytes.

use chain::{At, Chain, ContractCall, DecodedTransaction};
use domain::{Purpose, Signer, TransactionState};
use store::{Store, TransactionRecord};

use super::{Audit, PAGE, Subject, registry_of};
use crate::StepError;

pub(super) async fn check(
    store: &dyn Store,
    chain: Option<&dyn Chain>,
    audit: &mut Audit,
) -> Result<(), StepError> {
    for signer in store.signers().await? {
        let next_nonce = check_nonces(store, chain, &signer, audit).await?;
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
    chain: Option<&dyn Chain>,
    signer: &Signer,
    audit: &mut Audit,
) -> Result<u64, StepError> {
    let mut next = signer.base_nonce;
    loop {
        let page = store.transactions(signer.id, next, PAGE).await?;
        if page.is_empty() {
            return Ok(next);
        }
        for record in page {
            audit.transactions += 1;
            if record.nonce != next {
                let detail = format!("nonce {next} is missing before nonce {}", record.nonce);
                audit.find(Subject::Transaction(record.id), detail);
            }
            next = record.nonce + 1;
            check_attempts(store, signer, &record, audit).await?;
            if let Some(chain) = chain {
                check_revocation(store, chain, &record, audit).await?;
            }
        }
    }
}

/// Each attempt's bytes are what its row says: hash, signer, chain, nonce and call; fees rise.
async fn check_attempts(
    store: &dyn Store,
    signer: &Signer,
    record: &TransactionRecord,
    audit: &mut Audit,
) -> Result<(), StepError> {
    let batch = find_batch(store, record).await?;
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
        let fits = match (called(&decoded), record.purpose) {
            (Some(ContractCall::Anchor { commitment, .. }), Purpose::Anchor { .. })
            | (Some(ContractCall::Revoke { commitment, .. }), Purpose::Revoke { .. }) => {
                batch == Some(commitment)
            }
            _ => false,
        };
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
    Ok(())
}

fn called(decoded: &DecodedTransaction) -> Option<ContractCall> {
    ContractCall::from_input(decoded.to?, &decoded.input).ok()
}

async fn find_batch(
    store: &dyn Store,
    record: &TransactionRecord,
) -> Result<Option<proof::Hash>, StepError> {
    let wanted = record.purpose.batch();
    let before = domain::BatchId(wanted.0 - 1);
    let found = store.all_batches(Some(before), 1).await?;
    let batch = found.into_iter().find(|batch| batch.id == wanted);
    Ok(batch.and_then(|batch| batch.seal().map(|seal| seal.commitment)))
}

/// A confirmed revocation stands on chain.
async fn check_revocation(
    store: &dyn Store,
    chain: &dyn Chain,
    record: &TransactionRecord,
    audit: &mut Audit,
) -> Result<(), StepError> {
    let (Purpose::Revoke { batch }, TransactionState::Confirmed) = (record.purpose, record.state)
    else {
        return Ok(());
    };
    let decoded = record.attempts.last().and_then(|row| chain::decode(&row.attempt.raw).ok());
    let Some(ContractCall::Revoke { registry, commitment, indexes, .. }) =
        decoded.as_ref().and_then(called)
    else {
        return Ok(());
    };
    let stored = store.all_batches(Some(domain::BatchId(batch.0 - 1)), 1).await?;
    let stream = match stored.first() {
        Some(batch) => registry_of(store, batch).await?,
        None => None,
    };
    if stream.is_none_or(|stream| stream.chain_id != chain.chain_id()) {
        return Ok(());
    }
    let bits = chain.revoked(registry, commitment, &indexes, At::Head).await?;
    for (index, _) in indexes.iter().zip(bits).filter(|(_, revoked)| !revoked) {
        let detail = format!("leaf {index} of {commitment} is revoked here, but not on chain");
        audit.find(Subject::Transaction(record.id), detail);
    }
    Ok(())
}
