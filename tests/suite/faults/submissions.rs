//! What comes in: nothing, one badge, very many, and one digest from two issuers.

use std::sync::Arc;

use domain::{Acceptance, BadgeState, Control, SealPolicy, Submission};
use proof::Hash;
use store::Store;
use worker::{Policy, Progress};

use crate::support::{POLICY, Service, over_both_databases};

over_both_databases!(
    the_same_digest_of_two_issuers_is_two_leaves_that_do_not_show_it,
    an_empty_queue_one_badge_and_many_pages_of_them,
);

async fn the_same_digest_of_two_issuers_is_two_leaves_that_do_not_show_it(store: Arc<dyn Store>) {
    let mut service = Service::on(store).await;
    let (account, now) = (service.account, domain::Clock::now(service.clock.as_ref()));
    let identifier = "https://other.example/".parse().unwrap();
    let other = service.store.add_issuer(account, &identifier, &[], Control::Manual, now);
    let other = other.await.unwrap().id;
    let first = service.submission();
    let second = Submission { issuer: other, digest: first.digest, ..service.submission() };
    let accepted = service.store.accept(service.stream.id, &[first, second]).await.unwrap();
    assert!(accepted.iter().all(|accepted| accepted.acceptance == Acceptance::New));
    service.accepted.extend(accepted.iter().map(|accepted| accepted.position));
    service.grow_old();
    service.until_final().await;
    let (one, two) =
        (service.record(service.accepted[0]).await, service.record(service.accepted[1]).await);
    assert_eq!(one.digest, two.digest);
    assert_ne!(one.salt, two.salt, "without the salt nobody finds the digest in a leaf");
    assert_ne!(one.entry().leaf(), two.entry().leaf());
    service.assert_kept().await;
}

/// More than are read at a time.
const MANY: usize = 20_500;

async fn an_empty_queue_one_badge_and_many_pages_of_them(store: Arc<dyn Store>) {
    let mut service = Service::on(store).await;
    service.grow_old();
    service.blocks(3).await;
    assert_eq!(service.store.all_batches(None, 1).await.unwrap(), [], "no empty batch");
    assert_eq!(service.chain.wire(), [], "and no empty anchor");
    service.submit(1).await;
    service.grow_old();
    service.until_final().await;

    let seal = SealPolicy { due_count: 1 << 20, max_count: 1 << 20, ..POLICY.seal };
    service.policy = Policy { seal, ..POLICY };
    let mut worker = service.another_worker("many");
    let submissions: Vec<_> = (0..MANY).map(|_| service.submission()).collect();
    let mut positions = Vec::new();
    for part in submissions.chunks(store::MAX_ACCEPT) {
        let accepted = service.store.accept(service.stream.id, part).await.unwrap();
        positions.extend(accepted.iter().map(|accepted| accepted.position));
    }
    service.grow_old();
    for _ in 0..6 {
        while worker.round().await.unwrap() == Progress::Moved {}
        service.block();
    }
    let batches = service.store.all_batches(None, 10).await.unwrap();
    assert_eq!(batches.len(), 2);
    assert_eq!(batches[1].seal().unwrap().size, MANY as u64);
    // a few of them prove that the tree is whole
    for position in [positions[0], positions[9_999], positions[10_000], positions[MANY - 1]] {
        assert_eq!(service.record(position).await.state(), BadgeState::Final);
        let (leaf, index, size, path) = service.inclusion(position).await;
        let root = proof::inclusion_root(leaf, index, size, &path).unwrap();
        let commitment = proof::commitment(size, root, Hash::ZERO);
        assert_eq!(commitment, batches[1].seal().unwrap().commitment);
    }
    service.assert_audit_is_clean().await;
}
