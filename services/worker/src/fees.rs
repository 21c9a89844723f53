//! What a worker knows of fees: the stored samples and what they lead to expect, what a node said just
//! now, and what was already told to the operator.

mod absurd;
mod notes;
mod sampler;

use domain::{
    FEE_SLOT_MS, FeeHistory, FeeOutlook, FeeQuote, FeeSample, SealReason, StreamKind, StreamView,
};
use proof::{Address, Timestamp};
use store::{SignerView, Store, StoreError};

pub(crate) use absurd::AbsurdFees;
pub(crate) use notes::Notes;
pub use sampler::FeeSampler;

use crate::{FeeView, Policy, SealingStep, gathering, sending};

/// Kept and looked at.
pub(crate) const HISTORY_MS: i64 = 8 * 86_400_000;
/// Between two looks for a sample that is not stored yet.
const RELOAD_AFTER_MS: i64 = 30_000;
/// A base fee is asked for again after a block of the slowest chain.
const QUOTE_LASTS_MS: i64 = 12_000;

/// A node's answer, for as long as it says something.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RecentQuote(Option<(Timestamp, u128)>);

impl RecentQuote {
    pub(crate) const fn of(now: Timestamp, base_fee: u128) -> Self {
        Self(Some((now, base_fee)))
    }

    /// In wei per gas.
    pub(crate) fn base_fee(self, now: Timestamp) -> Option<u128> {
        let recent = |(at, _): &(Timestamp, u128)| (0..QUOTE_LASTS_MS).contains(&now.since(*at));
        self.0.filter(recent).map(|(_, base_fee)| base_fee)
    }
}

/// What a signer's desk remembers of fees.
#[derive(Default)]
pub(crate) struct SigningFees {
    quote: RecentQuote,
    absurd: AbsurdFees,
    pub(crate) notes: Notes,
}

impl SigningFees {
    /// The quote as far as it is believed.
    pub(crate) fn believed(
        &mut self,
        policy: &Policy,
        now: Timestamp,
        quote: FeeQuote,
    ) -> FeeQuote {
        let believed = self.absurd.believed(&policy.fees, quote);
        self.quote = RecentQuote::of(now, believed.base_fee);
        believed
    }

    /// Whether all that there is waits for cheaper blocks by a quote that is still good: no node needs
    /// to be asked in this round.
    pub(crate) fn all_wait(
        &self,
        now: Timestamp,
        view: &SignerView,
        policy: &Policy,
        fees: &FeeView,
    ) -> bool {
        let Some(base_fee) = self.quote.base_fee(now) else { return false };
        let waits = |it| !sending(now, it, policy, fees, Some(base_fee)).sends();
        view.live.is_empty() && view.revocations.is_empty() && view.waiting.iter().all(waits)
    }
}

/// The samples of one chain, read again as they come, and what follows from them.
#[derive(Default)]
pub(crate) struct FeeWatch {
    history: FeeHistory,
    loaded_at: Option<Timestamp>,
    /// Of which slot the outlook is.
    slot: Option<i64>,
    view: FeeView,
    quote: RecentQuote,
    absurd: AbsurdFees,
    notes: Notes,
}

impl FeeWatch {
    pub(crate) const fn view(&self) -> &FeeView {
        &self.view
    }

    /// Brings everything up to `now`, from the database alone.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn look(
        &mut self,
        store: &dyn Store,
        chain_id: u64,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let waited = self.loaded_at.map(|at| now.since(at));
        let is_due = waited.is_none_or(|waited| !(0..RELOAD_AFTER_MS).contains(&waited));
        let mut changed = false;
        if is_due && !self.history.has(now) {
            let samples = store.fee_samples(chain_id, now.plus_millis(-HISTORY_MS)).await?;
            self.history = samples.into_iter().collect();
            self.loaded_at = Some(now);
            changed = true;
        }
        let slot = FeeSample { at: now, base_fee: 0 }.slot();
        if changed || self.slot != Some(slot) {
            self.slot = Some(slot);
            self.view.outlook = FeeOutlook::at(now, &self.history);
            self.view.usual_cap = policy.fees.usual_cap(&self.view.outlook);
            notes::publish_outlook(policy, &self.view);
        }
        if policy.anchor_timing.min_interval_ms > 0 {
            self.view.last_anchor = store.last_first_send(chain_id, StreamKind::Anchor).await?;
        }
        if policy.mint_timing.min_interval_ms > 0 {
            self.view.last_mint = store.last_first_send(chain_id, MINT).await?;
        }
        Ok(())
    }

    /// Whether a step is taken because fees are low by the last sample, which may be five minutes old:
    /// then the chain is asked before badges are cut.
    pub(crate) fn rests_on_a_sample(steps: &[SealingStep]) -> bool {
        let by_fee = |step: &SealingStep| {
            matches!(step, SealingStep::Cut { reason: SealReason::LowFee, .. })
        };
        steps.iter().any(by_fee)
    }

    /// The base fee now; `None` while no node answers, so that nothing is taken for low.
    pub(crate) async fn ask(
        &mut self,
        chain: &dyn chain::Chain,
        policy: &Policy,
        now: Timestamp,
    ) -> Option<u128> {
        if let Some(base_fee) = self.quote.base_fee(now) {
            return Some(base_fee);
        }
        match chain.fee_quote().await {
            Ok(quote) => {
                let base_fee = self.absurd.believed(&policy.fees, quote).base_fee;
                self.quote = RecentQuote::of(now, base_fee);
                Some(base_fee)
            }
            Err(error) => {
                tracing::debug!(%error, "no base fee: badges gather on");
                None
            }
        }
    }

    /// Tells what became of the decision on each stream's open badges.
    pub(crate) fn note_gathering(
        &mut self,
        now: Timestamp,
        streams: &[StreamView],
        policy: &Policy,
        base_fee: Option<u128>,
    ) {
        let open = streams.iter().filter(|view| view.open() > 0);
        let decided = open.map(|view| {
            (view.stream.id, view.stream.kind, gathering(now, view, policy, &self.view, base_fee))
        });
        self.notes.gathering(decided.collect());
    }
}

/// Any collection.
const MINT: StreamKind = StreamKind::Mint { collection: Address([0; 20]) };

const _: () = assert!(RELOAD_AFTER_MS < FEE_SLOT_MS, "samples would be missed");
