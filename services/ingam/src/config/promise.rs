//! `[promise]`

use serde::Deserialize;

use super::bounds::within;

/// What receipts promise. A change holds for later badges only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PromiseConfig {
    /// From the learner's acceptance to the anchor.
    hours: u32,
    /// Least time that must be left when a badge comes in.
    min_lead_seconds: u32,
    /// New badges are refused while an open promise has less than this left.
    at_risk_seconds: u32,
    /// Between two badges of the service's own; 0: none.
    canary_hours: u32,
}

impl Default for PromiseConfig {
    fn default() -> Self {
        Self { hours: 24, min_lead_seconds: 2 * 3600, at_risk_seconds: 1800, canary_hours: 6 }
    }
}

impl PromiseConfig {
    pub(super) fn check(&self) -> anyhow::Result<()> {
        within("promise.hours", self.hours, 1..=24 * 7)?;
        within("promise.min_lead_seconds", self.min_lead_seconds, 1..=self.hours * 3600 - 1)?;
        // else one late submission would close intake for all
        let lead = self.min_lead_seconds;
        within("promise.at_risk_seconds", self.at_risk_seconds, 0..=lead - 1)?;
        within("promise.canary_hours", self.canary_hours, 0..=24 * 7)
    }

    pub(crate) fn length_ms(&self) -> i64 {
        i64::from(self.hours) * 3_600_000
    }

    pub(crate) fn min_lead_ms(&self) -> i64 {
        i64::from(self.min_lead_seconds) * 1000
    }

    pub(crate) fn at_risk_ms(&self) -> i64 {
        i64::from(self.at_risk_seconds) * 1000
    }

    pub(crate) fn canary_ms(&self) -> i64 {
        i64::from(self.canary_hours) * 3_600_000
    }
}
