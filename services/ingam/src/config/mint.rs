//! `[mint]`

use domain::{MAX_MINT_BATCH, SealPolicy};
use serde::Deserialize;

use super::bounds::within;

/// When requests for tokens are cut into a mint batch. The badges themselves are anchored apart
/// from that, so none of this touches their promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct MintConfig {
    /// Cut as soon as this many wait.
    due_count: u64,
    /// The largest batch.
    max_count: u64,
    /// Cut when the oldest has waited this long.
    max_age_seconds: u32,
    /// From the request to the token, as aimed at.
    hours: u32,
    /// Cut when the nearest deadline is this near.
    deadline_lead_seconds: u32,
}

impl Default for MintConfig {
    fn default() -> Self {
        Self {
            due_count: 256,
            max_count: MAX_MINT_BATCH,
            max_age_seconds: 6 * 3600,
            hours: 24,
            deadline_lead_seconds: 4 * 3600,
        }
    }
}

impl MintConfig {
    pub(super) fn check(&self) -> anyhow::Result<()> {
        within("mint.max_count", self.max_count, 1..=MAX_MINT_BATCH)?;
        within("mint.due_count", self.due_count, 1..=self.max_count)?;
        within("mint.hours", self.hours, 1..=24 * 7)?;
        within("mint.max_age_seconds", self.max_age_seconds, 0..=self.hours * 3600)?;
        within("mint.deadline_lead_seconds", self.deadline_lead_seconds, 1..=self.hours * 3600)
    }

    pub(crate) fn policy(&self) -> SealPolicy {
        SealPolicy {
            due_count: self.due_count,
            max_count: self.max_count,
            max_age_ms: i64::from(self.max_age_seconds) * 1000,
            deadline_lead_ms: i64::from(self.deadline_lead_seconds) * 1000,
        }
    }

    /// Within which a token should be minted.
    pub(crate) fn promise_ms(&self) -> i64 {
        i64::from(self.hours) * 3_600_000
    }
}
