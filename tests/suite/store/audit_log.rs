//! The audit log as a tree: places, heads, and heads as badges of the service itself.

use std::sync::Arc;

use domain::{AccountId, ApiKeyRecord, Control, IssuerId, Scopes};
use futures::future::join_all;
use proof::{AUDIT_ISSUER, Frontier, Hash, Rule, root_of_leaves};
use store::{HeadRecord, LogRow, Store, StoreError};

use super::world::{HOUR_MS, SERVICE, World, at, confirmed};
use crate::support::over_both_databases;

over_both_databases!(
    rows_get_places_once_and_in_their_order,
    a_head_covers_what_has_a_place,
    of_several_heads_at_once_one_is_made,
    writers_and_sealers_leave_no_row_out,
    waiting_rows_are_told,
    the_service_is_nobodys_account,
);

async fn placed(store: &dyn Store) -> Vec<LogRow> {
    store.placed_log(0, 1_000).await.unwrap()
}

async fn place_all(store: &dyn Store) {
    while store.place_log(3).await.unwrap() > 0 {}
}

async fn act(world: &World, number: i64) {
    world.store.add_account(&format!("account {number}"), at(number)).await.unwrap();
}

async fn seal(world: &World, after: u64, millis: i64) -> Option<HeadRecord> {
    world.store.seal_log(&world.stream, after, world.random(), at(millis)).await.unwrap()
}

async fn rows_get_places_once_and_in_their_order(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let store = world.store.as_ref();
    let waiting = store.unplaced_log(0, 100).await.unwrap();
    assert!(waiting.len() >= 2 && waiting.iter().all(|row| row.place.is_none()));
    assert_eq!(store.place_log(1).await.unwrap(), 1);
    place_all(store).await;
    assert_eq!(store.place_log(100).await.unwrap(), 0);
    assert_eq!(store.unplaced_log(0, 100).await.unwrap(), []);
    act(&world, 5).await;
    place_all(store).await;

    let rows = placed(store).await;
    assert_eq!(rows.len(), waiting.len() + 1);
    let mut tree = Frontier::default();
    for ((index, row), first) in (0..).zip(&rows).zip(waiting.iter().map(Some).chain([None])) {
        assert_eq!(row.place, Some((index, row.row.leaf())));
        assert!(first.is_none_or(|first| first.row == row.row), "the row itself is unchanged");
        assert_eq!(store.log_row(row.row.number).await.unwrap().as_ref(), Some(row));
        tree.push(row.row.leaf()).unwrap();
    }
    assert!(rows.is_sorted_by_key(|row| row.row.number));
    assert_eq!(store.log_tree().await.unwrap(), tree);
    assert_eq!(store.placed_log(1, 1).await.unwrap(), rows[1..2]);
    let last = &rows[rows.len() - 1];
    assert_eq!((last.row.action.as_str(), last.row.at), ("account.add", at(5)));
    let found = store.log_row_of("account.add", &last.row.subject).await.unwrap();
    assert_eq!(found.as_ref(), Some(last));
    assert_eq!(store.log_row(9_999).await.unwrap(), None);
}

async fn a_head_covers_what_has_a_place(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let store = world.store.as_ref();
    assert_eq!(seal(&world, 0, 1).await, None, "no row has a place");
    place_all(store).await;
    let size = placed(store).await.len() as u64;
    act(&world, 2).await;
    assert_eq!(seal(&world, 1, 3).await, None, "there is no head 1");
    let first = seal(&world, 0, 3).await.unwrap();
    assert_eq!(seal(&world, 0, 4).await, None, "there is a head 1");
    assert_eq!(seal(&world, 1, 4).await, None, "it covers all rows that have a place");
    place_all(store).await;
    let second = seal(&world, 1, 5).await.unwrap();

    let leaves: Vec<Hash> = placed(store).await.iter().map(|row| row.row.leaf()).collect();
    let head = &first.head;
    assert_eq!((head.sequence, head.size, head.previous), (1, size, None));
    assert_eq!(Some(head.root), root_of_leaves(&leaves[..leaves.len() - 1]));
    assert_eq!((head.service.as_str(), head.made_at), (SERVICE, at(3)));
    let head = &second.head;
    assert_eq!((head.sequence, head.size), (2, size + 1));
    assert_eq!(Some(head.root), root_of_leaves(&leaves));
    assert_eq!(head.previous, Some(first.head.digest()));
    assert_eq!(store.last_head().await.unwrap().as_ref(), Some(&second));
    assert_eq!(store.heads(0, 10).await.unwrap(), [first.clone(), second.clone()]);
    assert_eq!(store.heads(1, 10).await.unwrap(), std::slice::from_ref(&second));
    assert_eq!(store.head_covering(size - 1).await.unwrap().as_ref(), Some(&first));
    assert_eq!(store.head_covering(size).await.unwrap().as_ref(), Some(&second));
    assert_eq!(store.head_covering(size + 1).await.unwrap(), None);

    let positions = [first.position, second.position];
    assert_eq!(store.head_entries(None, 10).await.unwrap(), positions);
    assert_eq!(store.head_entries(Some(first.position), 10).await.unwrap(), positions[1..]);
    let entry = store.badge(second.position).await.unwrap().unwrap();
    assert_eq!((entry.rule, entry.issuer), (Rule::AuditHead, IssuerId::SERVICE));
    assert_eq!(entry.entry(), second.head.entry(entry.salt), "its leaf is that of FORMAT.md");
    assert!(!entry.public_lookup);
    let entries = store.entries(first.position, second.position.plus(1), 10).await.unwrap();
    assert_eq!(entries[1].entry, entry.entry(), "it is sealed as every badge is");
}

/// Where several replicas make a head at the same time, one head and one badge come of it.
async fn of_several_heads_at_once_one_is_made(store: Arc<dyn Store>) {
    let world = Arc::new(World::on(store).await);
    for round in 0..5 {
        act(&world, round).await;
        place_all(world.store.as_ref()).await;
        let after = round as u64;
        let makers = (0..4).map(|_| {
            let world = Arc::clone(&world);
            tokio::spawn(async move { seal(&world, after, 10 + round).await })
        });
        let made: Vec<_> = join_all(makers).await.into_iter().filter_map(Result::unwrap).collect();
        assert_eq!(made.len(), 1);
        assert_eq!(made[0].head.sequence, after + 1);
    }
    assert_eq!(world.store.head_entries(None, 10).await.unwrap().len(), 5);
}

/// A row that is committed late gets a later place, but it gets one.
async fn writers_and_sealers_leave_no_row_out(store: Arc<dyn Store>) {
    let world = Arc::new(World::on(store).await);
    let writers = (0..4).map(|writer| {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            for number in 0..15 {
                act(&world, writer * 100 + number).await;
            }
        })
    });
    let sealers = (0..2).map(|_| {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            for millis in 0..20 {
                place_all(world.store.as_ref()).await;
                let last = world.store.last_head().await.unwrap();
                let after = last.map_or(0, |last| last.head.sequence);
                seal(&world, after, millis).await;
            }
        })
    });
    let tasks: Vec<_> = writers.chain(sealers.collect::<Vec<_>>()).collect();
    for task in join_all(tasks).await {
        task.unwrap();
    }
    place_all(world.store.as_ref()).await;
    let last = world.store.last_head().await.unwrap().map_or(0, |last| last.head.sequence);
    seal(&world, last, 99).await;
    let rows = placed(world.store.as_ref()).await;
    let accounts = rows.iter().filter(|row| row.row.action == "account.add").count();
    assert_eq!(accounts, 61, "each act has one row, and each row a place");
    let mut tree = Frontier::default();
    let mut heads = world.store.heads(0, 100).await.unwrap().into_iter().peekable();
    for (index, row) in (0..).zip(&rows) {
        assert_eq!(row.place, Some((index, row.row.leaf())));
        tree.push(row.row.leaf()).unwrap();
        if let Some(made) = heads.next_if(|made| made.head.size == index + 1) {
            assert_eq!(Some(made.head.root), tree.root());
        }
    }
    assert_eq!(heads.next(), None);
}

async fn waiting_rows_are_told(store: Arc<dyn Store>) {
    let world = World::on(store).await;
    let store = world.store.as_ref();
    let all = store.waiting_log(0, None).await.unwrap();
    assert_eq!((all.rows >= 2, all.since), (true, Some(at(0))));
    store.place_log(1).await.unwrap();
    assert_eq!(store.waiting_log(0, None).await.unwrap(), all, "a place is not a head");
    place_all(store).await;
    seal(&world, 0, 1).await.unwrap();
    let none = store.waiting_log(all.rows, None).await.unwrap();
    assert_eq!((none.rows, none.since), (0, None));
    // the head's own batch becomes final, and an account is added
    let batch = world.cut().await;
    world.seal(&batch).await;
    let lease = world.lease().await;
    let transaction = world.prepare(&lease, world.anchor(0, batch.id)).await.unwrap();
    world.conclude(&lease, transaction, confirmed(1)).await.unwrap();
    let about_it = store.waiting_log(all.rows, None).await.unwrap().rows;
    assert!(about_it > 0);
    assert_eq!(store.waiting_log(all.rows, Some(batch.id)).await.unwrap().rows, 0);
    act(&world, HOUR_MS).await;
    let waiting = store.waiting_log(all.rows, Some(batch.id)).await.unwrap();
    assert_eq!((waiting.rows, waiting.since), (1, Some(at(HOUR_MS))));
}

async fn the_service_is_nobodys_account(store: Arc<dyn Store>) {
    assert_eq!(store.accounts().await.unwrap(), []);
    assert_eq!(store.issuers(None).await.unwrap(), []);
    let key = ApiKeyRecord {
        hash: Hash([1; 32]),
        account: AccountId::SERVICE,
        shown: "ingam_00".to_owned(),
        scopes: Scopes::from_bits(7).unwrap(),
        issuers: Vec::new(),
        created_at: at(0),
        expires_at: None,
        revoked_at: None,
    };
    let refused = store.add_key(&key).await;
    assert!(matches!(refused, Err(StoreError::NotFound)), "nobody has a key for it");
    let identifier = "https://hanbit.example/".parse().unwrap();
    let refused =
        store.add_issuer(AccountId::SERVICE, &identifier, &[], Control::Manual, at(0)).await;
    assert!(matches!(refused, Err(StoreError::NotFound)));
    let refused = store.disable_issuer(IssuerId::SERVICE, at(0)).await;
    assert!(matches!(refused, Err(StoreError::NotFound)));
    let account = store.add_account("a", at(0)).await.unwrap();
    assert_eq!(account.id, AccountId(1));
    let issuer = store.add_issuer(account.id, &identifier, &[], Control::Manual, at(0)).await;
    assert_eq!(issuer.unwrap().id, IssuerId(1));
    let its_own = AUDIT_ISSUER.parse().unwrap();
    let taken = store.add_issuer(account.id, &its_own, &[], Control::Manual, at(0)).await;
    assert!(matches!(taken, Err(StoreError::Conflict(_))), "its identifier is taken");
}
