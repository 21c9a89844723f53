//! The service on a real chain, with nodes between them that fail and lie: each fault, then healing,
//! then every badge is final, its effect once on chain, the audit clean.
//!
//! Blocks are mined when a test says so; nothing waits for time to pass.

mod fees;
mod nodes;
mod nonces;
mod oracle;
mod reads;
mod reorganisations;
mod sending;
mod world;

const SEND: &str = "eth_sendRawTransaction";
const NONCE: &str = "eth_getTransactionCount";
const RECEIPT: &str = "eth_getTransactionReceipt";
const BLOCK: &str = "eth_getBlockByNumber";
const CALL: &str = "eth_call";
const ESTIMATE: &str = "eth_estimateGas";

/// As `over_both_databases`, on SQLite alone: what differs is before the store.
macro_rules! over_sqlite {
    ($($name:ident),+ $(,)?) => {
        mod sqlite_only {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    let database = $crate::support::Database::sqlite().await;
                    let store = database.open().await.unwrap();
                    super::$name(std::sync::Arc::clone(&store)).await;
                    store.close().await;
                }
            )+
        }
    };
}
use over_sqlite;
