//! `[chain.fees]`

use domain::{FeePolicy, OnCap};
use serde::Deserialize;

use super::bounds::within;

/// What may be paid. Amounts are wei per gas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FeeConfig {
    /// The cap until it rises, while there are less than two days of samples.
    usual_cap_wei: u64,
    /// The cap that the usual one doubles up to, hourly, as a deadline comes near.
    budget_cap_wei: u64,
    /// Largest priority fee of a first attempt; later ones rise from there.
    max_priority_fee_wei: u64,
    /// The signer signs no higher fee, whatever the policy says.
    signer_cap_wei: u64,
    /// The signer signs no higher gas limit.
    pub(crate) gas_cap: u64,
    /// Time before a deadline at which `on_cap` decides.
    decide_before_seconds: u32,
    /// Must be chosen.
    on_cap: Option<OnCapChoice>,
    /// Blocks without inclusion before the next attempt.
    bump_after_blocks: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OnCapChoice {
    BreachBudget,
    BreachPromise,
}

/// Revocations are sent at once, and for them the cap rises at once, up to a day.
const DAY_MS: i64 = 24 * 3_600_000;
const GWEI: u64 = 1_000_000_000;
/// A thousand times the highest fee that a main net has seen for a day.
const MAX_WEI: u64 = 1_000_000 * GWEI;

impl Default for FeeConfig {
    fn default() -> Self {
        Self {
            usual_cap_wei: 50 * GWEI,
            budget_cap_wei: 500 * GWEI,
            max_priority_fee_wei: 2 * GWEI,
            signer_cap_wei: 2_000 * GWEI,
            gas_cap: 10_000_000,
            decide_before_seconds: 3600,
            on_cap: None,
            bump_after_blocks: 5,
        }
    }
}

impl FeeConfig {
    pub(super) fn check(&self) -> anyhow::Result<()> {
        anyhow::ensure!(
            self.on_cap.is_some(),
            "chain.fees.on_cap must be chosen: \"breach_budget\" pays what it takes when a deadline \
             is near, \"breach_promise\" keeps to the budget and is late"
        );
        within("chain.fees.signer_cap_wei", self.signer_cap_wei, 1..=MAX_WEI)?;
        within("chain.fees.budget_cap_wei", self.budget_cap_wei, 1..=self.signer_cap_wei)?;
        within("chain.fees.usual_cap_wei", self.usual_cap_wei, 1..=self.budget_cap_wei)?;
        within("chain.fees.max_priority_fee_wei", self.max_priority_fee_wei, 0..=MAX_WEI)?;
        within("chain.fees.gas_cap", self.gas_cap, 50_000..=16_777_216)?;
        let week = 7 * 24 * 3600;
        within("chain.fees.decide_before_seconds", self.decide_before_seconds, 0..=week)?;
        within("chain.fees.bump_after_blocks", self.bump_after_blocks, 1..=10_000)
    }

    pub(crate) fn policy(&self) -> FeePolicy {
        FeePolicy {
            usual_cap: self.usual_cap_wei.into(),
            budget_cap: self.budget_cap_wei.into(),
            hard_cap: self.signer_cap_wei.into(),
            max_priority_fee: self.max_priority_fee_wei.into(),
            escalate_before_ms: DAY_MS,
            decide_before_ms: i64::from(self.decide_before_seconds) * 1000,
            on_cap: match self.on_cap {
                Some(OnCapChoice::BreachBudget) => OnCap::BreachBudget,
                // `check` refuses a file without a choice; of the two this one costs no money
                Some(OnCapChoice::BreachPromise) | None => OnCap::BreachPromise,
            },
            bump_after_blocks: self.bump_after_blocks,
        }
    }

    /// In wei per gas.
    pub(crate) const fn signer_cap(&self) -> u128 {
        self.signer_cap_wei as u128
    }
}
