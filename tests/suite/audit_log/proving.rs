//! Each row is led to the chain, and a stranger's program agrees.

use std::process::Command;
use std::sync::Arc;

use chain::{At, Chain as _};
use proof::{AuditProof, Hash};
use store::{Store, StoreError, TrustVersion};
use worker::{StepError, prove_log_row};

use super::world::Logging;
use crate::support::over_both_databases;

over_both_databases!(each_row_is_proven, nothing_secret_is_in_rows_or_proofs, the_oracle_agrees);

async fn proof_of(world: &Logging, row: u64) -> AuditProof {
    let proof = prove_log_row(world.service.store.as_ref(), row).await.unwrap();
    proof.expect("a head covers it")
}

async fn each_row_is_proven(store: Arc<dyn Store>) {
    let mut world = Logging::on(store).await;
    world.erase_one().await;
    world.service.submit(2).await;
    let first = world.head().await;
    world.until_final().await;
    for _ in 0..3 {
        world.act().await;
    }
    let waiting = world.service.store.unplaced_log(0, 1).await.unwrap()[0].row.number;
    let none = prove_log_row(world.service.store.as_ref(), waiting).await.unwrap();
    assert_eq!(none, None, "no head covers it yet");
    let second = world.head().await;
    let pending = proof_of(&world, waiting).await;
    assert!(pending.computed().is_err() && pending.proof.anchors.is_empty());
    assert!(pending.proof.deadline_at.is_some(), "the promise holds for heads too");
    world.until_final().await;

    let rows = world.service.store.placed_log(0, 1000).await.unwrap();
    assert_eq!(rows.len() as u64, second.head.size);
    for (index, row) in (0..).zip(&rows) {
        let proof = proof_of(&world, row.row.number).await;
        assert_eq!((&proof.row, proof.index), (&row.row, index));
        let head = if index < first.head.size { &first.head } else { &second.head };
        assert_eq!(&proof.head, head, "the first head that covers it");
        let commitment = proof.computed().unwrap().commitment;
        let registry = world.service.stream.registry;
        let fact = world.service.chain.anchored(registry, commitment, At::Head).await.unwrap();
        assert!(fact.is_some(), "row {} leads to the chain", row.row.number);
        assert_eq!(AuditProof::parse(proof.to_json().as_bytes()), Ok(proof));
    }
    let unknown = prove_log_row(world.service.store.as_ref(), 9_999).await;
    assert!(matches!(unknown, Err(StepError::Store(StoreError::NotFound))));
}

/// The log holds no digest of a badge, no salt, no owner, and neither does a proof.
async fn nothing_secret_is_in_rows_or_proofs(store: Arc<dyn Store>) {
    let mut world = Logging::on(store).await;
    let submission = world.service.submission();
    let submissions = [submission.clone()];
    let accepted = world.service.store.accept(world.service.stream.id, &submissions).await;
    let position = accepted.unwrap()[0].position;
    world.service.accepted.push(position);
    let revocation = store::RevocationRequest {
        account: world.service.account,
        position,
        reason: domain::RevocationReason::Superseded,
        requested_at: domain::Clock::now(world.service.clock.as_ref()),
    };
    world.service.store.request_revocation(revocation).await.unwrap();
    world.until_final().await;
    world.head().await;
    world.until_final().await;
    for row in world.service.store.placed_log(0, 1000).await.unwrap() {
        let text = proof_of(&world, row.row.number).await.to_json();
        for secret in [submission.digest, submission.salt] {
            assert!(!text.contains(&secret.to_string()), "{text}");
        }
    }
}

/// Row, head, anchor of the publication of a trust file: `tests/oracle`, which was written from
/// FORMAT.md alone, computes the commitment that is on chain.
async fn the_oracle_agrees(store: Arc<dyn Store>) {
    let mut world = Logging::on(store).await;
    let trust = world.publish_trust().await;
    world.act().await;
    world.head().await;
    world.until_final().await;
    let subject = TrustVersion::log_subject(1, trust.digest());
    let row = world.service.store.log_row_of(TrustVersion::PUBLISHED, &subject).await.unwrap();
    let proof = proof_of(&world, row.unwrap().row.number).await;
    assert!(proof.row.subject.contains(&trust.digest().to_string()));

    let files = tempfile::tempdir().unwrap();
    let (proof_file, trust_file) = (files.path().join("proof.json"), files.path().join("t.json"));
    let oracle = concat!(env!("CARGO_MANIFEST_DIR"), "/oracle/verify.py");
    let ask = |proof: &AuditProof| {
        std::fs::write(&proof_file, proof.to_json()).unwrap();
        std::fs::write(&trust_file, trust.to_json()).unwrap();
        let mut command = Command::new("python3");
        command.args([oracle, "--audit", "--trust"]).arg(&trust_file).arg(&proof_file);
        let answer = command.output().unwrap();
        (answer.status.code(), String::from_utf8(answer.stdout).unwrap())
    };
    let (code, answer) = ask(&proof);
    let commitment = proof.computed().unwrap().commitment;
    assert!(answer.contains(&format!("commitment {commitment}")), "{answer}");
    assert_eq!(code, Some(0));
    let fact = world.service.chain.anchored(world.service.stream.registry, commitment, At::Head);
    assert!(fact.await.unwrap().is_some());
    let mut forged = proof;
    forged.row.subject = TrustVersion::log_subject(1, Hash::ZERO);
    let (code, answer) = ask(&forged);
    assert_eq!((code, answer.starts_with("refused")), (Some(1), true), "{answer}");
}
