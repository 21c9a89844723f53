//! What others did on chain.

use domain::{ContractEvent, Position, RevocationReason};
use proof::{Address, Hash, Timestamp};
use sqlx::sqlite::SqliteConnection;
use store::rows::bindable;
use store::{DatedFact, Following, StoreError, rows, sql};

use crate::SqliteStore;
use crate::administration::note;
use crate::error::stored;
use crate::lookup::token_by_id;
use crate::rows::{all, maybe, run};

/// The contract whose events are stored.
struct Source {
    chain_id: u64,
    chain: i64,
    contract: Address,
}

impl Source {
    async fn note(
        &self,
        connection: &mut SqliteConnection,
        at: Timestamp,
        action: &str,
        subject: &str,
    ) -> Result<(), StoreError> {
        note(connection, at, &format!("chain {}", self.chain_id), action, subject).await
    }

    /// Positions of the leaves of a batch that are ours.
    async fn leaves(
        &self,
        connection: &mut SqliteConnection,
        commitment: Hash,
        indexes: &[u32],
    ) -> Result<Vec<Position>, StoreError> {
        let mut positions = Vec::new();
        for index in indexes {
            let query = sqlx::query(sql::LEAF_POSITION)
                .bind(commitment.0.to_vec())
                .bind(self.chain)
                .bind(self.contract.0.to_vec())
                .bind(*index);
            positions.extend(all(connection, query, rows::position).await?);
        }
        Ok(positions)
    }

    async fn revoked(
        &self,
        connection: &mut SqliteConnection,
        position: Position,
        reason: RevocationReason,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let query = sqlx::query(sql::REVOKED_ELSEWHERE)
            .bind(position.as_i64())
            .bind(reason.code())
            .bind(at.millis());
        if run(connection, query).await? == 0 {
            return Ok(());
        }
        self.note(connection, at, "leaf.revoked", &format!("position {position}")).await
    }

    async fn reinstated(
        &self,
        connection: &mut SqliteConnection,
        position: Position,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let query = sqlx::query(sql::REINSTATED).bind(position.as_i64());
        if run(connection, query).await? == 0 {
            return Ok(());
        }
        self.note(connection, at, "leaf.reinstated", &format!("position {position}")).await
    }

    async fn store(
        &self,
        connection: &mut SqliteConnection,
        DatedFact { fact, at }: &DatedFact,
    ) -> Result<(), StoreError> {
        match fact {
            ContractEvent::Burned { id } => {
                let token = token_by_id(connection, self.chain_id, self.contract, *id).await?;
                let Some(token) = token else { return Ok(()) };
                let position = token.position;
                let query = sqlx::query(sql::BURN_TOKEN).bind(position.as_i64()).bind(at.millis());
                if run(connection, query).await? == 1 {
                    let subject = format!("token {position}");
                    self.note(connection, *at, "token.burned", &subject).await?;
                }
            }
            ContractEvent::Revoked { commitment, indexes, reason } => {
                for position in self.leaves(connection, *commitment, indexes).await? {
                    self.revoked(connection, position, *reason, *at).await?;
                }
            }
            ContractEvent::Reinstated { commitment, indexes } => {
                for position in self.leaves(connection, *commitment, indexes).await? {
                    self.reinstated(connection, position, *at).await?;
                }
            }
            ContractEvent::BatchRevoked { commitment, reason } => {
                let query = sqlx::query(sql::BATCH_REVOKED)
                    .bind(commitment.0.to_vec())
                    .bind(self.chain)
                    .bind(self.contract.0.to_vec())
                    .bind(reason.code())
                    .bind(at.millis());
                if run(connection, query).await? > 0 {
                    let subject = format!("commitment {commitment}");
                    self.note(connection, *at, "batch.revoked", &subject).await?;
                }
            }
            ContractEvent::BatchReinstated { commitment } => {
                let query = sqlx::query(sql::BATCH_REINSTATED)
                    .bind(commitment.0.to_vec())
                    .bind(self.chain)
                    .bind(self.contract.0.to_vec());
                if run(connection, query).await? > 0 {
                    let subject = format!("commitment {commitment}");
                    self.note(connection, *at, "batch.reinstated", &subject).await?;
                }
            }
        }
        Ok(())
    }
}

#[async_trait::async_trait]
impl Following for SqliteStore {
    async fn followed(&self, chain_id: u64, contract: Address) -> Result<Option<u64>, StoreError> {
        let mut reader = self.files.reader().await?;
        let query = sqlx::query(sql::FOLLOWED)
            .bind(bindable(chain_id, "chain id")?)
            .bind(contract.0.to_vec());
        maybe(&mut reader, query, |row| rows::count(row, "block")).await
    }

    async fn follow(
        &self,
        chain_id: u64,
        contract: Address,
        block: u64,
        facts: &[DatedFact],
    ) -> Result<(), StoreError> {
        let source = Source { chain_id, chain: bindable(chain_id, "chain id")?, contract };
        let mut writer = self.files.writer().await?;
        let mut tx = writer.begin().await?;
        let query = sqlx::query(sql::FOLLOW)
            .bind(source.chain)
            .bind(contract.0.to_vec())
            .bind(bindable(block, "block number")?);
        if run(&mut tx, query).await? == 0 {
            return Err(StoreError::Conflict(format!("block {block} is below one stored")));
        }
        for fact in facts {
            source.store(&mut tx, fact).await?;
        }
        tx.commit().await.map_err(stored)
    }
}
