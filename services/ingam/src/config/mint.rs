//! `[mint]`

use chain::GasPerMint;
use domain::{MAX_MINT_BATCH, SealPolicy, SendTiming};
use serde::Deserialize;

use super::bounds::within;
use super::worker::timing;

/// When requests for tokens are cut into a mint batch. The badges themselves are anchored apart
/// from that, so none of this touches their promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct MintConfig {
    /// Cut as soon as this many wait.
    due_count: u64,
    /// The largest batch.
    max_count: u64,
    /// Cut when the oldest has waited this long and it can be sent.
    max_age_seconds: u32,
    /// At this age of a request it is sent whatever it costs; before, when fees are low.
    latest_first_send_seconds: u32,
    /// Between two first sends.
    min_interval_seconds: u32,
    /// From the request to the token, as aimed at.
    hours: u32,
    /// Cut when the nearest deadline is this near.
    deadline_lead_seconds: u32,
    /// What a mint is expected to cost beside its tokens, in gas.
    base_gas: u64,
    /// And for each token. A batch never becomes larger than `chain.fees.gas_cap` can carry by that.
    gas_per_token: u64,
}

/// Far above what any chain asks for; nothing is bounded by it but a slip of the keyboard.
const MOST_GAS: u64 = 10_000_000;

impl Default for MintConfig {
    fn default() -> Self {
        let GasPerMint { base, per_token } = GasPerMint::OWNERS_AS_CODE;
        Self {
            due_count: 256,
            max_count: MAX_MINT_BATCH,
            max_age_seconds: 6 * 3600,
            latest_first_send_seconds: 18 * 3600,
            min_interval_seconds: 2 * 3600,
            hours: 24,
            deadline_lead_seconds: 4 * 3600,
            base_gas: base,
            gas_per_token: per_token,
        }
    }
}

impl MintConfig {
    pub(super) fn check(&self) -> anyhow::Result<()> {
        within("mint.max_count", self.max_count, 1..=MAX_MINT_BATCH)?;
        within("mint.due_count", self.due_count, 1..=self.max_count)?;
        within("mint.hours", self.hours, 1..=24 * 7)?;
        within("mint.max_age_seconds", self.max_age_seconds, 0..=self.hours * 3600)?;
        let most = (self.hours * 3600).saturating_sub(self.deadline_lead_seconds);
        within("mint.latest_first_send_seconds", self.latest_first_send_seconds, 0..=most)?;
        within("mint.min_interval_seconds", self.min_interval_seconds, 0..=most)?;
        within("mint.base_gas", self.base_gas, 0..=MOST_GAS)?;
        within("mint.gas_per_token", self.gas_per_token, 1..=MOST_GAS)?;
        within("mint.deadline_lead_seconds", self.deadline_lead_seconds, 1..=self.hours * 3600)
    }

    /// What a mint is expected to cost.
    pub(crate) const fn gas_per_mint(&self) -> GasPerMint {
        GasPerMint { base: self.base_gas, per_token: self.gas_per_token }
    }

    /// For transactions with this gas cap.
    pub(crate) fn policy(&self, gas_cap: u64) -> SealPolicy {
        let max_count = self.max_count.min(self.gas_per_mint().most_tokens(gas_cap));
        SealPolicy {
            due_count: self.due_count.min(max_count),
            max_count,
            max_age_ms: i64::from(self.max_age_seconds) * 1000,
            deadline_lead_ms: i64::from(self.deadline_lead_seconds) * 1000,
        }
    }

    /// When mints are first sent.
    pub(crate) fn timing(&self) -> SendTiming {
        timing(self.latest_first_send_seconds, self.min_interval_seconds, self.promise_ms())
    }

    /// Within which a token should be minted.
    pub(crate) fn promise_ms(&self) -> i64 {
        i64::from(self.hours) * 3_600_000
    }
}
