//! The audit log as a tree, and its heads.

use domain::{BatchId, Position, Stream, Submission};
use proof::{Frontier, Hash, Timestamp};
use sqlx::sqlite::SqliteConnection;
use sqlx::{QueryBuilder, Sqlite};
use store::audit_log::{NewPlace, next_head, place_rows};
use store::rows::bindable;
use store::{AuditLog, HeadRecord, LogRow, StoreError, WaitingLog, guards, rows, sql};

use crate::SqliteStore;
use crate::error::stored;
use crate::intake::{CHUNK, accept};
use crate::rows::{all, maybe, one, run};

async fn write_places(
    connection: &mut SqliteConnection,
    places: &[NewPlace],
    tree: &Frontier,
) -> Result<(), StoreError> {
    for chunk in places.chunks(CHUNK) {
        let mut rows = Vec::with_capacity(chunk.len());
        for (number, index, leaf) in chunk {
            rows.push((bindable(*number, "row")?, bindable(*index, "place")?, leaf.0.to_vec()));
        }
        let mut query = QueryBuilder::<Sqlite>::new("WITH place (number, leaf_index, leaf) AS (");
        query.push_values(rows, |mut values, (number, index, leaf)| {
            values.push_bind(number).push_bind(index).push_bind(leaf);
        });
        query.push(
            ") UPDATE audit_log SET leaf_index = place.leaf_index, leaf = place.leaf FROM place
            WHERE audit_log.id = place.number AND audit_log.leaf_index IS NULL",
        );
        let changed = run(connection, query.build()).await?;
        guards::affected(changed, chunk.len() as u64, "places of the audit log")?;
    }
    let grow = sqlx::query(sql::GROW_LOG_TREE)
        .bind(bindable(tree.size(), "size of the audit log")?)
        .bind(tree.to_bytes());
    guards::affected(run(connection, grow).await?, 1, "tree of the audit log")
}

async fn insert_head(
    connection: &mut SqliteConnection,
    HeadRecord { head, position }: &HeadRecord,
) -> Result<(), StoreError> {
    let insert = sqlx::query(sql::INSERT_HEAD)
        .bind(bindable(head.sequence, "sequence")?)
        .bind(head.service.clone())
        .bind(bindable(head.size, "size of the audit log")?)
        .bind(head.root.0.to_vec())
        .bind(head.previous.map(|previous| previous.0.to_vec()))
        .bind(head.made_at.millis())
        .bind(position.as_i64());
    run(connection, insert).await.map(drop)
}

#[async_trait::async_trait]
impl AuditLog for SqliteStore {
    async fn last_head(&self) -> Result<Option<HeadRecord>, StoreError> {
        let mut reader = self.files.reader().await?;
        maybe(&mut reader, sqlx::query(sql::LAST_HEAD), rows::head).await
    }

    async fn waiting_log(
        &self,
        covered: u64,
        besides: Option<BatchId>,
    ) -> Result<WaitingLog, StoreError> {
        let mut reader = self.files.reader().await?;
        let query = sqlx::query(sql::LOG_WAITING)
            .bind(bindable(covered, "size of the audit log")?)
            .bind(besides.map(|batch| format!("batch {batch}")).unwrap_or_default());
        one(&mut reader, query, rows::waiting_log).await
    }

    async fn place_log(&self, limit: u32) -> Result<u64, StoreError> {
        let page = guards::page_size(limit)?;
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        let mut tree = one(&mut tx, sqlx::query(sql::LOG_TREE), rows::log_tree).await?;
        let waiting = sqlx::query(sql::LOG_WAITING_ROWS).bind(0_i64).bind(page);
        let waiting = all(&mut tx, waiting, rows::log_row).await?;
        if waiting.is_empty() {
            return Ok(0);
        }
        let places = place_rows(&mut tree, &waiting)?;
        write_places(&mut tx, &places, &tree).await?;
        tx.commit().await.map_err(stored)?;
        Ok(places.len() as u64)
    }

    async fn seal_log(
        &self,
        stream: &Stream,
        after: u64,
        salt: Hash,
        now: Timestamp,
    ) -> Result<Option<HeadRecord>, StoreError> {
        let mut writer = self.files.intake_writer().await?;
        let mut tx = writer.begin().await?;
        let tree = one(&mut tx, sqlx::query(sql::LOG_TREE), rows::log_tree).await?;
        let last = maybe(&mut tx, sqlx::query(sql::LAST_HEAD), rows::head).await?;
        let Some(head) = next_head(&tree, last.as_ref(), after, &stream.service, now) else {
            return Ok(None);
        };
        let entry = Submission::of_head(&head, salt);
        let accepted = accept(&mut tx, stream.id, &[entry]).await?;
        let position = guards::one_new(&accepted)?;
        let record = HeadRecord { head, position };
        insert_head(&mut tx, &record).await?;
        tx.commit().await.map_err(stored)?;
        Ok(Some(record))
    }

    async fn heads(&self, after: u64, limit: u32) -> Result<Vec<HeadRecord>, StoreError> {
        let page = guards::page_size(limit)?;
        let mut reader = self.files.reader().await?;
        let query = sqlx::query(sql::HEADS).bind(bindable(after, "sequence")?).bind(page);
        all(&mut reader, query, rows::head).await
    }

    async fn head_covering(&self, index: u64) -> Result<Option<HeadRecord>, StoreError> {
        let mut reader = self.files.reader().await?;
        let query = sqlx::query(sql::HEAD_COVERING).bind(bindable(index, "place")?);
        maybe(&mut reader, query, rows::head).await
    }

    async fn placed_log(&self, index: u64, limit: u32) -> Result<Vec<LogRow>, StoreError> {
        let page = guards::page_size(limit)?;
        let mut reader = self.files.reader().await?;
        let query = sqlx::query(sql::LOG_FROM).bind(bindable(index, "place")?).bind(page);
        all(&mut reader, query, rows::log_row).await
    }

    async fn unplaced_log(&self, after: u64, limit: u32) -> Result<Vec<LogRow>, StoreError> {
        let page = guards::page_size(limit)?;
        let mut reader = self.files.reader().await?;
        let query = sqlx::query(sql::LOG_WAITING_ROWS).bind(bindable(after, "row")?).bind(page);
        all(&mut reader, query, rows::log_row).await
    }

    async fn log_tree(&self) -> Result<Frontier, StoreError> {
        let mut reader = self.files.reader().await?;
        one(&mut reader, sqlx::query(sql::LOG_TREE), rows::log_tree).await
    }

    async fn log_row(&self, number: u64) -> Result<Option<LogRow>, StoreError> {
        let mut reader = self.files.reader().await?;
        let query = sqlx::query(sql::LOG_ROW).bind(bindable(number, "row")?);
        maybe(&mut reader, query, rows::log_row).await
    }

    async fn log_row_of(&self, action: &str, subject: &str) -> Result<Option<LogRow>, StoreError> {
        let mut reader = self.files.reader().await?;
        let query = sqlx::query(sql::LOG_ROW_OF).bind(action.to_owned()).bind(subject.to_owned());
        maybe(&mut reader, query, rows::log_row).await
    }

    async fn head_entries(
        &self,
        after: Option<Position>,
        limit: u32,
    ) -> Result<Vec<Position>, StoreError> {
        let page = guards::page_size(limit)?;
        let mut reader = self.files.reader().await?;
        let after = after.map_or(-1, Position::as_i64);
        let query = sqlx::query(sql::HEAD_ENTRIES).bind(after).bind(page);
        all(&mut reader, query, rows::position).await
    }
}
