//! What others did on chain.

use domain::{ContractEvent, Position, RevocationReason};
use proof::{Address, Hash, Timestamp};
use sqlx::PgConnection;
use store::rows::bindable;
use store::{DatedFact, Following, StoreError, rows, sql};

use crate::PostgresStore;
use crate::administration::note;
use crate::failure::Failure;
use crate::lookup::token_by_id;
use crate::row::{all, change, first};
use crate::transaction::{WRITE, transaction};

/// The contract whose events are stored.
struct Source {
    chain_id: u64,
    chain: i64,
    contract: Address,
}

impl Source {
    async fn note(
        &self,
        tx: &mut PgConnection,
        at: Timestamp,
        action: &str,
        subject: &str,
    ) -> Result<(), Failure> {
        note(tx, at, &format!("chain {}", self.chain_id), action, subject).await
    }

    /// Positions of the leaves of a batch that are ours.
    async fn leaves(
        &self,
        tx: &mut PgConnection,
        commitment: Hash,
        indexes: &[u32],
    ) -> Result<Vec<Position>, Failure> {
        let mut positions = Vec::new();
        for index in indexes {
            let statement = sqlx::query(sql::LEAF_POSITION)
                .bind(commitment.0)
                .bind(self.chain)
                .bind(self.contract.0)
                .bind(i64::from(*index));
            positions.extend(all(statement, &mut *tx, rows::position).await?);
        }
        Ok(positions)
    }

    async fn revoked(
        &self,
        tx: &mut PgConnection,
        position: Position,
        reason: RevocationReason,
        at: Timestamp,
    ) -> Result<(), Failure> {
        let statement = sqlx::query(sql::REVOKED_ELSEWHERE)
            .bind(position.as_i64())
            .bind(i16::from(reason.code()))
            .bind(at.millis());
        if change(statement, &mut *tx).await? == 0 {
            return Ok(());
        }
        self.note(tx, at, "leaf.revoked", &format!("position {position}")).await
    }

    async fn reinstated(
        &self,
        tx: &mut PgConnection,
        position: Position,
        at: Timestamp,
    ) -> Result<(), Failure> {
        let statement = sqlx::query(sql::REINSTATED).bind(position.as_i64());
        if change(statement, &mut *tx).await? == 0 {
            return Ok(());
        }
        self.note(tx, at, "leaf.reinstated", &format!("position {position}")).await
    }

    async fn store(
        &self,
        tx: &mut PgConnection,
        DatedFact { fact, at }: &DatedFact,
    ) -> Result<(), Failure> {
        match fact {
            ContractEvent::Burned { id } => {
                let token = token_by_id(&mut *tx, self.chain_id, self.contract, *id).await?;
                let Some(token) = token else { return Ok(()) };
                let position = token.position;
                let statement =
                    sqlx::query(sql::BURN_TOKEN).bind(position.as_i64()).bind(at.millis());
                if change(statement, &mut *tx).await? == 1 {
                    let subject = format!("token {position}");
                    self.note(tx, *at, "token.burned", &subject).await?;
                }
            }
            ContractEvent::Revoked { commitment, indexes, reason } => {
                for position in self.leaves(tx, *commitment, indexes).await? {
                    self.revoked(tx, position, *reason, *at).await?;
                }
            }
            ContractEvent::Reinstated { commitment, indexes } => {
                for position in self.leaves(tx, *commitment, indexes).await? {
                    self.reinstated(tx, position, *at).await?;
                }
            }
            ContractEvent::BatchRevoked { commitment, reason } => {
                let statement = sqlx::query(sql::BATCH_REVOKED)
                    .bind(commitment.0)
                    .bind(self.chain)
                    .bind(self.contract.0)
                    .bind(i16::from(reason.code()))
                    .bind(at.millis());
                if change(statement, &mut *tx).await? > 0 {
                    let subject = format!("commitment {commitment}");
                    self.note(tx, *at, "batch.revoked", &subject).await?;
                }
            }
            ContractEvent::BatchReinstated { commitment } => {
                let statement = sqlx::query(sql::BATCH_REINSTATED)
                    .bind(commitment.0)
                    .bind(self.chain)
                    .bind(self.contract.0);
                if change(statement, &mut *tx).await? > 0 {
                    let subject = format!("commitment {commitment}");
                    self.note(tx, *at, "batch.reinstated", &subject).await?;
                }
            }
        }
        Ok(())
    }
}

#[async_trait::async_trait]
impl Following for PostgresStore {
    async fn followed(&self, chain_id: u64, contract: Address) -> Result<Option<u64>, StoreError> {
        let chain = bindable(chain_id, "chain id")?;
        let statement = sqlx::query(sql::FOLLOWED).bind(chain).bind(contract.0);
        Ok(first(statement, &self.pool, |row| rows::count(row, "block")).await?)
    }

    async fn follow(
        &self,
        chain_id: u64,
        contract: Address,
        block: u64,
        facts: &[DatedFact],
    ) -> Result<(), StoreError> {
        let source = Source { chain_id, chain: bindable(chain_id, "chain id")?, contract };
        transaction!(self, WRITE, |tx| follow(tx, &source, block, facts))
    }
}

async fn follow(
    tx: &mut PgConnection,
    source: &Source,
    block: u64,
    facts: &[DatedFact],
) -> Result<(), Failure> {
    let statement = sqlx::query(sql::FOLLOW)
        .bind(source.chain)
        .bind(source.contract.0)
        .bind(bindable(block, "block number")?);
    if change(statement, &mut *tx).await? == 0 {
        let why = format!("block {block} is below one stored");
        return Err(StoreError::Conflict(why).into());
    }
    for fact in facts {
        source.store(tx, fact).await?;
    }
    Ok(())
}
