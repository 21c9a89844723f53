//! From a sealed batch to bytes on the wire: sign, store, then send.

use chain::{ContractCall, Preflight, SendError, SignError, SignedTransaction, TransactionRequest};
use domain::{Attempt, Batch, BatchId, BlockedReason, Fees, LiveTransaction, Position, Purpose};
use proof::{Address, Timestamp};
use store::{NewTransaction, RevocationJob, StoreError};

use super::{Anchorer, Done};
use crate::{Answer, Delivery, Look, SigningStep, StepError};

/// What a new transaction is made of.
pub(super) struct Order {
    pub(super) call: ContractCall,
    pub(super) purpose: Purpose,
    pub(super) revoked: Vec<Position>,
    pub(super) deadline_at: Timestamp,
    /// Where its batch is cut in two when it needs too much gas; `None` when it cannot be.
    pub(super) split_at: Option<Position>,
}

impl Anchorer<'_> {
    pub(crate) async fn take(&mut self, step: SigningStep) -> Done {
        match step {
            SigningStep::Observe { transaction } => self.observe(&transaction).await,
            SigningStep::Conclude { transaction } => self.conclude(&transaction).await,
            SigningStep::Bump { transaction, fees } => self.bump(&transaction, fees).await,
            SigningStep::Send { transaction } => self.send_newest(&transaction).await,
            SigningStep::Anchor { batch, registry } => self.anchor(&batch, registry).await,
            SigningStep::Revoke { job } => self.revoke(job).await,
            SigningStep::Mint { batch, collection } => self.mint(&batch, collection).await,
        }
    }

    async fn anchor(&mut self, batch: &Batch, registry: Address) -> Done {
        let Some(seal) = batch.seal() else { return Ok(false) };
        let order = Order {
            call: ContractCall::Anchor { registry, commitment: seal.commitment },
            purpose: Purpose::Anchor { batch: batch.id },
            revoked: Vec::new(),
            deadline_at: batch.deadline_at,
            split_at: None,
        };
        self.prepare(order).await
    }

    async fn revoke(&mut self, job: RevocationJob) -> Done {
        let Some(reason) = job.items.first().map(|item| item.reason) else { return Ok(false) };
        let order = Order {
            call: ContractCall::Revoke {
                registry: job.registry,
                commitment: job.commitment,
                indexes: job.items.iter().map(|item| item.index).collect(),
                reason,
            },
            purpose: Purpose::Revoke { batch: job.batch },
            revoked: job.items.iter().map(|item| item.position).collect(),
            deadline_at: job.requested_at.plus_millis(REVOCATION_DEADLINE_MS),
            split_at: None,
        };
        self.prepare(order).await
    }

    /// The critical path, top to bottom.
    pub(super) async fn prepare(&mut self, order: Order) -> Done {
        if !self.may_ask_key() {
            return Ok(false);
        }
        let gas_limit = match self.chain.preflight(self.signer.address, &order.call).await? {
            Preflight::Ready { gas_limit } => gas_limit,
            Preflight::Blocked(reason) => return self.blocked(&order, reason).await,
            Preflight::TooMuchGas { estimate } => {
                return match order.split_at {
                    Some(at) => self.split(order.purpose.batch(), at, estimate).await,
                    None => self.blocked(&order, BlockedReason::Gas).await,
                };
            }
        };
        // crash: nothing has happened
        self.failpoints.hit("before-sign")?;
        let due = self.policy.due(order.purpose, order.deadline_at);
        let cap = self.policy.fees.cap(self.clock.now(), due, self.fees.usual_cap);
        let fees = self.policy.fees.first(self.view.fees, cap);
        let nonce = self.next_nonce;
        let attempt = self.sign(&order.call, nonce, gas_limit, fees).await?;
        // crash: the signature is lost, the nonce is free
        self.failpoints.hit("after-sign")?;
        let transaction =
            NewTransaction { nonce, purpose: order.purpose, revoked: order.revoked, attempt };
        match self.store.prepare(self.lease, &transaction).await {
            Ok(_) => {}
            Err(StoreError::Conflict(why)) => {
                // another worker was first; the signed bytes never left this function
                tracing::warn!(batch.id = %order.purpose.batch(), why, "prepare lost a race");
                return Ok(false);
            }
            Err(error) => return Err(error.into()),
        }
        self.next_nonce += 1;
        self.pacing.blocked.remove(&order.purpose.batch());
        let attempt = &transaction.attempt;
        tracing::info!(
            batch.id = %order.purpose.batch(), purpose = order.purpose.name(), tx.nonce = nonce,
            tx.hash = %attempt.hash, max_fee = attempt.fees.max_fee, "transaction prepared"
        );
        // crash: the stored bytes are sent after the restart
        self.failpoints.hit("after-prepare")?;
        self.send(attempt).await?;
        Ok(true)
    }

    async fn blocked(&mut self, order: &Order, reason: BlockedReason) -> Done {
        let batch = order.purpose.batch();
        self.pause(batch);
        let purpose = order.purpose.name();
        tracing::error!(batch.id = %batch, purpose, %reason, "blocked: no transaction possible");
        if matches!(order.purpose, Purpose::Anchor { .. } | Purpose::Mint { .. }) {
            // crash: it is found to be blocked again
            self.failpoints.hit("before-block")?;
            self.store.block(self.lease, batch, reason, self.clock.now()).await?;
            self.failpoints.hit("after-block")?;
        }
        Ok(false)
    }

    /// Leaves a batch alone for a while, unless its transaction is prepared after all.
    pub(super) fn pause(&mut self, batch: BatchId) {
        let look = Look { head: self.view.head.block, at: self.clock.now() };
        self.pacing.blocked.insert(batch, look);
    }

    /// A key service that does not answer must not hold up, ten seconds each time, all that needs no
    /// signature; and one that throttles is not asked all the more.
    fn may_ask_key(&self) -> bool {
        self.pacing.key_failed.is_none_or(|failed_at| {
            !(0..ASK_KEY_AGAIN_AFTER_MS).contains(&self.clock.now().since(failed_at))
        })
    }

    async fn sign(
        &mut self,
        call: &ContractCall,
        nonce: u64,
        gas_limit: u64,
        fees: Fees,
    ) -> Result<Attempt, StepError> {
        let request = TransactionRequest { call: call.clone(), nonce, gas_limit, fees };
        let signed = self.key.sign(&request).await;
        let failed = matches!(signed, Err(SignError::Unavailable(_)));
        self.pacing.key_failed = failed.then(|| self.clock.now());
        if failed {
            metrics::counter!("ingam_key_failures_total").increment(1);
        }
        let SignedTransaction { hash, raw } = signed?;
        Ok(Attempt {
            hash,
            raw,
            gas_limit,
            fees,
            created_at: self.clock.now(),
            created_block: self.view.head.block.number,
        })
    }

    /// Stores a higher attempt of the same call and nonce, then sends it. Where none can be signed, the
    /// newest is sent again as it is.
    async fn bump(&mut self, live: &LiveTransaction, fees: Fees) -> Done {
        let Some(last) = live.attempts.last() else { return Ok(false) };
        let call = call_of(&last.raw)
            .map_err(|why| StoreError::Corrupt(format!("attempt {}: {why}", last.hash)))?;
        if !self.may_ask_key() {
            return self.send_newest(live).await;
        }
        let attempt = match self.sign(&call, live.nonce, last.gas_limit, fees).await {
            Ok(attempt) => attempt,
            Err(error) => {
                self.send_newest(live).await?;
                return Err(error);
            }
        };
        // crash: the signature is lost, and was never sent
        self.failpoints.hit("before-bump")?;
        self.store.bump(self.lease, live.id, &attempt).await?;
        tracing::info!(
            batch.id = %live.purpose.batch(), tx.nonce = live.nonce, tx.hash = %attempt.hash,
            max_fee = fees.max_fee, "fee raised"
        );
        // crash: the higher attempt is sent after the restart
        self.failpoints.hit("after-bump")?;
        self.send(&attempt).await?;
        Ok(true)
    }

    async fn send_newest(&mut self, live: &LiveTransaction) -> Done {
        let Some(newest) = live.attempts.last() else { return Ok(false) };
        self.send(newest).await?;
        Ok(true)
    }

    /// Sends stored bytes. Its result is a hint for pacing, never a change of state.
    async fn send(&mut self, attempt: &Attempt) -> Result<(), StepError> {
        let sent = self.chain.send(&attempt.raw).await;
        let answer = match &sent {
            Ok(_) => Answer::Taken,
            Err(SendError::Underpriced(_)) => Answer::Underpriced,
            Err(_) => Answer::Unclear,
        };
        let delivery = Delivery { head: self.view.head.block, at: self.clock.now(), answer };
        self.pacing.delivered.insert(attempt.hash, delivery);
        match sent {
            Ok(sent) => tracing::debug!(tx.hash = %attempt.hash, ?sent, "transaction sent"),
            Err(error) => tracing::warn!(tx.hash = %attempt.hash, %error, "sending failed"),
        }
        self.failpoints.hit("after-send")
    }
}

/// The call that stored bytes make.
fn call_of(raw: &[u8]) -> Result<ContractCall, String> {
    let decoded = chain::decode(raw).map_err(|error| error.to_string())?;
    let contract = decoded.to.ok_or("it creates a contract")?;
    ContractCall::from_input(contract, &decoded.input).map_err(|error| error.to_string())
}

/// A revocation has no promise; its fees escalate as if it had a day.
const REVOCATION_DEADLINE_MS: i64 = 24 * 3_600_000;
/// How long the key is left alone after it could not be used.
const ASK_KEY_AGAIN_AFTER_MS: i64 = 5_000;
