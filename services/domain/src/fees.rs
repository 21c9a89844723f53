//! What to pay, when to send, and what to raise an alarm about, given the deadline. Pure; wei per
//! gas throughout.
//!
//! `history` keeps what the chain asked for, `outlook` says from it what may be expected, `timing`
//! whether to send now, `policy` at which fee, `alarm` who is told as a deadline comes near.

mod alarm;
mod history;
mod outlook;
mod policy;
mod timing;

#[cfg(test)]
mod outlook_tests;
#[cfg(test)]
mod timing_tests;

pub use alarm::FeeAlarm;
pub use history::{FEE_SLOT_MS, FeeHistory, FeeSample, MAX_BASE_FEE};
pub use outlook::FeeOutlook;
pub use policy::{AbsurdFee, Due, FeePolicy, OnCap};
pub use timing::{Decision, DecisionReason, SendTiming};

/// EIP-1559 fees of one attempt, in wei per gas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fees {
    pub max_fee: u128,
    pub max_priority_fee: u128,
}

/// What the chain asks now, in wei per gas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeeQuote {
    pub base_fee: u128,
    /// The node's suggestion; clamped by [`FeePolicy::max_priority_fee`].
    pub priority_fee: u128,
}
