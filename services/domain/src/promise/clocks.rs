//! Three clocks, compared: the host's, the database's and the chain's.

use proof::Timestamp;

/// Clocks that differ by more than this are an alarm, in milliseconds. Blocks come late, and looks
/// are seconds apart.
pub const CLOCK_SPREAD_MS: i64 = 300_000;

/// What the clocks say at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clocks {
    /// Of this process; receipts carry it.
    pub host: Timestamp,
    /// Of the database server; `None` where the database is embedded.
    pub database: Option<Timestamp>,
    /// Of the chain, whose blocks decide whether a promise was kept; `None` while they do not tell.
    pub chain: Option<Timestamp>,
    /// `false` while the chain may yet say what time it is: nothing is noticed then that could
    /// prove to be another clock's mistake.
    pub settled: bool,
}

impl Clocks {
    fn others(&self) -> impl Iterator<Item = Timestamp> {
        self.database.into_iter().chain(self.chain)
    }

    /// No clock says that it is earlier: what is overdue by this is overdue by all.
    #[must_use]
    pub fn earliest(&self) -> Timestamp {
        self.others().fold(self.host, Timestamp::min)
    }

    /// No clock says that it is later: how much is left is counted from here.
    #[must_use]
    pub fn latest(&self) -> Timestamp {
        self.others().fold(self.host, Timestamp::max)
    }

    /// Between the two clocks that differ most, in milliseconds.
    #[must_use]
    pub fn spread_ms(&self) -> i64 {
        self.latest().since(self.earliest())
    }

    /// Whether somebody must look after a clock.
    #[must_use]
    pub fn disagree(&self) -> bool {
        self.spread_ms() > CLOCK_SPREAD_MS
    }

    /// How wrong a receipt made now might be, in milliseconds: how far the host is behind another
    /// clock, so that its deadlines come too early to be kept, or ahead of the database's. A chain
    /// that is behind the host is no reason: its node may only be catching up.
    #[must_use]
    pub fn receipt_error_ms(&self) -> i64 {
        let behind = self.latest().since(self.host);
        let ahead = self.database.map_or(0, |database| self.host.since(database));
        behind.max(ahead)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DAY_MS: i64 = 86_400_000;

    fn clocks(host: i64, database: Option<i64>, chain: Option<i64>) -> Clocks {
        let at = |millis| Timestamp::from_millis(10 * DAY_MS + millis).unwrap();
        let (host, database, chain) = (at(host), database.map(at), chain.map(at));
        Clocks { host, database, chain, settled: true }
    }

    #[test]
    fn a_day_is_seen_in_either_direction() {
        let behind = clocks(-DAY_MS, Some(0), Some(0));
        assert!(behind.disagree());
        assert_eq!(behind.receipt_error_ms(), DAY_MS);
        let ahead = clocks(DAY_MS, None, Some(0));
        assert!(ahead.disagree());
        assert_eq!(ahead.receipt_error_ms(), 0, "the node may be catching up");
        assert_eq!(clocks(DAY_MS, Some(0), None).receipt_error_ms(), DAY_MS);
        assert!(!clocks(0, Some(4_000), Some(-13_000)).disagree());
    }

    proptest! {
        #[test]
        fn no_clock_is_outside_of_earliest_and_latest(
            host in -DAY_MS..DAY_MS,
            database in proptest::option::of(-DAY_MS..DAY_MS),
            chain in proptest::option::of(-DAY_MS..DAY_MS),
        ) {
            let clocks = clocks(host, database, chain);
            let all = [Some(clocks.host), clocks.database, clocks.chain];
            for one in all.into_iter().flatten() {
                prop_assert!(clocks.earliest() <= one && one <= clocks.latest());
                prop_assert!(clocks.spread_ms() >= one.since(clocks.host).abs());
            }
            prop_assert!(clocks.receipt_error_ms() <= clocks.spread_ms());
        }
    }
}
