//! The audit log as a tree, and its heads.

use domain::{BatchId, Position, Stream, Submission};
use proof::{Frontier, Hash, Timestamp};
use sqlx::PgConnection;
use store::audit_log::{NewPlace, next_head, place_rows};
use store::rows::{self, bindable};
use store::{AuditLog, HeadRecord, LogRow, StoreError, WaitingLog, guards, sql};

use crate::PostgresStore;
use crate::failure::Failure;
use crate::intake::accept;
use crate::row::{all, change, first, one};
use crate::sql as dialect;
use crate::transaction::{WRITE, transaction};

#[async_trait::async_trait]
impl AuditLog for PostgresStore {
    async fn last_head(&self) -> Result<Option<HeadRecord>, StoreError> {
        Ok(first(sqlx::query(sql::LAST_HEAD), &self.pool, rows::head).await?)
    }

    async fn waiting_log(
        &self,
        covered: u64,
        besides: Option<BatchId>,
    ) -> Result<WaitingLog, StoreError> {
        let statement = sqlx::query(sql::LOG_WAITING)
            .bind(bindable(covered, "size of the audit log")?)
            .bind(besides.map(|batch| format!("batch {batch}")).unwrap_or_default());
        Ok(one(statement, &self.pool, rows::waiting_log).await?)
    }

    async fn place_log(&self, limit: u32) -> Result<u64, StoreError> {
        let page = guards::page_size(limit)?;
        transaction!(self, WRITE, |tx| place_log(tx, page))
    }

    async fn seal_log(
        &self,
        stream: &Stream,
        after: u64,
        salt: Hash,
        now: Timestamp,
    ) -> Result<Option<HeadRecord>, StoreError> {
        transaction!(self, WRITE, |tx| seal_log(tx, stream, after, salt, now))
    }

    async fn heads(&self, after: u64, limit: u32) -> Result<Vec<HeadRecord>, StoreError> {
        let statement = sqlx::query(sql::HEADS)
            .bind(bindable(after, "sequence")?)
            .bind(guards::page_size(limit)?);
        Ok(all(statement, &self.pool, rows::head).await?)
    }

    async fn head_covering(&self, index: u64) -> Result<Option<HeadRecord>, StoreError> {
        let statement = sqlx::query(sql::HEAD_COVERING).bind(bindable(index, "place")?);
        Ok(first(statement, &self.pool, rows::head).await?)
    }

    async fn placed_log(&self, index: u64, limit: u32) -> Result<Vec<LogRow>, StoreError> {
        let statement = sqlx::query(sql::LOG_FROM)
            .bind(bindable(index, "place")?)
            .bind(guards::page_size(limit)?);
        Ok(all(statement, &self.pool, rows::log_row).await?)
    }

    async fn unplaced_log(&self, after: u64, limit: u32) -> Result<Vec<LogRow>, StoreError> {
        let statement = sqlx::query(sql::LOG_WAITING_ROWS)
            .bind(bindable(after, "row")?)
            .bind(guards::page_size(limit)?);
        Ok(all(statement, &self.pool, rows::log_row).await?)
    }

    async fn log_tree(&self) -> Result<Frontier, StoreError> {
        Ok(one(sqlx::query(sql::LOG_TREE), &self.pool, rows::log_tree).await?)
    }

    async fn log_row(&self, number: u64) -> Result<Option<LogRow>, StoreError> {
        let statement = sqlx::query(sql::LOG_ROW).bind(bindable(number, "row")?);
        Ok(first(statement, &self.pool, rows::log_row).await?)
    }

    async fn log_row_of(&self, action: &str, subject: &str) -> Result<Option<LogRow>, StoreError> {
        let statement = sqlx::query(sql::LOG_ROW_OF).bind(action).bind(subject);
        Ok(first(statement, &self.pool, rows::log_row).await?)
    }

    async fn head_entries(
        &self,
        after: Option<Position>,
        limit: u32,
    ) -> Result<Vec<Position>, StoreError> {
        let statement = sqlx::query(sql::HEAD_ENTRIES)
            .bind(after.map_or(-1, Position::as_i64))
            .bind(guards::page_size(limit)?);
        Ok(all(statement, &self.pool, rows::position).await?)
    }
}

/// Locks the tree's row: places are given, and heads made, by one transaction at a time.
async fn lock_tree(tx: &mut PgConnection) -> Result<Frontier, Failure> {
    one(sqlx::query(dialect::LOCK_LOG_TREE), tx, rows::log_tree).await
}

async fn place_log(tx: &mut PgConnection, page: i64) -> Result<u64, Failure> {
    let mut tree = lock_tree(tx).await?;
    let waiting = sqlx::query(sql::LOG_WAITING_ROWS).bind(0_i64).bind(page);
    let waiting = all(waiting, &mut *tx, rows::log_row).await?;
    if waiting.is_empty() {
        return Ok(0);
    }
    let places = place_rows(&mut tree, &waiting)?;
    write_places(tx, &places, &tree).await?;
    Ok(places.len() as u64)
}

async fn write_places(
    tx: &mut PgConnection,
    places: &[NewPlace],
    tree: &Frontier,
) -> Result<(), Failure> {
    let (mut numbers, mut indexes, mut leaves) = (Vec::new(), Vec::new(), Vec::new());
    for (number, index, leaf) in places {
        numbers.push(bindable(*number, "row")?);
        indexes.push(bindable(*index, "place")?);
        leaves.push(&leaf.0[..]);
    }
    let update = sqlx::query(dialect::PLACE_LOG).bind(numbers).bind(indexes).bind(leaves);
    let changed = change(update, &mut *tx).await?;
    guards::affected(changed, places.len() as u64, "places of the audit log")?;
    let grow = sqlx::query(sql::GROW_LOG_TREE)
        .bind(bindable(tree.size(), "size of the audit log")?)
        .bind(tree.to_bytes());
    Ok(guards::affected(change(grow, tx).await?, 1, "tree of the audit log")?)
}

async fn seal_log(
    tx: &mut PgConnection,
    stream: &Stream,
    after: u64,
    salt: Hash,
    now: Timestamp,
) -> Result<Option<HeadRecord>, Failure> {
    let tree = lock_tree(tx).await?;
    let last = first(sqlx::query(sql::LAST_HEAD), &mut *tx, rows::head).await?;
    let Some(head) = next_head(&tree, last.as_ref(), after, &stream.service, now) else {
        return Ok(None);
    };
    let entry = Submission::of_head(&head, salt);
    let accepted = accept(tx, stream.id, &[entry]).await?;
    let position = guards::one_new(&accepted)?;
    let record = HeadRecord { head, position };
    insert_head(tx, &record).await?;
    Ok(Some(record))
}

async fn insert_head(
    tx: &mut PgConnection,
    HeadRecord { head, position }: &HeadRecord,
) -> Result<(), Failure> {
    let insert = sqlx::query(sql::INSERT_HEAD)
        .bind(bindable(head.sequence, "sequence")?)
        .bind(&head.service)
        .bind(bindable(head.size, "size of the audit log")?)
        .bind(&head.root.0[..])
        .bind(head.previous.as_ref().map(|previous| &previous.0[..]))
        .bind(head.made_at.millis())
        .bind(position.as_i64());
    change(insert, tx).await?;
    Ok(())
}
