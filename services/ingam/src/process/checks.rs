//! What a process makes sure of before it takes anything in, and before it sends anything.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use chain::{Chain as _, ChainError};
use domain::{Position, Stream, StreamKind};
use proof::{Hash, ReceiptKey, TrustFile};
use store::ErasureJournal;
use worker::{Restoring, StepError};

use super::Process;
use crate::signer::ReadySigner;
use crate::{published_trust, signer, startup};

/// Between two tries while no node answers.
const TRY_EVERY: Duration = Duration::from_secs(5);

/// What a start finds in the database and beside it, without the chain.
pub(super) struct Found {
    pub(super) stream: Stream,
    /// The key that signs receipts, published and in force, with the file that says so; for the API.
    pub(super) receipts: Option<(Arc<ReceiptKey>, TrustFile)>,
    /// Erased badges whose positions this database never gave out.
    ahead: Vec<Position>,
}

/// Whether no node answered, as opposed to an answer that is a refusal.
pub(super) fn is_silence(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(ChainError::Retry(_)))
        || matches!(error.downcast_ref(), Some(StepError::Chain(ChainError::Retry(_))))
}

impl Process<'_> {
    /// An earlier start found this registry on its chain, and recorded it.
    pub(super) async fn ran_before(&self) -> anyhow::Result<bool> {
        let chain = &self.config.chain;
        let is_recorded = self.store.registries().await?.iter().any(|record| {
            (record.chain_id, record.address) == (chain.chain_id, chain.registry)
                && record.from_block == chain.registry_from_block
                && record.code_hash == Hash(chain.registry_code_hash.0)
        });
        let has_stream = self.store.streams().await?.iter().any(|view| {
            let stream = &view.stream;
            stream.kind == StreamKind::Anchor
                && (stream.chain_id, stream.registry) == (chain.chain_id, chain.registry)
        });
        Ok(is_recorded && has_stream)
    }

    /// The nodes are of the configured chain, and the registry is there and as configured.
    pub(super) async fn check_registry(&self) -> anyhow::Result<()> {
        let chain = &self.config.chain;
        let nodes = self.chain.check_nodes().await;
        nodes.with_context(|| format!("chain {}", chain.chain_id))?;
        let (reading, store) = (self.chain.as_ref(), self.store.as_ref());
        startup::check_registry(reading, store, chain, self.clock.now()).await
    }

    /// Brings the records up to date. Badges that a restored backup brought back are erased again
    /// before anything is served.
    pub(super) async fn read_database(&self) -> anyhow::Result<Found> {
        let (config, store, now) = (self.config, self.store.as_ref(), self.clock.now());
        let mut receipts = None;
        if self.role.has_api() {
            let (key, file) = published_trust::record(store, config, now).await?;
            published_trust::check_key(&file, &key.key_id(), now)?;
            receipts = Some((Arc::new(key), file));
        }
        let chain = &config.chain;
        let (service, promise_ms) = (&config.service.id, config.promise.length_ms());
        let stream = store.stream(chain.chain_id, chain.registry, service, promise_ms, now).await?;
        let list = ErasureJournal::read(&config.erasure_journal())?;
        let ahead = self.restoring().replay(&list).await?;
        Ok(Found { stream, receipts, ahead })
    }

    /// All that the chain is asked: registry, collections, signer, and whether the database is older
    /// than what was sent. Safe to repeat.
    ///
    /// # Errors
    /// Every refusal, and [silence](is_silence).
    pub(super) async fn check(&self, found: &Found) -> anyhow::Result<Option<ReadySigner>> {
        self.check_registry().await?;
        let (config, store, chain) = (self.config, self.store.as_ref(), self.chain.as_ref());
        if let Some((_, file)) = &found.receipts {
            let head = chain.head().await?.block.number;
            let (chain_id, registry) = (config.chain.chain_id, config.chain.registry);
            published_trust::check_registry(file, chain_id, registry, head)?;
        }
        let mut ready = None;
        if self.role.has_worker() {
            startup::check_collections(chain, store, &config.chain).await?;
            ready = Some(signer::ready(self.signing, config, chain, store).await?);
        }
        let in_use = ready.as_ref().map(|signer| &signer.row);
        self.restoring().check(in_use, &found.ahead, self.signing.adopt_nonce).await?;
        Ok(ready)
    }

    /// Repeats the checks until a node answers all of them.
    pub(super) async fn check_until_answered(
        &self,
        found: &Found,
    ) -> anyhow::Result<Option<ReadySigner>> {
        loop {
            tokio::time::sleep(TRY_EVERY).await;
            match self.check(found).await {
                Err(error) if is_silence(&error) => {
                    tracing::debug!("the chain is still silent: {error:#}");
                }
                ended => return ended,
            }
        }
    }

    fn restoring(&self) -> Restoring<'_> {
        let (chain, clock) = (self.chain.as_ref(), self.clock.as_ref());
        Restoring { store: self.store.as_ref(), chain, clock }
    }
}
