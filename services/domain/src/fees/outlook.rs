//! What may be expected of the base fee, from what it was.

use proof::Timestamp;

use super::history::{FEE_SLOT_MS, FeeHistory, FeeSample, SLOTS_PER_DAY, slot_of};

const DAYS: i64 = 7;
/// Below two days of history nothing is expected of the same hours of other days.
const LEAST_SLOTS: i64 = 2 * SLOTS_PER_DAY;
/// A sample older than this many slots says nothing of now: one may be late, two are missing.
const FRESH_SLOTS: i64 = 2;

/// The history as it matters at one time; made anew with each slot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FeeOutlook {
    newest: Option<FeeSample>,
    /// For each of the last seven days the lowest fee since this time of that day, slot by slot;
    /// `None` while no sample was seen.
    lows: Vec<Vec<Option<u128>>>,
    /// Medians of the last day and of the last week.
    level: Option<(u128, u128)>,
    /// All samples of the week, in no order.
    week: Vec<u128>,
    usual_high: Option<u128>,
}

impl FeeOutlook {
    /// The outlook at `now`. Samples after `now` are not looked at.
    #[must_use]
    pub fn at(now: Timestamp, history: &FeeHistory) -> Self {
        let slot = slot_of(now);
        let since = |days: i64| slot - days * SLOTS_PER_DAY;
        let fees = |days| history.between(since(days), slot).map(|(_, fee)| fee).collect();
        let week: Vec<u128> = fees(DAYS);
        let day: Vec<u128> = fees(1);
        let newest = history.between(since(DAYS), slot).next_back();
        let newest = newest.filter(|(at, _)| slot - at <= FRESH_SLOTS).map(|(at, base_fee)| {
            FeeSample { at: Timestamp::default().plus_millis(at * FEE_SLOT_MS), base_fee }
        });
        let oldest = history.between(since(DAYS + 1), slot).next();
        let is_long = oldest.is_some_and(|(oldest, _)| slot - oldest >= LEAST_SLOTS);
        if !is_long {
            return Self { newest, week, ..Self::default() };
        }
        let median = |fees: Vec<u128>| quantile(fees, 500);
        Self {
            newest,
            lows: (1..=DAYS).map(|days| running_lows(history, since(days), slot)).collect(),
            level: median(day).zip(median(week.clone())),
            usual_high: quantile(week.clone(), 950),
            week,
        }
    }

    /// The base fee at `now`, when a sample is fresh.
    #[must_use]
    pub fn base_fee(&self) -> Option<u128> {
        self.newest.map(|sample| sample.base_fee)
    }

    /// Whether nothing at all is known of the last week.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.week.is_empty()
    }

    /// The lowest base fee to be expected within the next `window_ms` (a day at most counts): the
    /// median over the last seven days of the lowest in the same hours, scaled by the level of the
    /// last day. `None` with less than two days of history.
    #[must_use]
    pub fn expected_low(&self, window_ms: i64) -> Option<u128> {
        let slots = (window_ms / FEE_SLOT_MS).clamp(0, SLOTS_PER_DAY - 1) as usize;
        // yesterday's window ends with yesterday: what is not there yet is left out
        let low = |lows: &Vec<Option<u128>>| *lows.get(slots).or_else(|| lows.last())?;
        let lows: Vec<u128> = self.lows.iter().filter_map(low).collect();
        if lows.len() < 2 {
            return None;
        }
        let low = quantile(lows, 500)?;
        // after a day without samples the week's level is all there is
        let (day, week) = self.level.unwrap_or((1, 1));
        Some(low.saturating_mul(day).checked_div(week).unwrap_or(low))
    }

    /// The base fee that `permille` of the week's samples do not exceed.
    #[must_use]
    pub fn quantile(&self, permille: u32) -> Option<u128> {
        quantile(self.week.clone(), permille)
    }

    /// The base fee that 95 % of the week's samples do not exceed; `None` with less than two days of
    /// history.
    #[must_use]
    pub const fn usual_high(&self) -> Option<u128> {
        self.usual_high
    }
}

/// For each slot of the day after `from` and before `end`: the lowest fee since `from`.
fn running_lows(history: &FeeHistory, from: i64, end: i64) -> Vec<Option<u128>> {
    let last = (from + SLOTS_PER_DAY).min(end) - 1;
    let mut samples = history.between(from, last).peekable();
    let mut lowest: Option<u128> = None;
    (from..=last)
        .map(|slot| {
            if let Some((_, fee)) = samples.next_if(|(at, _)| *at == slot) {
                lowest = Some(lowest.map_or(fee, |lowest| lowest.min(fee)));
            }
            lowest
        })
        .collect()
}

/// The value that `permille` of them do not exceed; of an even number's middle the lower.
fn quantile(mut values: Vec<u128>, permille: u32) -> Option<u128> {
    let last = values.len().checked_sub(1)?;
    let index = last * permille.min(1000) as usize / 1000;
    Some(*values.select_nth_unstable(index).1)
}
