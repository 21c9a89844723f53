//! The auditor finds what breaks the invariants of the state machine, behind the service's back.

use std::sync::Arc;

use chain::Chain;
use domain::Clock as _;

use crate::support::{Database, Service};

/// What is done to a database with two final batches, and what the auditor says.
const HARMS: [(&str, &str); 6] = [
    (
        "UPDATE stream SET open_from = open_from - 1, open_since = 1, open_deadline_at = 253402207199999",
        "1 positions were cut into no batch, or into two",
    ),
    (
        "DROP INDEX tx_live;
         UPDATE tx SET state = 'live', batch_id = (SELECT MIN(batch_id) FROM tx)",
        "another anchor of batch",
    ),
    ("UPDATE signer SET base_nonce = 1", "its nonce 0 is below the first one that is ours, 1"),
    ("UPDATE tx SET nonce = 7 WHERE nonce = 1", "nonce 1 is missing before nonce 7"),
    (
        "UPDATE batch SET commitment = root
         WHERE id = (SELECT MIN(id) FROM batch WHERE commitment IS NOT NULL)",
        "and no batch has it: its leaves are nowhere published",
    ),
    ("DELETE FROM tile WHERE level = 0", "0 leaves are stored for"),
];

/// Rows may then contradict each other.
const WITHOUT_REFERENCES: [&str; 2] =
    ["PRAGMA foreign_keys = OFF;", "SET session_replication_role = replica;"];

async fn each_harm_is_found(postgres: bool) {
    for (harm, expected) in HARMS {
        let database = if postgres { Database::postgres().await } else { Database::sqlite().await };
        let mut service = Service::on(database.open().await.unwrap()).await;
        for _ in 0..2 {
            service.submit(2).await;
            service.grow_old();
            service.until_final().await;
        }
        service.assert_kept().await;
        service.store.close().await;
        let statements = format!("{} {harm};", WITHOUT_REFERENCES[usize::from(postgres)]);
        database.execute(Box::leak(statements.into_boxed_str())).await;
        let store = database.open().await.unwrap();
        let chain: &dyn Chain = service.chain.as_ref();
        let now = service.clock.now();
        let audit = worker::audit::audit(Arc::as_ref(&store), Some(chain), now).await.unwrap();
        let told = audit.findings.iter().any(|finding| finding.to_string().contains(expected));
        assert!(told, "{harm}: {expected}\nis not told: {:#?}", audit.findings);
        store.close().await;
        database.drop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_harm_is_found_sqlite() {
    each_harm_is_found(false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(postgres), ignore = "TEST_DATABASE_URL is not set")]
async fn each_harm_is_found_postgres() {
    each_harm_is_found(true).await;
}
