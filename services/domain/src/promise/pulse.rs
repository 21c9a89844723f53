//! What was last seen of a chain, as any process of the service saw it.

use proof::Timestamp;

/// A chain's clock is known only while its head moves: it moved within this long.
const LIVE_MS: i64 = 600_000;
/// How long before a new head another look must have been, for its time to tell the chain's clock.
const FRESH_MS: i64 = 120_000;
/// So many looks at a head that stands still, and the chain has no clock to be asked.
const QUIET_LOOKS: u32 = 30;

/// One look at a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// When, by the database's clock, or the host's where the database has none of its own.
    pub at: Timestamp,
    /// Whether whoever looks also anchors.
    pub by_worker: bool,
    /// What a node said; `None`: none did.
    pub seen: Option<Seen>,
}

/// Head and finalized block of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Number of the head.
    pub head: u64,
    /// Its time.
    pub head_time: Timestamp,
    /// Number of the highest block known to be final; 0, the genesis, where none is told.
    pub finalized: u64,
}

/// What all looks at a chain add up to. Times but `head_time` are those of the looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pulse {
    /// The first look of all.
    pub since: Timestamp,
    /// The last look.
    pub looked_at: Timestamp,
    /// The last look of a worker.
    pub worker_at: Option<Timestamp>,
    /// The last one that was answered.
    pub answered_at: Option<Timestamp>,
    /// The newest that was seen and not disproved since.
    pub seen: Option<Seen>,
    /// When the head was first as high as in `seen`.
    pub head_at: Option<Timestamp>,
    /// When the finalized block was first as high as in `seen`.
    pub finalized_at: Option<Timestamp>,
    /// The head's time minus that of the look that saw it first, in milliseconds; `None` when nobody
    /// had looked shortly before, so that the block may be older.
    pub offset_ms: Option<i64>,
    /// Looks since the head was last seen to move.
    pub quiet_looks: u32,
}

impl Seen {
    /// Whether this lower head shows that the one of `old` is none: no block is newer than those above
    /// it, nor from the future. A node that merely lags has an older block than what is known.
    fn disproves(self, old: Self, at: Timestamp) -> bool {
        self.head < old.head
            && (self.head_time > old.head_time || old.head_time.since(at) > LIVE_MS)
    }
}

impl Pulse {
    /// The pulse with one more look.
    #[must_use]
    pub fn after(earlier: Option<Self>, look: Look) -> Self {
        let Look { at, by_worker, seen } = look;
        let mut pulse = earlier.unwrap_or(Self {
            since: at,
            looked_at: at,
            worker_at: None,
            answered_at: None,
            seen: None,
            head_at: None,
            finalized_at: None,
            offset_ms: None,
            quiet_looks: 0,
        });
        let before = pulse.answered_at;
        pulse.looked_at = at;
        if by_worker {
            pulse.worker_at = Some(at);
        }
        pulse.quiet_looks = pulse.quiet_looks.saturating_add(1);
        let Some(new) = seen else { return pulse };
        pulse.answered_at = Some(at);
        let mut known = pulse.seen.unwrap_or(new);
        let disproved = |old: Seen| pulse.quiet_looks >= QUIET_LOOKS && new.disproves(old, at);
        if pulse.seen.is_none_or(|old| new.head > old.head || disproved(old)) {
            let fresh = before.is_some_and(|before| (0..=FRESH_MS).contains(&at.since(before)));
            pulse.offset_ms = fresh.then(|| new.head_time.since(at));
            pulse.head_at = Some(at);
            pulse.quiet_looks = 0;
            known = Seen { finalized: known.finalized, ..new };
        }
        // nothing is final above the head
        let outgrown = |old: Seen| new.finalized > old.finalized || old.finalized > known.head;
        if pulse.seen.is_none_or(outgrown) {
            pulse.finalized_at = Some(at);
            known.finalized = new.finalized;
        }
        pulse.seen = Some(known);
        pulse
    }

    /// The chain's time at `at`, while its blocks tell it.
    #[must_use]
    pub fn clock(&self, at: Timestamp) -> Option<Timestamp> {
        let age = at.since(self.head_at?);
        let offset = self.offset_ms.filter(|_| (0..LIVE_MS).contains(&age))?;
        Some(at.plus_millis(offset))
    }

    /// Whether the chain has said what time it is, or has been silent for so long that it will not.
    #[must_use]
    pub fn is_settled(&self, at: Timestamp) -> bool {
        self.clock(at).is_some() || self.quiet_looks >= QUIET_LOOKS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000).unwrap()
    }

    fn look(seconds: i64, head: u64, head_seconds: i64) -> Look {
        let seen = Seen { head, head_time: at(head_seconds), finalized: head.saturating_sub(4) };
        Look { at: at(seconds), by_worker: true, seen: Some(seen) }
    }

    fn silent(seconds: i64) -> Look {
        Look { at: at(seconds), by_worker: false, seen: None }
    }

    #[test]
    fn progress_is_dated_by_the_look_that_saw_it_first() {
        let pulse = Pulse::after(None, look(100, 7, 99));
        let pulse = Pulse::after(Some(pulse), look(110, 7, 99));
        assert_eq!((pulse.head_at, pulse.finalized_at), (Some(at(100)), Some(at(100))));
        assert_eq!(pulse.clock(at(110)), None, "the first block may be of any age");
        let pulse = Pulse::after(Some(pulse), look(120, 8, 119));
        assert_eq!((pulse.head_at, pulse.offset_ms), (Some(at(120)), Some(-1000)));
        assert_eq!(pulse.clock(at(130)), Some(at(129)));
        // a node that lags behind changes nothing
        let lagging = Pulse::after(Some(pulse), look(130, 6, 90));
        assert_eq!((lagging.seen, lagging.head_at), (pulse.seen, pulse.head_at));
        let silent = Pulse::after(Some(lagging), silent(140));
        assert_eq!((silent.looked_at, silent.answered_at), (at(140), Some(at(130))));
        assert_eq!((silent.worker_at, silent.since), (Some(at(130)), at(100)));
    }

    #[test]
    fn a_head_that_no_chain_has_is_outlived() {
        // with the time of its look, and with one as absurd as its number
        for absurd_seconds in [119, 1 << 32] {
            let mut pulse = Pulse::after(None, look(100, 7, 99));
            pulse = Pulse::after(Some(pulse), look(110, 8, 109));
            pulse = Pulse::after(Some(pulse), look(120, 1 << 32, absurd_seconds));
            for number in 1..=QUIET_LOOKS.into() {
                let seconds = 120 + 10 * number;
                pulse = Pulse::after(Some(pulse), look(seconds, 8 + number as u64, seconds - 1));
            }
            let taken = 120 + 10 * i64::from(QUIET_LOOKS);
            assert_eq!((pulse.head_at, pulse.finalized_at), (Some(at(taken)), Some(at(taken))));
            let new = look(taken + 10, 39, taken + 9);
            pulse = Pulse::after(Some(pulse), new);
            assert_eq!((pulse.seen, pulse.head_at), (new.seen, Some(at(taken + 10))));
            assert_eq!(pulse.clock(at(taken + 10)), Some(at(taken + 9)));
        }
    }

    #[test]
    fn finality_that_no_chain_has_is_outlived() {
        let with = |seconds: i64, finalized| {
            let seen = Seen { head: 8, head_time: at(99), finalized };
            Look { at: at(seconds), by_worker: true, seen: Some(seen) }
        };
        let mut pulse = Pulse::after(None, with(100, 4));
        pulse = Pulse::after(Some(pulse), with(110, 1 << 32));
        pulse = Pulse::after(Some(pulse), with(120, 5));
        assert_eq!(pulse.seen.unwrap().finalized, 5);
        // none is told
        pulse = Pulse::after(Some(pulse), with(130, 0));
        assert_eq!((pulse.seen.unwrap().finalized, pulse.finalized_at), (5, Some(at(120))));
    }

    #[test]
    fn a_halted_chain_does_not_move_though_a_node_lags() {
        let mut pulse = Pulse::after(None, look(100, 8, 99));
        for number in 1..=200 {
            let (head, time) = if number / 50 % 2 == 0 { (8, 99) } else { (7, 89) };
            pulse = Pulse::after(Some(pulse), look(100 + 10 * number, head, time));
        }
        assert_eq!((pulse.head_at, pulse.seen.unwrap().head), (Some(at(100)), 8));
    }

    #[test]
    fn a_head_that_stands_still_tells_no_time() {
        let mut pulse = Pulse::after(None, look(100, 7, 99));
        pulse = Pulse::after(Some(pulse), look(110, 8, 109));
        assert!(pulse.is_settled(at(110)));
        assert_eq!(pulse.clock(at(110 + 600)), None);
        assert!(!pulse.is_settled(at(110 + 600)));
        for number in 0..30 {
            pulse = Pulse::after(Some(pulse), silent(800 + number));
        }
        assert!(pulse.is_settled(at(900)));
    }

    #[test]
    fn after_a_jump_of_the_clock_the_chain_is_asked_twice() {
        let mut pulse = Pulse::after(None, look(100, 7, 99));
        pulse = Pulse::after(Some(pulse), look(110, 8, 109));
        let day = 86_400;
        pulse = Pulse::after(Some(pulse), look(day + 120, 9, 119));
        assert!(!pulse.is_settled(at(day + 120)));
        pulse = Pulse::after(Some(pulse), look(day + 130, 10, 129));
        assert_eq!(pulse.clock(at(day + 140)), Some(at(139)));
    }
}
