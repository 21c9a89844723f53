//! Bytes that do not arrive, arrive without an answer, wait, or are overtaken by their successors.

use std::sync::Arc;

use chain::simulated::SendFault;
use chain::{SendError, Sent};
use store::Store;

use crate::support::{Service, over_both_databases};

over_both_databases!(
    a_waiting_transaction_pays_more,
    an_older_attempt_may_be_the_one_that_is_mined,
    sending_goes_wrong_in_every_way,
    a_cleared_pool_is_filled_again_within_a_block,
    nonces_missing_in_the_pool_are_sent_lowest_first,
);

const GWEI: u128 = 1_000_000_000;

async fn a_waiting_transaction_pays_more(store: Arc<dyn Store>) {
    let mut service = Service::on(store).await;
    service.submit(2).await;
    service.grow_old();
    service.work().await.unwrap();
    service.chain.set_base_fee(10 * GWEI);
    service.blocks(3).await;
    assert_eq!(service.attempts_by_nonce().await, [(0, 1)], "it waits before it pays more");
    service.until_final().await;
    assert_eq!(service.attempts_by_nonce().await, [(0, 2)]);
    service.assert_kept().await;
}

async fn an_older_attempt_may_be_the_one_that_is_mined(store: Arc<dyn Store>) {
    let mut service = Service::on(store).await;
    service.submit(2).await;
    service.grow_old();
    service.work().await.unwrap();
    service.chain.set_base_fee(10 * GWEI);
    service.blocks(3).await;
    service.work().await.unwrap();
    assert_eq!(service.attempts_by_nonce().await, [(0, 2)]);
    let stored = service.store.transactions(service.signer.id, 0, 1).await.unwrap();
    let first = &stored[0].attempts[0].attempt;
    service.chain.set_base_fee(GWEI);
    service.chain.mine_empty();
    assert!(service.chain.mine_raw(&first.raw).unwrap().is_some());
    service.until_final().await;
    let batch = service.record(service.accepted[0]).await.batch.unwrap();
    assert_eq!(batch.inclusion().unwrap().transaction, Some(first.hash));
    service.assert_kept().await;
}

async fn sending_goes_wrong_in_every_way(store: Arc<dyn Store>) {
    let says = SendFault::Answers;
    let faults = [
        SendFault::Lost,
        SendFault::AnswerLost,
        says(Ok(Sent::Accepted)),
        says(Ok(Sent::AlreadyKnown)),
        says(Ok(Sent::NonceTooLow)),
        says(Err(SendError::Underpriced("replacement transaction underpriced".into()))),
        says(Err(SendError::Funds("insufficient funds".into()))),
        says(Err(SendError::NonceGap("nonce too high".into()))),
        says(Err(SendError::Rejected("rubbish".into()))),
        says(Err(SendError::Unknown("502".into()))),
    ];
    let mut service = Service::on(store).await;
    for fault in faults {
        let before = service.attempts_by_nonce().await.len();
        service.submit(2).await;
        service.grow_old();
        service.chain.fail_send(fault, 3);
        service.until_final().await;
        service.chain.heal();
        assert_eq!(service.attempts_by_nonce().await.len(), before + 1, "no new nonce");
        service.assert_kept().await;
    }
}

async fn a_cleared_pool_is_filled_again_within_a_block(store: Arc<dyn Store>) {
    let mut service = Service::on(store).await;
    service.submit(2).await;
    service.grow_old();
    service.work().await.unwrap();
    let sent = service.chain.pool();
    assert_eq!(sent.len(), 1);
    for _ in 0..2 {
        service.chain.drop_pool();
        service.chain.mine_empty();
        service.work().await.unwrap();
        assert_eq!(service.chain.pool(), sent, "the same bytes, with the next block");
    }
    service.until_final().await;
    assert_eq!(service.attempts_by_nonce().await.len(), 1);
    service.assert_kept().await;
}

async fn nonces_missing_in_the_pool_are_sent_lowest_first(store: Arc<dyn Store>) {
    let mut service = Service::on(store).await;
    // the first of three never arrives, so that the pool holds the others back
    service.chain.fail_send(SendFault::Answers(Ok(Sent::Accepted)), 1);
    for _ in 0..3 {
        service.submit(1).await;
        service.grow_old();
        service.work().await.unwrap();
    }
    let stored = service.store.transactions(service.signer.id, 0, 10).await.unwrap();
    let hashes: Vec<_> = stored.iter().map(|record| record.attempts[0].attempt.hash).collect();
    assert_eq!(service.chain.pool(), hashes[1..], "a gap");
    service.chain.fail_send(SendFault::Answers(Err(SendError::NonceGap("too high".into()))), 1);
    service.block();
    let before = service.chain.wire().len();
    service.work().await.unwrap();
    assert_eq!(service.chain.wire()[before..], hashes, "the lowest live nonce first");
    service.until_final().await;
    assert_eq!(service.attempts_by_nonce().await.len(), 3, "no new nonce");
    service.assert_kept().await;
}
