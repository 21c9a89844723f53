//! `[seal]` and `[worker]`

use std::time::Duration;

use domain::{SealPolicy, SendTiming};
use serde::Deserialize;
use worker::Pace;

use super::bounds::within;

/// When open badges are cut into a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SealConfig {
    /// Cut as soon as this many wait; also the largest batch.
    max_count: u64,
    /// Cut when the oldest has waited this long and it can be sent.
    max_age_seconds: u32,
    /// At this age of a promise it is sent whatever it costs; before, when fees are low.
    latest_first_send_seconds: u32,
    /// Between two first sends.
    min_interval_seconds: u32,
    /// Cut when the nearest deadline is this near.
    deadline_lead_seconds: u32,
}

impl Default for SealConfig {
    fn default() -> Self {
        Self {
            max_count: 1_000_000,
            max_age_seconds: 3600,
            latest_first_send_seconds: 6 * 3600,
            min_interval_seconds: 3600,
            deadline_lead_seconds: 4 * 3600,
        }
    }
}

const DAY: u32 = 24 * 3600;

impl SealConfig {
    pub(super) fn check(&self) -> anyhow::Result<()> {
        within("seal.max_count", self.max_count, 1..=10_000_000)?;
        within("seal.max_age_seconds", self.max_age_seconds, 0..=7 * DAY)?;
        within("seal.deadline_lead_seconds", self.deadline_lead_seconds, 1..=7 * DAY)
    }

    /// The latest first send is early enough for promises of this length.
    pub(super) fn check_promise(&self, promise_ms: i64) -> anyhow::Result<()> {
        anyhow::ensure!(
            self.max_age_ms() < promise_ms,
            "seal.max_age_seconds is not below promise.hours: no promise could be kept"
        );
        let most = promise_ms / 1000 - i64::from(self.deadline_lead_seconds);
        let latest = i64::from(self.latest_first_send_seconds);
        anyhow::ensure!(
            latest == 0 || latest <= most,
            "seal.latest_first_send_seconds = {latest} leaves less than \
             seal.deadline_lead_seconds of promise.hours"
        );
        within("seal.min_interval_seconds", i64::from(self.min_interval_seconds), 0..=most.max(0))
    }

    /// When anchors are first sent, of promises of this length.
    pub(crate) fn timing(&self, promise_ms: i64) -> SendTiming {
        timing(self.latest_first_send_seconds, self.min_interval_seconds, promise_ms)
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

/// The cap on fees rises from the latest first send on.
pub(super) fn timing(latest: u32, interval: u32, promise_ms: i64) -> SendTiming {
    let latest_first_send_ms = i64::from(latest) * 1000;
    SendTiming {
        latest_first_send_ms,
        min_interval_ms: i64::from(interval) * 1000,
        escalate_before_ms: promise_ms.saturating_sub(latest_first_send_ms),
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
    /// The signer should be able to pay for this many usual days.
    pub(crate) funds_days: u32,
}

impl Default for WorkerConfig {
    fn default() -> Self {
        Self { idle_milliseconds: 1000, max_live_transactions: 8, funds_days: 14 }
    }
}

impl WorkerConfig {
    pub(super) fn check(&self) -> anyhow::Result<()> {
        within("worker.idle_milliseconds", self.idle_milliseconds, 10..=60_000)?;
        within("worker.max_live_transactions", self.max_live_transactions, 1..=64)?;
        within("worker.funds_days", self.funds_days, 1..=365)
    }

    pub(crate) const fn pace(&self) -> Pace {
        Pace {
            idle: Duration::from_millis(self.idle_milliseconds as u64),
            lease_renewal_ms: LEASE_RENEWAL_MS,
            lease_ttl_ms: LEASE_TTL_MS,
        }
    }
}
