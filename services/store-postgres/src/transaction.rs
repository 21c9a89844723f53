//! Transactions: one a store method, run again when they lost a race.

use sqlx::PgConnection;

use crate::failure::Failure;
use crate::row::change;
use crate::sql as dialect;

/// How often a transaction that lost a race is tried in all.
const TRIES: u32 = 5;
/// For writers. Their locks rely on each statement seeing what was committed before it, whatever
/// the server's default is.
pub(crate) const WRITE: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
/// For several statements that must see one state.
pub(crate) const READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// From here to the commit, no other transaction takes an id of this table.
pub(crate) async fn order_ids(tx: &mut PgConnection, table: i32) -> Result<(), Failure> {
    change(sqlx::query(dialect::ORDER_IDS).bind(table), tx).await?;
    Ok(())
}

/// The tries of one transaction.
pub(crate) struct Tries(u32);

impl Tries {
    pub(crate) const fn first() -> Self {
        Self(1)
    }

    /// Whether to try once more.
    pub(crate) fn again(&mut self, failure: &Failure) -> bool {
        if !failure.is_transient() || self.0 == TRIES {
            return false;
        }
        let (code, constraint) = failure.cause();
        tracing::debug!(tries = self.0, code, constraint, "a transaction lost a race");
        self.0 += 1;
        true
    }
}

/// Awaits `$work` with the connection `$tx` in a transaction that begins with `$begin`, and commits.
/// A crash or an error before the commit leaves nothing behind. A macro, since a function cannot
/// yet demand that the future of an asynchronous closure is `Send`.
macro_rules! transaction {
    ($store:expr, $begin:expr, |$tx:ident| $work:expr) => {{
        let mut tries = $crate::transaction::Tries::first();
        loop {
            let ended: Result<_, $crate::failure::Failure> = async {
                // rolled back when dropped without a commit
                let mut transaction = $store.pool.begin_with($begin).await?;
                let $tx = &mut *transaction;
                let done = $work.await?;
                transaction.commit().await?;
                Ok(done)
            }
            .await;
            match ended {
                Err(failure) if tries.again(&failure) => {}
                ended => break ended.map_err(store::StoreError::from),
            }
        }
    }};
}
pub(crate) use transaction;
