//! `[seal]` and `[worker]`

use std::time::Duration;

use domain::SealPolicy;
use serde::Deserialize;
use worker::Pace;

use super::bounds::within;

/// When open badges are cut into a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SealConfig {
    /// Cut as soon as this many wait; also the largest batch.
    max_count: u64,
    /// Cut when the oldest has waited this long.
    max_age_seconds: u32,
    /// Cut when the nearest deadline is this near.
    deadline_lead_seconds: u32,
}

impl Default for SealConfig {
    fn default() -> Self {
        Self { max_count: 1_000_000, max_age_seconds: 3600, deadline_lead_seconds: 4 * 3600 }
    }
}

const DAY: u32 = 24 * 3600;

impl SealConfig {
    pub(super) fn check(&self) -> anyhow::Result<()> {
        within("seal.max_count", self.max_count, 1..=10_000_000)?;
        within("seal.max_age_seconds", self.max_age_seconds, 0..=7 * DAY)?;
        within("seal.deadline_lead_seconds", self.deadline_lead_seconds, 1..=7 * DAY)
    }

    pub(super) fn max_age_ms(&self) -> i64 {
        i64::from(self.max_age_seconds) * 1000
    }

    pub(crate) fn policy(&self) -> SealPolicy {
        SealPolicy {
            due_count: self.max_count,
            max_count: self.max_count,
            max_age_ms: self.max_age_ms(),
            deadline_lead_ms: i64::from(self.deadline_lead_seconds) * 1000,
        }
    }
}

/// Between two renewals of the signer's lease, and its life without one.
const LEASE_RENEWAL_MS: i64 = 5_000;
const LEASE_TTL_MS: i64 = 20_000;

/// How the worker paces itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct WorkerConfig {
    /// Wait between two rounds that found nothing to do.
    idle_milliseconds: u32,
    /// Transactions of the signer that may be live at once.
    pub(crate) max_live_transactions: usize,
}

impl Default for WorkerConfig {
    fn default() -> Self {
        Self { idle_milliseconds: 1000, max_live_transactions: 8 }
    }
}

impl WorkerConfig {
    pub(super) fn check(&self) -> anyhow::Result<()> {
        within("worker.idle_milliseconds", self.idle_milliseconds, 10..=60_000)?;
        within("worker.max_live_transactions", self.max_live_transactions, 1..=64)
    }

    pub(crate) const fn pace(&self) -> Pace {
        Pace {
            idle: Duration::from_millis(self.idle_milliseconds as u64),
            lease_renewal_ms: LEASE_RENEWAL_MS,
            lease_ttl_ms: LEASE_TTL_MS,
        }
    }
}
