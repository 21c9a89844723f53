//! Whether the signer can pay for what waits and for the days to come, so that somebody refills it
//! before anything is blocked. What is missing all the same blocks batches without a nonce, and they go
//! on by themselves.

use std::sync::Arc;
use std::time::Duration;

use chain::{Chain, GasPerMint};
use domain::{Clock, FeeQuote, Signer, StreamKind};
use store::{SignerView, Store};
use tokio_util::sync::CancellationToken;

use crate::StepError;

/// Between two looks.
const EVERY: Duration = Duration::from_secs(300);
const DAY_MS: i64 = 24 * 3_600_000;
/// Days that the usual use is taken from.
const PAST_DAYS: i64 = 7;
/// Waiting items of a kind that are counted.
const VIEW_LIMIT: u32 = 1_000;
/// Gas of an anchor or a revocation, for the forecast only: beyond what any chain asks today.
const PLAIN_GAS: u64 = 150_000;

/// What the forecast is made with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Forecast {
    /// What mints need on this chain.
    pub mint: GasPerMint,
    /// Of a first attempt, in wei per gas; a node may suggest as much as it likes.
    pub max_priority_fee: u128,
    /// The signer should be able to pay for this many days.
    pub days: u32,
}

/// What a signer has and needs, in wei.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Funds {
    pub balance: u128,
    /// What is on its way and what waits may cost.
    pub waiting: u128,
    /// What a usual day costs at the present price.
    pub per_day: u128,
}

/// How urgent it is to refill a signer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FundsLevel {
    /// For the days that were asked for.
    Enough,
    /// For a day at least.
    Low,
    /// For less: page.
    Short,
}

impl Funds {
    /// Whether that lasts `days`.
    #[must_use]
    pub fn level(&self, days: u32) -> FundsLevel {
        let for_days =
            |days: u32| self.waiting.saturating_add(self.per_day.saturating_mul(days.into()));
        if self.balance < for_days(1).max(1) {
            FundsLevel::Short
        } else if self.balance < for_days(days) {
            FundsLevel::Low
        } else {
            FundsLevel::Enough
        }
    }
}

/// Wei per gas that a first attempt offers now.
fn price(quote: FeeQuote, forecast: &Forecast) -> u128 {
    let tip = quote.priority_fee.min(forecast.max_priority_fee);
    quote.base_fee.saturating_mul(2).saturating_add(tip)
}

/// Wei that is bound by what is on its way, or that what waits may cost at this price.
fn waiting_cost(view: &SignerView, price: u128, forecast: &Forecast) -> u128 {
    let newest = view.live.iter().filter_map(|live| live.attempts.last());
    let bound = newest
        .map(|attempt| u128::from(attempt.gas_limit).saturating_mul(attempt.fees.max_fee))
        .fold(0, u128::saturating_add);
    let batches = view.waiting.iter().map(|waiting| match waiting.stream.kind {
        StreamKind::Anchor => PLAIN_GAS,
        StreamKind::Mint { .. } => {
            let tokens = waiting.batch.seal().map_or(waiting.batch.len(), |seal| seal.size);
            // the margin of an estimate
            forecast.mint.of(tokens).saturating_mul(5) / 4
        }
    });
    let revocations = view.revocations.iter().map(|_| PLAIN_GAS);
    let gas: u128 = batches.chain(revocations).map(u128::from).sum();
    bound.saturating_add(gas.saturating_mul(price))
}

/// Looks at the signer's balance from time to time.
pub struct BalanceWatch {
    pub store: Arc<dyn Store>,
    pub chain: Arc<dyn Chain>,
    pub clock: Arc<dyn Clock>,
    pub signer: Signer,
    pub forecast: Forecast,
}

impl BalanceWatch {
    /// Looks until `stop`.
    pub async fn run(&self, stop: CancellationToken) {
        loop {
            if let Err(error) = self.look().await {
                tracing::warn!(%error, "the balance was not read; it will be");
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    /// One look: publishes the figures, and says so when somebody has to refill.
    ///
    /// # Errors
    /// Chain or database did not answer.
    pub async fn look(&self) -> Result<FundsLevel, StepError> {
        let Self { signer, forecast, .. } = self;
        let funds = self.funds().await?;
        let level = funds.level(forecast.days);
        let labels = [("signer", signer.address.to_string())];
        metrics::gauge!("ingam_signer_balance_wei", &labels).set(funds.balance as f64);
        metrics::gauge!("ingam_signer_waiting_wei", &labels).set(funds.waiting as f64);
        metrics::gauge!("ingam_signer_day_wei", &labels).set(funds.per_day as f64);
        let short = f64::from(u8::from(level == FundsLevel::Short));
        metrics::gauge!("ingam_signer_funds_short", &labels).set(short);
        let Funds { balance, waiting, per_day } = funds;
        let address = signer.address;
        match level {
            FundsLevel::Enough => {}
            FundsLevel::Low => tracing::warn!(
                signer = %address, balance, waiting, per_day, days = forecast.days,
                "the signer's funds are low: refill it"
            ),
            FundsLevel::Short => tracing::error!(
                signer = %address, balance, waiting, per_day,
                "the signer's funds end within a day: refill it now"
            ),
        }
        Ok(level)
    }

    /// What the signer has and needs.
    ///
    /// # Errors
    /// Chain or database did not answer.
    pub async fn funds(&self) -> Result<Funds, StepError> {
        let Self { store, chain, signer, forecast, .. } = self;
        let now = self.clock.now();
        let price = price(chain.fee_quote().await?, forecast);
        let view = store.signer_view(signer.id, VIEW_LIMIT).await?;
        let week = store.gas_since(signer.chain_id, now.plus_millis(-PAST_DAYS * DAY_MS)).await?;
        let day = store.gas_since(signer.chain_id, now.plus_millis(-DAY_MS)).await?;
        let gas_per_day = day.max(week / PAST_DAYS.unsigned_abs());
        Ok(Funds {
            balance: chain.balance(signer.address).await?,
            waiting: waiting_cost(&view, price, forecast),
            per_day: u128::from(gas_per_day).saturating_mul(price),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn less_than_a_day_is_short_and_less_than_asked_for_is_low() {
        let level = |balance, waiting, per_day| Funds { balance, waiting, per_day }.level(14);
        assert_eq!(level(0, 0, 0), FundsLevel::Short, "an empty account is never enough");
        assert_eq!(level(1, 0, 0), FundsLevel::Enough);
        assert_eq!(level(109, 100, 10), FundsLevel::Short);
        assert_eq!(level(110, 100, 10), FundsLevel::Low);
        assert_eq!(level(239, 100, 10), FundsLevel::Low);
        assert_eq!(level(240, 100, 10), FundsLevel::Enough);
        assert_eq!(level(u128::MAX - 1, u128::MAX, 10), FundsLevel::Short);
    }
}
