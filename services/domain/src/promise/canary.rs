//! A badge of the service's own, sent now and then to see that all still works.

use proof::{Hash, Timestamp};

use crate::Position;

/// In whose name canaries are anchored: this service itself, no university. It is in no trust file.
pub const CANARY_ISSUER: &str = "did:ingam:canary";

/// Alone, a canary costs a transaction; then it waits for company this many intervals.
const ALONE_AFTER: i64 = 24;
/// But it never waits longer than this, in milliseconds.
const ALONE_AT_MOST_MS: i64 = 24 * 3_600_000;

/// One canary, from the intent to the verified proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Canary {
    pub id: i64,
    pub chain_id: u64,
    /// Random, drawn with the intent: however often it is submitted, it is one badge.
    pub digest: Hash,
    /// When it was intended.
    pub begun_at: Timestamp,
    /// `None` until it is accepted.
    pub position: Option<Position>,
    /// When its proof was verified; `None` until then.
    pub verified_at: Option<Timestamp>,
}

/// Whether to send the next one: each interval where badges wait that share its batch; by itself
/// only once in many intervals, at most a day, for an idle service should not spend money on looking
/// at itself. `last` is when the last one began, or the first look at the chain.
#[must_use]
pub fn canary_is_due(now: Timestamp, last: Timestamp, interval_ms: i64, company: bool) -> bool {
    let age = now.since(last);
    let alone = interval_ms.saturating_mul(ALONE_AFTER).min(ALONE_AT_MOST_MS).max(interval_ms);
    interval_ms > 0 && age >= if company { interval_ms } else { alone }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_an_interval_in_company_and_one_a_day_alone() {
        let hour = 3_600_000;
        let due = |age_ms: i64, interval_hours: i64, company| {
            let last = Timestamp::from_millis(1_772_357_400_000).unwrap();
            canary_is_due(last.plus_millis(age_ms), last, interval_hours * hour, company)
        };
        assert!(!due(hour - 1, 1, true) && due(hour, 1, true));
        assert!(!due(24 * hour - 1, 1, false) && due(24 * hour, 1, false));
        assert!(!due(24 * hour - 1, 6, false) && due(24 * hour, 6, false));
        assert!(due(48 * hour, 48, false) && !due(48 * hour - 1, 48, false));
        assert!(!due(1_000 * hour, 0, true), "0 is off");
    }
}
