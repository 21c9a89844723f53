//! The auditor finds what was altered behind the service's back.

use std::sync::Arc;

use chain::Chain;
use domain::Clock as _;

use crate::support::{Database, Service, owner};

/// What is done to a database whose three tokens stand in the order of their requests, how it is
/// undone where that is easy, and what the auditor says.
const HARMS: [(&str, Option<&str>, &str); 9] = [
    (
        "UPDATE token SET leaf_index = 2 - leaf_index",
        Some("UPDATE token SET leaf_index = 2 - leaf_index"),
        "its leaf is not that of its badge",
    ),
    (
        "UPDATE token SET leaf_index = 2 - leaf_index",
        Some("UPDATE token SET leaf_index = 2 - leaf_index"),
        "its leaves are not in the order of owners",
    ),
    (
        "UPDATE token SET leaf_index = 1 WHERE leaf_index = 2",
        Some("UPDATE token SET leaf_index = 2 WHERE pos = (SELECT MAX(pos) FROM token)"),
        "its 3 tokens do not have its 3 leaves",
    ),
    (
        "UPDATE token SET burned_at = 1 WHERE leaf_index = 0",
        Some("UPDATE token SET burned_at = NULL"),
        "it is burned here, but not on chain",
    ),
    (
        "INSERT INTO revocation (pos, reason, requested_at, final_at)
         SELECT pos, 4, 1, 1 FROM token WHERE leaf_index = 1",
        Some("DELETE FROM revocation"),
        "it is revoked here, but not on chain",
    ),
    (
        "INSERT INTO revocation (pos, reason, requested_at, final_at)
         SELECT badge_pos, 4, 1, 1 FROM token WHERE leaf_index = 1",
        Some("DELETE FROM revocation"),
        "it is revoked here, but not on chain",
    ),
    (
        "UPDATE token SET owner = (SELECT owner FROM token ORDER BY owner DESC LIMIT 1)",
        None,
        "its owners are not those that were sealed",
    ),
    (
        "UPDATE batch SET owners_hash = commitment WHERE owners_hash IS NOT NULL",
        None,
        "it was minted to other owners",
    ),
    ("DELETE FROM token WHERE leaf_index = 0", None, "its 2 tokens do not have its 3 leaves"),
];

async fn what_was_altered_is_found(database: Database) {
    let mut service = Service::minting(database.open().await.unwrap()).await;
    let badges = service.submit_for(&[owner(1), owner(2), owner(3)]).await;
    service.grow_mints_old();
    service.until_minted(&badges).await;
    service.until_final().await;
    service.assert_kept().await;
    service.store.close().await;
    let chain: &dyn Chain = service.chain.as_ref();
    let audit = async |database: &Database| {
        let store = database.open().await.unwrap();
        let now = service.clock.now();
        let audit = worker::audit::audit(Arc::as_ref(&store), Some(chain), now).await.unwrap();
        store.close().await;
        audit
    };
    for (harm, mend, expected) in HARMS {
        database.execute(harm).await;
        let found = audit(&database).await.findings;
        assert!(found.iter().any(|it| it.detail == expected), "{harm}: {found:#?}");
        if let Some(mend) = mend {
            database.execute(mend).await;
            let left = audit(&database).await;
            assert!(left.is_clean(), "{mend}: {:#?}", left.findings);
        }
    }
    database.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_altered_is_found_sqlite() {
    what_was_altered_is_found(Database::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(postgres), ignore = "TEST_DATABASE_URL is not set")]
async fn what_was_altered_is_found_postgres() {
    what_was_altered_is_found(Database::postgres().await).await;
}
