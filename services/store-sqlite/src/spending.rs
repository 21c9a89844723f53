//! What transactions use.

use proof::Timestamp;
use store::rows::bindable;
use store::{Spending, StoreError, rows, sql};

use crate::SqliteStore;
use crate::rows::one;

#[async_trait::async_trait]
impl Spending for SqliteStore {
    async fn gas_since(&self, chain_id: u64, since: Timestamp) -> Result<u64, StoreError> {
        let mut reader = self.files.reader().await?;
        let query =
            sqlx::query(sql::GAS_SINCE).bind(bindable(chain_id, "chain id")?).bind(since.millis());
        one(&mut reader, query, |row| rows::count(row, "gas")).await
    }
}
