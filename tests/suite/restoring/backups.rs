//! A database that is older than the chain: it is found out, and gone on from without a second effect.

use chain::{At, Chain as _};
use domain::{BadgeState, BatchState, Position};
use store::{Erasure, ErasureList, HaltReason};
use worker::Restoring;

use crate::support::{COLLECTIONS, Database, Service, owner};

macro_rules! over_backups_of_both_databases {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    super::$name($crate::support::Database::sqlite().await).await;
                }
            )+
        }

        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                #[cfg_attr(not(postgres), ignore = "TEST_DATABASE_URL is not set")]
                async fn $name() {
                    super::$name($crate::support::Database::postgres().await).await;
                }
            )+
        }
    };
}

over_backups_of_both_databases!(
    an_older_database_halts_until_it_is_adopted,
    a_transaction_in_flight_at_the_backup_ends_final_without_another,
    a_token_that_waited_at_the_backup_is_not_minted_twice,
    erasures_after_the_backup_are_repeated_before_it_serves,
);

fn restoring(service: &Service) -> Restoring<'_> {
    Restoring {
        store: service.store.as_ref(),
        chain: service.chain.as_ref(),
        clock: service.clock.as_ref(),
    }
}

/// The process is stopped, a backup made, and the process started again.
async fn back_up(service: &mut Service, database: &Database) -> Database {
    service.store.close().await;
    let backup = database.backup().await;
    start(service, database).await;
    backup
}

/// The process is started on this database.
async fn start(service: &mut Service, database: &Database) {
    service.store = database.open().await.unwrap();
    service.restart();
}

async fn end(service: Service, databases: [Database; 2]) {
    service.store.close().await;
    drop(service);
    for database in databases {
        database.drop().await;
    }
}

async fn halts(service: &Service) -> Vec<HaltReason> {
    let halts = service.store.halts(service.stream.chain_id).await.unwrap();
    halts.into_iter().map(|halt| halt.reason).collect()
}

/// Transactions that anchored something for the first time.
fn calls(service: &Service) -> usize {
    service.chain.transactions().len()
}

async fn an_older_database_halts_until_it_is_adopted(database: Database) {
    let mut service = Service::on(database.open().await.unwrap()).await;
    service.submit(3).await;
    service.grow_old();
    service.until_final().await;
    service.submit(2).await;
    let backup = back_up(&mut service, &database).await;
    service.grow_old();
    service.until_final().await;
    let lost = service.submit(2).await;
    service.grow_old();
    service.until_final().await;
    assert_eq!(service.attempts_by_nonce().await, [(0, 1), (1, 1), (2, 1)]);
    let anchored = service.record(service.accepted[3]).await.batch.unwrap();
    service.store.close().await;

    start(&mut service, &backup).await;
    let signer = service.signer.clone();
    service.accepted.retain(|position| !lost.contains(position));
    let sent = calls(&service);
    restoring(&service).check(Some(&signer), &[], false).await.unwrap();
    assert_eq!(halts(&service).await, [HaltReason::Restored]);
    service.grow_old();
    service.blocks(4).await;
    assert_eq!(service.attempts_by_nonce().await, [(0, 1)], "no nonce is taken");
    assert_eq!(calls(&service), sent);
    // a second start says the same, and still waits for a person
    service.restart();
    restoring(&service).check(Some(&signer), &[], false).await.unwrap();
    assert!(halts(&service).await.contains(&HaltReason::Restored));
    restoring(&service).check(Some(&signer), &[], true).await.unwrap();
    assert_eq!(halts(&service).await, []);
    let gaps = service.store.nonce_gaps(signer.id).await.unwrap();
    assert_eq!(gaps, std::slice::from_ref(&(1..3)));
    let new = service.submit(2).await;
    assert!(new.iter().all(|position| *position > lost[1]), "no position is given out twice");
    service.grow_old();
    service.until_final().await;
    assert_eq!(service.attempts_by_nonce().await, [(0, 1), (3, 1), (4, 1)]);
    let again = service.record(service.accepted[3]).await.batch.unwrap();
    let (first, second) = (anchored.inclusion().unwrap(), again.inclusion().unwrap());
    assert_eq!(anchored.seal().unwrap().commitment, again.seal().unwrap().commitment);
    assert_eq!(first.block_time, second.block_time, "the first anchor stands");
    service.assert_audit_is_clean().await;
    end(service, [database, backup]).await;
}

async fn a_transaction_in_flight_at_the_backup_ends_final_without_another(database: Database) {
    let mut service = Service::on(database.open().await.unwrap()).await;
    service.submit(3).await;
    service.grow_old();
    service.work().await.unwrap();
    let backup = back_up(&mut service, &database).await;
    service.until_final().await;
    service.store.close().await;

    start(&mut service, &backup).await;
    let sent = calls(&service);
    let signer = service.signer.clone();
    restoring(&service).check(Some(&signer), &[], false).await.unwrap();
    assert_eq!(halts(&service).await, [], "its transaction is stored");
    assert_eq!(service.states().await, [BadgeState::Submitted; 3]);
    service.until_final().await;
    assert_eq!(calls(&service), sent);
    service.assert_kept().await;
    end(service, [database, backup]).await;
}

async fn a_token_that_waited_at_the_backup_is_not_minted_twice(database: Database) {
    let mut service = Service::minting(database.open().await.unwrap()).await;
    let badges = service.submit_for(&[owner(1), owner(2)]).await;
    service.grow_old();
    service.until_final().await;
    let backup = back_up(&mut service, &database).await;
    let more = service.submit_for(&[owner(3)]).await;
    service.grow_mints_old();
    service.until_minted(&badges).await;
    let minted = service.chain.batch_count(COLLECTIONS[0]).await.unwrap();
    service.store.close().await;

    start(&mut service, &backup).await;
    service.accepted.retain(|position| !more.contains(position));
    let signer = service.signer.clone();
    restoring(&service).check(Some(&signer), &[], false).await.unwrap();
    service.grow_mints_old();
    service.blocks(4).await;
    restoring(&service).check(Some(&signer), &[], true).await.unwrap();
    service.grow_mints_old();
    service.blocks(8).await;
    assert_eq!(service.chain.batch_count(COLLECTIONS[0]).await.unwrap(), minted);
    assert_eq!(service.store.counts().await.unwrap().tokens, 0, "withdrawn");
    service.assert_audit_is_clean().await;
    end(service, [database, backup]).await;
}

async fn erasures_after_the_backup_are_repeated_before_it_serves(database: Database) {
    let mut service = Service::on(database.open().await.unwrap()).await;
    let sealed = service.submit(2).await;
    service.grow_old();
    service.until_final().await;
    // a batch that is cut, and not yet sealed
    let cut = service.submit(2).await;
    service.grow_old();
    service.worker.failpoints().arm("after-cut");
    assert!(service.work().await.is_err());
    let open = service.submit(2).await;
    let backup = back_up(&mut service, &database).await;
    service.until_final().await;
    let later = service.submit(1).await[0];
    let mut list = ErasureList::default();
    for position in [sealed[0], cut[1], open[0], later] {
        let at = chain_time(&service);
        let erased = service.store.erase(service.account, position, at).await.unwrap();
        assert_eq!(erased, Erasure::Erased);
        list.erasures.push((position, at));
    }
    service.store.close().await;

    start(&mut service, &backup).await;
    assert!(service.store.badge(cut[1]).await.unwrap().is_some(), "the backup revived it");
    let ahead = restoring(&service).replay(&list).await.unwrap();
    assert_eq!(ahead, [later]);
    for position in [sealed[0], cut[1], open[0]] {
        assert_eq!(service.store.badge(position).await.unwrap(), None);
    }
    // once more, as at every start
    assert_eq!(restoring(&service).replay(&list).await.unwrap(), [later]);
    // the chain is not ahead here; the list alone shows that the database is older
    restoring(&service).check(None, &ahead, false).await.unwrap();
    assert_eq!(halts(&service).await, [HaltReason::Restored]);
    restoring(&service).check(None, &ahead, true).await.unwrap();
    let gone: [Position; 4] = [sealed[0], cut[1], open[0], later];
    service.accepted.retain(|position| !gone.contains(position));
    service.grow_old();
    service.until_final().await;
    assert!(service.submit(1).await[0] > later);
    for batch in service.store.all_batches(None, 100).await.unwrap() {
        let is_skipped = batch.state == BatchState::Vacated;
        assert!(is_skipped || batch.seal().is_some(), "{:?}", batch.state);
        if let Some(seal) = batch.seal() {
            let fact = service.chain.anchored(service.stream.registry, seal.commitment, At::Head);
            assert!(fact.await.unwrap().is_some());
        }
    }
    service.assert_audit_is_clean().await;
    end(service, [database, backup]).await;
}

fn chain_time(service: &Service) -> proof::Timestamp {
    use domain::Clock as _;
    service.clock.now()
}
