//! A database that is older than the chain, or than the list of erasures: what is found at every
//! start, and how an administrator goes on from it.

use std::collections::HashMap;

use chain::{At, Chain};
use domain::{BatchState, Clock, Position, Signer, Stream, StreamId, StreamKind};
use proof::Timestamp;
use store::{Erasure, ErasureList, Halt, HaltReason, MAX_PAGE, OpenRequests, Store, StoreError};

use crate::halting::nonces_ahead;
use crate::{StepError, seal_unfinished};

/// Where a process starts from.
pub struct Restoring<'a> {
    pub store: &'a dyn Store,
    pub chain: &'a dyn Chain,
    pub clock: &'a dyn Clock,
}

/// What an adoption did, for people.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Adopted {
    pub lines: Vec<String>,
}

const WHAT_TO_DO: &str = "no badge is taken in and no transaction is begun on this chain; reads go \
    on. If a backup was restored, see deploy/runbooks/restore.md: stop the service, then \
    `ingam restore` with the erasure lists of all replicas, or start once with --adopt-nonce. If no \
    backup was restored, somebody else has the key: see deploy/runbooks/key-compromise.md";

impl Restoring<'_> {
    /// Erases again what was erased after the backup was made. Returns those of the list that this
    /// database never gave out.
    ///
    /// # Errors
    /// Database; a badge that cannot be erased though nothing is being sealed.
    pub async fn replay(&self, list: &ErasureList) -> Result<Vec<Position>, StepError> {
        for line in &list.unreadable {
            tracing::warn!(line, "a line of the erasure list is cut short or damaged");
        }
        let times: HashMap<Position, Timestamp> = list.erasures.iter().rev().copied().collect();
        let positions: Vec<Position> = times.keys().copied().collect();
        let mut present = Vec::new();
        for page in positions.chunks(MAX_PAGE as usize) {
            present.extend(self.store.present(page).await?);
        }
        if !present.is_empty() {
            seal_unfinished(self.store, self.clock).await?;
        }
        for position in &present {
            let at = times.get(position).copied().unwrap_or_else(|| self.clock.now());
            match self.store.erase_again(*position, at).await {
                // not found: another replica that starts now was first
                Ok(Erasure::Erased) | Err(StoreError::NotFound) => {}
                Ok(Erasure::BeingSealed) => {
                    let why = format!("badge {position}, to be erased again, is being sealed");
                    return Err(StoreError::Conflict(why).into());
                }
                Err(error) => return Err(error.into()),
            }
        }
        if !present.is_empty() {
            tracing::warn!(
                badges = present.len(),
                "erased again: they stood in the database, and in the erasure list"
            );
        }
        let next: HashMap<StreamId, Position> =
            self.store.streams().await?.iter().map(|view| (view.stream.id, view.next)).collect();
        let mut ahead: Vec<_> = positions
            .into_iter()
            .filter(|position| next.get(&position.stream()).is_none_or(|next| position >= next))
            .collect();
        ahead.sort_unstable();
        Ok(ahead)
    }

    /// Whether the database is older than what is known outside of it, and in what way. Of the signers
    /// only those in use count: the key of a former one may have been stolen.
    ///
    /// # Errors
    /// Database or chain.
    pub async fn find(
        &self,
        in_use: Option<&Signer>,
        ahead: &[Position],
    ) -> Result<Option<String>, StepError> {
        if let Some(position) = ahead.last() {
            let detail = format!(
                "badge {position} was erased, and this database never gave out that position"
            );
            return Ok(Some(detail));
        }
        let newest = match in_use {
            Some(signer) => Some(signer.clone()),
            None => self.signers().await?.pop(),
        };
        let Some(signer) = newest else { return Ok(None) };
        let next = self.store.signer_view(signer.id, 1).await?.next_nonce;
        let used = match self.chain.agreed_nonce(signer.address).await {
            Ok(used) => used,
            // too few nodes answer: that keeps nothing from starting unless one says that it is ahead
            Err(error) => match self.chain.nonce(signer.address, At::Head).await? {
                used if used > next => return Err(error.into()),
                used => used,
            },
        };
        Ok((used > next).then(|| nonces_ahead(&signer, used, next)))
    }

    /// Looks, and records a halt where the database is older; with `adopt`, goes on from where the
    /// chain is instead.
    ///
    /// # Errors
    /// Database or chain.
    pub async fn check(
        &self,
        in_use: Option<&Signer>,
        ahead: &[Position],
        adopt: bool,
    ) -> Result<(), StepError> {
        let chain_id = self.chain.chain_id();
        let found = self.find(in_use, ahead).await?;
        let halts = self.store.halts(chain_id).await?;
        let was_halted = halts.iter().any(|halt| halt.reason == HaltReason::Restored);
        // an empty database in place of a lost one: its positions were given out before, too
        let is_new = in_use.is_some_and(|signer| signer.base_nonce > 0)
            && self.store.counts().await?.positions == 0;
        if adopt && (found.is_some() || was_halted || is_new) {
            for line in self.adopt().await?.lines {
                tracing::warn!("adopted: {line}");
            }
            return Ok(());
        }
        if let Some(detail) = found {
            let since = self.clock.now();
            let halt = Halt { chain_id, reason: HaltReason::Restored, since, detail };
            self.store.halt(&halt).await?;
        }
        for halt in self.store.halts(chain_id).await? {
            if halt.reason == HaltReason::Restored {
                tracing::error!(since = %halt.since, "{}. {WHAT_TO_DO}", halt.detail);
            }
        }
        Ok(())
    }

    /// Takes unknown nonces for used, leaves out positions that may have been given out, and ends the
    /// halt. Each step is safe to repeat.
    ///
    /// # Errors
    /// Database or chain.
    pub async fn adopt(&self) -> Result<Adopted, StepError> {
        let (chain_id, now) = (self.chain.chain_id(), self.clock.now());
        let mut adopted = Adopted::default();
        for signer in self.signers().await? {
            // a gap that one node invented could never be filled
            let used = self.chain.agreed_nonce(signer.address).await?;
            if let Some(gap) = self.store.adopt_nonces(signer.id, used, now).await? {
                let (address, first, last) = (signer.address, gap.start, gap.end - 1);
                adopted.lines.push(format!("nonces {first} to {last} of signer {address}"));
            }
        }
        for view in self.store.streams().await? {
            let stream = view.stream;
            if stream.chain_id != chain_id {
                continue;
            }
            let requests = self.open_requests(&stream).await?;
            let skipped = self.store.skip_positions(stream.id, requests, now).await?;
            let (id, first, end) = (stream.id, skipped.start, skipped.end);
            adopted
                .lines
                .push(format!("stream {id} goes on at {end}; {first} and above are left out"));
            if requests == OpenRequests::Withdraw {
                adopted.lines.push(format!(
                    "requests for tokens that waited in stream {id} are withdrawn: its collection has \
                     batches that this database does not know"
                ));
            }
        }
        self.store.resume(chain_id, HaltReason::Restored, now).await?;
        self.store.resume(chain_id, HaltReason::Nonces, now).await?;
        Ok(adopted)
    }

    /// A collection with more batches than this database knows may have the tokens that wait.
    async fn open_requests(&self, stream: &Stream) -> Result<OpenRequests, StepError> {
        let StreamKind::Mint { collection } = stream.kind else { return Ok(OpenRequests::Keep) };
        let mut known = 0;
        let mut after = None;
        loop {
            let page = self.store.all_batches(after, MAX_PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            for batch in page.iter().filter(|batch| batch.stream == stream.id) {
                known += match (&batch.state, batch.seal()) {
                    (BatchState::Final { .. }, _) => 1,
                    (_, Some(seal)) => {
                        let minted =
                            self.chain.minted(collection, seal.commitment, At::Head).await?;
                        u64::from(minted.is_some())
                    }
                    (_, None) => 0,
                };
            }
        }
        let on_chain = self.chain.batch_count(collection).await?;
        Ok(if on_chain > known { OpenRequests::Withdraw } else { OpenRequests::Keep })
    }

    /// The signers of this chain, by id.
    async fn signers(&self) -> Result<Vec<Signer>, StepError> {
        let mut signers = self.store.signers().await?;
        signers.retain(|signer| signer.chain_id == self.chain.chain_id());
        Ok(signers)
    }
}
