//! What transactions use.

use proof::Timestamp;
use store::rows::{self, bindable};
use store::{Spending, StoreError, sql};

use crate::PostgresStore;
use crate::row::one;

#[async_trait::async_trait]
impl Spending for PostgresStore {
    async fn gas_since(&self, chain_id: u64, since: Timestamp) -> Result<u64, StoreError> {
        let statement =
            sqlx::query(sql::GAS_SINCE).bind(bindable(chain_id, "chain id")?).bind(since.millis());
        Ok(one(statement, &self.pool, |row| rows::count(row, "gas")).await?)
    }
}
